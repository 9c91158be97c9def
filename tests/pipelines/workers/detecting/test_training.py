"""A detector of spoofing that is trained on some markets finds it in others, whose manipulators have other numbers."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from pipelines.workers.detecting.runs import WatchedRun, truth_of, watched_run
from pipelines.workers.detecting.training import Seen, Wanted, is_right, precision_and_recall, seen, trained
from simulator.manipulators.infiltrated import infiltrated
from simulator.world.scenario import Scenario
from simulator.world.scenario_files import load
from simulator.world.world import World
from spark_jobs.detection.pressure import FEATURES, WIDTH
from spark_jobs.detection.raising import Raiser, raised
from spark_jobs.detection.scoring import Incident

SHORT: Scenario = msgspec.structs.replace(load("trading").with_agents(40), steps=4000)
KIND = "spoofing"


def run(seed: int, groups: int = 3) -> WatchedRun:
    return watched_run(SHORT, {KIND: groups} if groups else {}, seed)


def test_a_run_shows_orders_and_keeps_the_truth_apart() -> None:
    found = run(3)
    assert found.hours == pytest.approx(4000 * 0.1 / 3600) and len(found.public.orders.kind) > 10_000
    assert {episode.kind for episode in found.truth} == {KIND} and len({episode.agents for episode in found.truth}) == 3
    assert run(3, groups=0).truth == []


def test_agents_of_one_episode_are_one_incident() -> None:
    world = World(infiltrated(SHORT, ["wash_trading"], 2, 1), 0, 2)
    for _ in world.chunks(2000):
        pass
    truth = truth_of(world)
    assert truth and all(len(episode.agents) >= 2 for episode in truth)
    assert len({(episode.first_step, episode.agents) for episode in truth}) == len(truth)


def test_a_candidate_is_right_if_it_began_within_an_episode_of_its_agent() -> None:
    candidates = np.zeros((4, WIDTH))
    candidates[:, :4] = [(7, 0, 10, 12), (7, 0, 5, 12), (8, 0, 10, 12), (7, 0, 21, 22)]
    truth = [Incident(KIND, frozenset([7]), 0, 9, 20)]
    assert is_right(Seen(1, 1.0, candidates, truth)).tolist() == [True, False, False, False]


def test_one_event_of_a_series_is_right_if_it_is_within_an_episode_of_both() -> None:
    candidates = np.zeros((4, WIDTH))
    candidates[:, :4] = [(7, 8, 2, 12), (7, 9, 10, 12), (7, 8, 15, 22), (8, 7, 10, 20)]
    truth = [Incident(KIND, frozenset([7, 8]), 0, 9, 20)]
    assert is_right(Seen(1, 1.0, candidates, truth), pairs=True, series=True).tolist() == [True, False, False, True]


@pytest.mark.slow
def test_it_finds_spoofing_that_it_never_saw() -> None:
    learned, held_out, fresh = ([seen(run(seed), KIND) for seed in seeds] for seeds in (range(6), range(20, 23), range(40, 43)))
    forest = trained(KIND, FEATURES, learned, held_out, Wanted(0.9), {"seeds": [6]})
    reached = forest.about.pop("reached")
    assert forest.about == {"kind": KIND, "features": list(FEATURES), "seeds": [6]}
    assert reached["precision"] >= 0.9 and reached["recall"] > 0.5 and reached["false_per_hour"] is None
    scores = [Raiser(KIND, 0).scores(forest, found.candidates) for found in fresh]
    precision, recall, agents = precision_and_recall(forest, fresh, scores)
    assert precision > 0.8 and recall > 0.5 and agents > 0.5
    clean = seen(run(60, groups=0), KIND)
    assert len(list(raised(forest, 0, clean.candidates))) <= 2
    strict = trained(KIND, FEATURES, learned, [*held_out, clean], Wanted(0.9, 0.0), {})
    assert strict.threshold >= forest.threshold and not list(raised(strict, 0, clean.candidates))
    with pytest.raises(ValueError, match="no threshold keeps to a precision of 1.5"):
        trained(KIND, FEATURES, learned[:2], held_out, Wanted(1.5), {})
    with pytest.raises(ValueError, match="no candidate of 1 runs belongs to an episode of spoofing"):
        trained(KIND, FEATURES, [clean], held_out, Wanted(), {})


def test_a_second_alert_on_the_same_agent_needs_a_new_window() -> None:
    candidates = np.zeros((5, WIDTH))
    candidates[:, :4] = [(7, 0, 10, 10), (7, 0, 10, 20), (7, 1, 12, 20), (7, 0, 22, 25), (8, 0, 11, 13)]
    scores = np.array([0.9, 0.9, 0.9, 0.9, 0.4])
    found = list(Raiser(KIND, 0).of_scored(candidates, scores, 0.5))
    assert [(set(each.agents), each.first_step, each.raised_step) for each in found] == [({7}, 10, 10), ({7}, 22, 25)]
