"""Planted changes of strategy."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipelines.workers.clustering.planted import Found, found, rotated
from pipelines.workers.clustering.runs import Grouped
from spark_jobs.clustering.features import FEATURES
from spark_jobs.gold import agent_clusters, agent_features

KINDS = np.repeat(["arbitrage", "maker", "noise"], [6, 8, 20])


def run(windows: int = 6) -> Grouped:
    """Three strategies that lie apart."""
    chance = np.random.default_rng(1)
    centres = dict(zip(np.unique(KINDS), np.random.default_rng(2).normal(0, 2, (3, len(FEATURES))), strict=True))
    rows = [
        {"run_id": "", "world_id": 0, "symbol": 0, "window": window, "agent": agent}
        | dict(zip(FEATURES, (centres[kind] + chance.normal(0, 0.3, len(FEATURES))).tolist(), strict=True))
        for window in range(windows)
        for agent, kind in enumerate(KINDS)
    ]
    features = pa.Table.from_pylist(rows, schema=agent_features.SCHEMA)
    return Grouped(1, features, agent_clusters.transform(features), np.tile(KINDS, windows), 1.0)


def test_every_planted_change_is_raised_once() -> None:
    assert found([run()]) == Found(planted=3, raised=3, right=3)


def test_agents_behave_as_the_next_one_from_a_window_on() -> None:
    before = run(2).features
    after = rotated(before, [0, 6, 14], begin=1)
    kept, moved = ([row["order_rate"] for row in table.to_pylist()] for table in (before, after))
    assert moved[: len(KINDS)] == kept[: len(KINDS)]
    later = len(KINDS)
    assert [moved[later + agent] for agent in (0, 6, 14, 1)] == [kept[later + agent] for agent in (6, 14, 0, 1)]
