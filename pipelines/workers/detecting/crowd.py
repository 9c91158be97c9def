"""The runs of a training or a scoring, spread over Dask: each is a task of its own and comes back as what a detector may keep of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import distributed
import msgspec

from pipelines.workers.detecting.runs import watched_run
from pipelines.workers.detecting.score import RunScore, published_rule, scored
from pipelines.workers.detecting.training import Seen, candidates_of, seen
from simulator.manipulators.infiltrated import joined
from simulator.manipulators.manipulator import Range
from simulator.seeding import generator
from simulator.traders.registry import MANIPULATORS, strategy
from simulator.world.scenario import Population, Scenario, from_builtins, to_builtins
from simulator.world.scenario_files import load
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.raising import raised

_dask: Any = distributed  # it says that it is typed, but most of it is not

CROWDS = {
    "surveillance": ("trading", "financial_market", "zero_intelligence"),
    "surveillance_days": ("trading", "financial_market", "zero_intelligence"),
    "surveillance_deals": ("energy_trading", "data_marketplace"),
}  # other markets to learn from, where a scenario is one of these
SIZES = (1.0, 2.0, 0.5)  # of the crowds that are learned from
BYSTANDERS: dict[str, dict[str, Range]] = {
    "touch_maker": {
        "back": Range(0, 1), "size": Range(2, 40, log=True), "tolerance": Range(0, 2), "fresh": Range(0.0, 1.0), "fade": Range(0.0, 0.5),
        "rest": Range(0, 40), "bound": Range(20.0, 200.0, log=True), "activity": Range(0.2, 1.0),
    },
    "breakout_trader": {
        "window": Range(10, 200, log=True), "band": Range(0.0, 4.0), "belief": Range(0.005, 0.3, log=True),
        "position": Range(5, 80, log=True), "size": Range(1, 20, log=True), "stop": Range(1.0, 12.0, log=True),
        "target": Range(2.0, 40.0, log=True), "hold": Range(20, 600, log=True), "offers": Range(0, 1), "activity": Range(0.3, 1.0),
    },
    "rebalancer": {
        "review": Range(20, 400, log=True), "window": Range(10, 250, log=True), "exposure": Range(0, 60), "trend": Range(-10.0, 20.0),
        "jump": Range(0.0, 40.0), "size": Range(1, 15, log=True), "band": Range(0.0, 6.0), "activity": Range(0.03, 1.0, log=True),
    },
}  # fmt: skip
"""Honest strategies that no scenario has and that look like manipulation, with the ranges of their numbers: some runs have some of them."""

BESIDE = 0.4  # share of runs with bystanders
DAY = ("session", "closing", "window")  # parameters that tell a strategy of the trading day
SHARE = 50  # agents for each manipulator: they are at most a fiftieth of a run's


def groups_of(scenario: Scenario) -> int:
    """How many manipulators a run has at most."""
    return max(1, scenario.agents // SHARE)


def seen_runs(client: Any, scenario: Scenario, kind: str, seeds: Sequence[int], clean: bool = False) -> Iterator[Seen]:
    """Candidates and truth of a run of each seed, as they are done; clean ones have no manipulators."""
    return results(client, _seen, [(to_builtins(scenario), kind, seed, clean) for seed in seeds])


def scored_runs(client: Any, scenario: Scenario, model: Path, seeds: Sequence[int], clean: bool) -> Iterator[tuple[RunScore, RunScore]]:
    """How the detector and the published rule did in a run of each seed, as they are done."""
    return results(client, _scored, [(to_builtins(scenario), str(model), seed, clean) for seed in seeds])


def results(client: Any, task: Any, arguments: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
    """What a task makes of each of the arguments, as they are done."""
    futures = [client.submit(task, *given, pure=False) for given in arguments]
    for future in _dask.as_completed(futures):
        yield future.result()
        future.release()


def families(kind: str, groups: int, seed: int) -> dict[str, int]:
    """Who manipulates in a run: those of the kind alone, in every other run half of them with another family beside."""
    if seed % 2 == 0 or groups < 2:
        return {kind: groups}
    others = [name for name in MANIPULATORS if name != kind]
    return {kind: groups - groups // 2, others[seed // 2 % len(others)]: groups // 2}


def learned_families(kind: str, groups: int, seed: int) -> dict[str, int]:
    """Who manipulates in a run that is learned from: as in any other, or in half of the runs beside one it is taken for, and any one."""
    alike = KINDS[kind].alike
    if not alike or seed // 8 % 2 == 0 or groups < 2:
        return families(kind, groups, seed)
    chance = generator(seed, "alike")
    taken_for = str(chance.choice(alike))
    other = str(chance.choice([name for name in MANIPULATORS if name not in (kind, taken_for)]))
    return {kind: groups // 2, taken_for: groups // 2, other: max(1, groups // 4)}


def varied(scenario: Scenario, seed: int) -> Scenario:
    """The crowd of a run that is learned from: what is learned from one alone is wrong in another.

    It has as many agents, twice or half as many; half of the runs of a scenario in CROWDS are in another market instead, with its days.
    """
    number, size = divmod(seed // 2, len(SIZES))
    others = CROWDS.get(scenario.name, ())
    market = scenario.with_agents(round(scenario.agents * SIZES[size]))
    if not others or number % 2 == 0:
        return market
    other = msgspec.structs.replace(load(others[number // 2 % len(others)]), steps=scenario.steps).with_agents(market.agents)
    return _by_day(other, scenario) if scenario.session else other


def shaken(scenario: Scenario, seed: int) -> Scenario:
    """The market with other habits: each number of its strategies, how often they look and how many they are, up to twice or half as much.

    Numbers that a strategy refuses stay as they were, and so do those of its day.
    """
    chance = generator(seed, "crowd")

    def changed(population: Population) -> Population:
        given = {name: _shaken(value, chance.uniform(-1, 1)) for name, value in population.parameters.items() if name not in DAY}
        try:
            strategy(population.trader)(**(population.parameters | given))
        except ValueError:
            given = {}
        often = min(1.0, population.activity * 2 ** chance.uniform(-1.5, 1.5))
        share = population.share and population.share * 2 ** chance.uniform(-1, 1)
        return msgspec.structs.replace(population, parameters=population.parameters | given, activity=often, share=share)

    populations = [changed(population) for population in scenario.populations]
    shares = sum(population.share or 0.0 for population in populations)
    scaled = [msgspec.structs.replace(each, share=each.share and each.share / shares) for each in populations]
    return msgspec.structs.replace(scenario, populations=tuple(scaled))


def _shaken(value: Any, doublings: float) -> Any:
    """A number times a power of two: whole ones stay whole and above 0, shares stay shares."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if isinstance(value, int):
        return max(1, round(value * 2**doublings)) if value > 0 else value
    return min(1.0, value * 2**doublings) if 0 <= value <= 1 else value * 2**doublings


def accompanied(scenario: Scenario, seed: int) -> Scenario:
    """The market with bystanders in some runs, one or two groups of them with numbers of their own; where there are deals with none."""
    chance = generator(seed, "bystanders")
    if scenario.deals or chance.random() >= BESIDE:
        return scenario
    names = chance.choice(list(BYSTANDERS), size=int(chance.integers(1, 3))).tolist()
    return joined(scenario, [_bystanders(name, chance, most=scenario.agents // 20) for name in names])


def _bystanders(name: str, chance: Any, most: int) -> Population:
    """A group of a strategy, up to so many."""
    numbers = {parameter: found.at(float(chance.random())) for parameter, found in BYSTANDERS[name].items()}
    return Population(trader=name, count=int(chance.integers(1, most + 1)), parameters=numbers)


def _by_day(market: Scenario, scenario: Scenario) -> Scenario:
    """A market in the days of a scenario, with those among the scenario's agents who know them."""
    known = [population for population in scenario.populations if "session" in population.parameters]
    counted = [msgspec.structs.replace(each, share=None, count=round(market.agents * (each.share or 0.0))) for each in known]
    return joined(msgspec.structs.replace(market, session=scenario.session), counted)


def _seen(scenario: dict[str, Any], kind: str, seed: int, clean: bool) -> Seen:
    """Half of the runs have the families' wider ranges, and half of those and of the others a crowd with other habits; some bystanders."""
    market, turn = varied(from_builtins(scenario), seed), seed // 2
    market = accompanied(shaken(market, seed) if turn // 2 % 2 else market, seed)
    manipulators = {} if clean else learned_families(kind, groups_of(market), seed)
    return seen(watched_run(market, manipulators, seed, wider=turn % 2 == 0), kind)


def _scored(scenario: dict[str, Any], model: str, seed: int, clean: bool) -> tuple[RunScore, RunScore]:
    forest = Forest.load(Path(model))
    kind = forest.about["kind"]
    market = from_builtins(scenario)
    run = watched_run(market, {} if clean else families(kind, groups_of(market), seed), seed)
    candidates = candidates_of(run, kind)
    return scored(run, list(raised(forest, 0, candidates)), kind), scored(run, published_rule(candidates, kind), kind)
