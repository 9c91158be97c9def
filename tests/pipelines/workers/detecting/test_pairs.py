"""Pairs of agents by falling suspicion."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from pipelines.workers.detecting.pairs import BEST, Ranked, pair_precision, ranked, suspicions
from pipelines.workers.detecting.runs import WatchedRun, watched_run
from simulator.world.scenario_files import load
from spark_jobs.detection.cartels import FEATURES
from spark_jobs.detection.columns import Array


class ByOverlap:
    """Stands for a model: the more auctions two share, the worse."""

    def scores(self, rows: Array) -> Array:
        at = {name: rows[:, FEATURES.index(name)] for name in ("auction", "overlap", "occasions")}
        return np.asarray(at["auction"] * at["overlap"] * np.minimum(at["occasions"] / 10, 1.0))


def test_pairs_of_all_runs_are_ranked_together() -> None:
    assert pair_precision([Ranked([0.9, 0.2], [True, False], 1), Ranked([0.8], [True], 1)]) == 1.0
    assert pair_precision([Ranked([0.9, 0.2], [False, True], 1)]) == 0.5
    assert pair_precision([Ranked([0.9], [True], 2)]) == 0.5, "one has no candidate"


@pytest.fixture(scope="module")
def run() -> WatchedRun:
    return watched_run(msgspec.structs.replace(load("surveillance_deals"), steps=4000), {"cartel": 3}, 300_002)


@pytest.mark.slow
def test_those_who_are_mostly_together_come_first(run: WatchedRun) -> None:
    model: Any = ByOverlap()
    few, many = ranked(run, model, least=5), ranked(run, model, least=10**6)
    assert few.pairs > 0 and pair_precision([few]) > 0.2
    assert many.pairs == 0 and not any(many.right) and len(many.scores) < len(suspicions(run, model)), "neither right nor wrong"


@pytest.mark.slow
def test_a_single_good_candidate_is_not_enough(run: WatchedRun) -> None:
    model: Any = ByOverlap()
    assert max(suspicions(run, model).values()) <= 1.0 and min(suspicions(run, model).values()) < 1.0 / BEST
