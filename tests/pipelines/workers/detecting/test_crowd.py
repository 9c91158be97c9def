"""Crowds that are learned from: of several sizes, and of other markets where a scenario allows it."""

from __future__ import annotations

from pipelines.workers.detecting.crowd import BYSTANDERS, CROWDS, DAY, SIZES, accompanied, families, learned_families, shaken, varied
from simulator.traders.registry import strategy
from simulator.world.scenario_files import load
from spark_jobs.detection.kinds import KINDS

SEEDS = range(2 * len(SIZES) * 6)


def test_days_are_laid_on_other_markets_with_those_who_know_them() -> None:
    days = load("surveillance_days")
    crowds = [varied(days, seed) for seed in SEEDS]
    assert {crowd.name for crowd in crowds} == {"surveillance_days", *CROWDS["surveillance_days"]}
    assert {crowd.session for crowd in crowds} == {days.session} and {crowd.steps for crowd in crowds} == {days.steps}
    assert all(any(population.trader == "close_trader" for population in crowd.populations) for crowd in crowds)


def test_deals_are_learned_from_other_markets_with_deals() -> None:
    crowds = [varied(load("surveillance_deals"), seed) for seed in SEEDS]
    assert {crowd.name for crowd in crowds} == {"surveillance_deals", *CROWDS["surveillance_deals"]}
    assert all(crowd.deals for crowd in crowds) and {crowd.agents for crowd in crowds} == {80, 160, 320}


def test_another_scenario_keeps_its_market() -> None:
    crowds = [varied(load("balanced"), seed) for seed in SEEDS]
    assert {(crowd.name, crowd.agents) for crowd in crowds} == {("balanced", 20), ("balanced", 40), ("balanced", 80)}


def test_a_shaken_crowd_has_other_habits_in_the_same_market_by_its_seed() -> None:
    days = load("surveillance_days")
    crowd = shaken(days, 7)
    assert crowd == shaken(days, 7) != shaken(days, 8)
    assert (crowd.symbols, crowd.session, crowd.agents) == (days.symbols, days.session, days.agents)
    assert abs(sum(population.share or 0.0 for population in crowd.populations) - 1) < 1e-9
    for before, after in zip(days.populations, crowd.populations, strict=True):
        assert before.trader == after.trader and before.parameters.keys() == after.parameters.keys()
        assert all(after.parameters[name] == before.parameters[name] for name in DAY if name in before.parameters)
        strategy(after.trader)(**after.parameters)
    assert any(before.parameters != after.parameters for before, after in zip(days.populations, crowd.populations, strict=True))


def test_some_runs_have_bystanders_that_look_like_manipulators_by_its_seed() -> None:
    market = load("surveillance")
    crowds = [accompanied(market, seed) for seed in SEEDS]
    assert crowds == [accompanied(market, seed) for seed in SEEDS]
    beside = [crowd.populations[len(market.populations) :] for crowd in crowds]
    assert any(not each for each in beside) and {group.trader for each in beside for group in each} == BYSTANDERS.keys()
    for groups in beside:
        assert len(groups) <= 2 and all(1 <= (group.count or 0) <= market.agents // 20 for group in groups)
        assert all(strategy(group.trader)(**group.parameters) for group in groups)


def test_where_there_are_deals_nobody_stands_by() -> None:
    deals = load("surveillance_deals")
    assert all(accompanied(deals, seed) is deals for seed in SEEDS)


def test_half_of_what_is_learned_from_has_those_beside_that_the_kind_is_taken_for() -> None:
    runs = [learned_families("momentum_ignition", 4, seed) for seed in range(160)]
    beside = [run for run in runs if len(run) == 3]
    assert len(beside) == 80 and all(sum(run.values()) <= 5 and run["momentum_ignition"] == 2 for run in beside)
    assert {list(run)[1] for run in beside} == set(KINDS["momentum_ignition"].alike)
    assert all(run == families("momentum_ignition", 4, seed) for seed, run in enumerate(runs) if run not in beside)


def test_a_kind_that_is_taken_for_no_other_learns_from_runs_as_any() -> None:
    assert all(learned_families("spoofing", 4, seed) == families("spoofing", 4, seed) for seed in range(32))
