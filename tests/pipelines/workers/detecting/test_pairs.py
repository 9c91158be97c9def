"""Pairs of agents by falling suspicion, and what is learned about them."""

from __future__ import annotations

from itertools import combinations

import msgspec
import numpy as np
import pytest

from pipelines.workers.detecting.pairs import Lesson, Ranked, accompanied, agreed, learned, lesson, pair_precision, ranked
from pipelines.workers.detecting.runs import WatchedRun, watched_run
from simulator.seeding import generator
from simulator.world.scenario_files import load
from spark_jobs.detection.pairs.features import FEATURES
from spark_jobs.detection.pairs.ranking import read_pairs_model


def test_pairs_of_all_runs_are_ranked_together() -> None:
    assert pair_precision([Ranked([0.9, 0.2], [True, False], 1), Ranked([0.8], [True], 1)]) == 1.0
    assert pair_precision([Ranked([0.9, 0.2], [False, True], 1)]) == 0.5
    assert pair_precision([Ranked([0.9], [True], 2)]) == 0.5, "one is not looked at"


@pytest.fixture(scope="module")
def run() -> WatchedRun:
    return watched_run(msgspec.structs.replace(load("surveillance_deals"), steps=4000), {"cartel": 3}, 300_002)


@pytest.mark.slow
def test_members_of_a_cartel_come_first(run: WatchedRun) -> None:
    found, never = ranked(run, read_pairs_model(), least=5), ranked(run, read_pairs_model(), least=10**6)
    assert found.pairs > 0 and pair_precision([found]) > 0.5
    assert never.pairs == 0 and not any(never.right), "they are neither right nor wrong"
    assert len(never.right) + len(agreed(run)) == len(found.right) + len([one for one, times in agreed(run).items() if times < 5])


@pytest.mark.slow
def test_a_lesson_is_of_pairs_that_agreed_often_and_of_others() -> None:
    market = load("surveillance_deals")
    one, again = (lesson(market, 1) for _ in range(2))
    assert one.features.shape == (len(one.right), len(FEATURES)) and 0 < one.right.sum() < len(one.right) / 10
    assert np.array_equal(one.features, again.features) and np.array_equal(one.right, again.right)


def test_honest_groups_are_joined_to_the_market() -> None:
    market = load("surveillance_deals")
    more = [accompanied(market, generator(seed, "test")).populations[len(market.populations) :] for seed in range(6)]
    assert len({len(groups) for groups in more}) > 1 and all(group.linked for groups in more for group in groups)
    assert {group.count for groups in more for group in groups} == {2, 3, 4, 5}


def test_what_is_learned_tells_those_pairs_from_others() -> None:
    chance = generator(5, "test")
    rows, right = chance.normal(size=(2000, len(FEATURES))), np.arange(2000) % 20 == 0
    rows[right, 3] += 4.0
    forest = learned([Lesson(0, rows[:1000], right[:1000])], {"seeds": [0, 1]})
    scores = forest.scores(rows[1000:])
    assert forest.about["kind"] == "cartel_pairs" and (forest.about["pairs"], forest.about["others"]) == (50, 950)
    assert np.median(scores[right[1000:]]) > 10 * np.median(scores[~right[1000:]])
    with pytest.raises(ValueError, match="no pair of 1 runs agreed 5 times; learn from more runs"):
        learned([Lesson(0, rows, np.zeros(2000, np.bool_))], {})


def test_agreements_are_counted_by_two(run: WatchedRun) -> None:
    agents = {agent for each in run.truth for agent in each.agents}
    assert set(agreed(run)) <= set(combinations(sorted(agents), 2)) and max(agreed(run).values()) > 3
