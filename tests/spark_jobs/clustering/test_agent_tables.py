"""Rows of gold.agent_features and gold.agent_clusters, without Spark."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pytest

from spark_jobs.clustering.features import FEATURES
from spark_jobs.gold import agent_clusters
from spark_jobs.gold.agent_features import SCHEMA, STEPS, features_of
from tests.spark_jobs.clustering.market import market

PLACE: Mapping[str, object] = {"run_id": "r", "world_id": 2, "symbol": 1, "window": 3}


def test_a_window_that_has_only_begun_is_as_long_as_its_rows_reach() -> None:
    orders = [{"step": 3 * STEPS + step} for step in range(0, 600, 100)]
    for end, minutes in ((599, 1.0), (1199, 2.0), (STEPS - 1, STEPS / 600), (STEPS + 700, STEPS / 600)):
        rows = features_of(market(orders=orders, ticks=[{"step": 3 * STEPS + end}]), PLACE).to_pylist()
        assert [(row["run_id"], row["world_id"], row["symbol"], row["window"], row["agent"]) for row in rows] == [("r", 2, 1, 3, 1)]
        assert rows[0]["order_rate"] == pytest.approx(math.log1p(6 / minutes))
        assert rows[0]["maker_share"] is None


def test_numbers_and_cards_last_from_window_to_window() -> None:
    chance, kinds = np.random.default_rng(5), np.repeat([0, 1, 2], [20, 8, 6])
    centres = chance.normal(0, 2, (3, len(FEATURES)))
    rows = [
        {"run_id": "r", "world_id": 0, "symbol": 0, "window": window, "agent": agent}
        | dict(zip(FEATURES, (centres[kind] + chance.normal(0, 0.3, len(FEATURES))).tolist(), strict=True))
        for window in (1, 0)
        for agent, kind in enumerate(kinds.tolist())
        if window == 0 or kind
    ]
    made = agent_clusters.transform(pa.Table.from_pylist(rows, schema=SCHEMA)).to_pylist()
    assert [(row["window"], row["agent"]) for row in made[:2]] == [(0, 0), (0, 1)]
    for row in made:
        assert row["cluster"] == kinds[row["agent"]]
        assert row["clusters"] == (3 if row["window"] == 0 else 2)
        assert row["fit"] > 0.5
        assert "others" in row["card"]
    assert len({row["card"] for row in made}) == 5
