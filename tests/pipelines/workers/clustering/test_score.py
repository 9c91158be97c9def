"""Scores of groups whose answer is known."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from pipelines.workers.clustering.runs import Grouped
from pipelines.workers.clustering.score import agreement, confused, kept, matched_f1, scores, supervised, switches_per_hour
from spark_jobs.clustering.features import FEATURES
from spark_jobs.gold import agent_clusters, agent_features

TYPES = np.array(["noise"] * 4 + ["maker"] * 2)


def run(clusters: list[list[int]], seed: int = 0, types: np.ndarray = TYPES, hours: float = 2.0) -> Grouped:
    """A run of windows, in each of which these agents are in these groups; the first feature tells their strategies apart."""
    same = {"run_id": "", "world_id": 0, "symbol": 0, "clusters": 2, "fit": 0.9, "card": ""} | dict.fromkeys(FEATURES, 0.0)
    rows = [
        same | {"window": window, "agent": agent, "cluster": cluster, "order_rate": float(types[agent] == "noise")}
        for window, found in enumerate(clusters)
        for agent, cluster in enumerate(found)
    ]
    tables = (pa.Table.from_pylist(rows, schema=schema) for schema in (agent_features.SCHEMA, agent_clusters.SCHEMA))
    return Grouped(seed, *tables, np.tile(types, len(clusters)), hours)


def test_the_same_groups_score_one_whatever_their_numbers() -> None:
    assert agreement(TYPES, np.array([7, 7, 7, 7, 3, 3])) == (1, 1, pytest.approx(1), 1, 2, 2)
    assert agreement(TYPES, np.zeros(6, np.int64)).ari == 0


def test_f1_matches_each_strategy_to_one_group() -> None:
    assert matched_f1(TYPES, np.array([0, 0, 0, 1, 1, 1])) == pytest.approx((6 / 7 + 4 / 5) / 2)
    assert matched_f1(TYPES, np.zeros(6, np.int64)) == pytest.approx((8 / 10 + 0) / 2)


def test_windows_are_scored_apart() -> None:
    found = scores([run([[0, 0, 0, 0, 1, 1], [1, 1, 1, 1, 0, 0]])])
    assert [each.ari for each in found] == [1.0]


def test_who_lies_among_others_is_confused_with_them() -> None:
    assert confused([run([[0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 1, 1]])]) == {"maker": {"noise": 0.25}}
    assert confused([run([[0, 0, 1, 1, 2, 2]])]) == {}


def test_numbers_that_are_kept() -> None:
    assert kept([run([[0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 1, 0]])]) == pytest.approx(5 / 6)
    assert kept([run([[0] * 6])]) is None


def test_trees_learn_on_other_runs() -> None:
    assert supervised([run([[0] * 6], seed) for seed in range(5)]) == 1.0
    assert supervised([run([[0] * 6])]) is None


def test_changes_count_by_the_hour() -> None:
    crowd = np.array(["noise"] * 12)
    still, moved = [0] * 6 + [1] * 6, [1] + [0] * 5 + [1] * 6
    assert switches_per_hour([run([still, still, moved, moved], types=crowd)]) == 0.5
    assert switches_per_hour([run([still] * 4, types=crowd)]) == 0.0
