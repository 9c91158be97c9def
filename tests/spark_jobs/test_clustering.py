"""Groups of agents that behave alike."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from spark_jobs.clustering.behaviour import FEATURES
from spark_jobs.clustering.kmeans import group
from spark_jobs.gold import agent_clusters


def three_kinds(each: int = 20) -> np.ndarray:
    wiggle = np.linspace(-0.1, 0.1, each)[:, None] * np.ones((each, len(FEATURES)))
    return np.concatenate([wiggle[:5], wiggle + 5, wiggle - 5])


def test_kinds_that_lie_apart_are_found_and_the_largest_is_first() -> None:
    groups = group(three_kinds())
    assert len(np.unique(groups.labels)) == 3
    assert groups.labels[:5].tolist() == [2] * 5
    assert groups.silhouette > 0.9


def test_the_same_rows_give_the_same_groups() -> None:
    features = three_kinds()
    first, second = group(features), group(features)
    assert first.labels.tolist() == second.labels.tolist()
    assert first.silhouette == second.silhouette


def test_too_few_different_agents_are_one_group() -> None:
    assert group(np.ones((10, len(FEATURES)))).labels.tolist() == [0] * 10


def test_rows_of_the_table_are_in_order_of_agents() -> None:
    features = three_kinds()
    agents = list(range(len(features)))[::-1]
    columns = {"run_id": ["r"] * len(features), "world_id": [0] * len(features), "agent": agents}
    table = pa.table(columns | {name: features[:, i] for i, name in enumerate(FEATURES)})
    found = agent_clusters.transform(table)
    assert found.schema == agent_clusters.SCHEMA
    assert found.column("agent").to_pylist() == agents[::-1]
    assert set(found.column("clusters").to_pylist()) == {3}
