"""Agents grouped by behaviour, all worlds of a run together. Upstream: silver.orders, trades, agents. Key: run_id, world_id, agent."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from spark_jobs.clustering.behaviour import AGENT, FEATURES
from spark_jobs.clustering.kmeans import group
from spark_jobs.table import Table

SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("world_id", pa.int32()),
        ("agent", pa.int32()),
        ("cluster", pa.int32()),
        ("clusters", pa.int32()),
        ("silhouette", pa.float64()),
        *((name, pa.float64()) for name in FEATURES),
    ]
)


def transform(features: pa.Table) -> pa.Table:
    """Rows of `clustering.behaviour` of one run, with the group that each agent falls in."""
    ordered = features.sort_by([(name, "ascending") for name in AGENT])
    groups = group(np.column_stack([ordered.column(name).to_numpy() for name in FEATURES]))
    rows = len(groups.labels)
    found = {
        "cluster": groups.labels.astype(np.int32),
        "clusters": np.full(rows, len(np.unique(groups.labels)), np.int32),
        "silhouette": np.full(rows, groups.silhouette),
    }
    columns = [found[name] if name in found else ordered.column(name) for name in SCHEMA.names]
    return pa.table(columns, names=SCHEMA.names).cast(SCHEMA)


TABLE = Table(
    "gold.agent_clusters",
    SCHEMA,
    key=AGENT,
    doc="Which agents behave alike: behaviour features, group and how well the groups stand apart.",
    upstream=("silver.orders", "silver.trades", "silver.agents"),
    partition_by=("run_id",),
    transform=transform,
)
