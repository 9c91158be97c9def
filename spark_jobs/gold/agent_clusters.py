"""Agents grouped by behaviour. Upstream: gold.agent_features. Key: run_id, world_id, symbol, window, agent.

All worlds and symbols of a run are grouped together, window by window; a group keeps its number from one window to the next.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spark_jobs.clustering.by_agent import Numbers
from spark_jobs.clustering.cards import cards
from spark_jobs.clustering.features import FEATURES
from spark_jobs.clustering.grouping import group
from spark_jobs.clustering.naming import Names
from spark_jobs.gold.agent_features import KEY, OF_WINDOW
from spark_jobs.table import ColumnDoc, Table

SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        *((name, pa.int32()) for name in KEY[1:]),
        ("cluster", pa.int32()),
        ("clusters", pa.int32()),
        ("fit", pa.float64()),
        ("card", pa.string()),
    ]
)
COLUMNS = OF_WINDOW | {
    "cluster": ColumnDoc("number", "of the group, the same in all windows"),
    "clusters": ColumnDoc("groups", "how many the window has"),
    "fit": ColumnDoc("up to 1", "1 in the centre of the group, 0 and less where another one is as near"),
    "card": ColumnDoc("text", "what makes the group different"),
}


def transform(features: pa.Table) -> pa.Table:
    """Rows of gold.agent_features of one run, with the group that each agent falls in."""
    names, parts = Names(), []
    for window in sorted(pc.unique(features.column("window")).to_pylist()):
        rows = features.filter(pc.equal(features.column("window"), window))
        parts.append(_of_window(rows.sort_by([(name, "ascending") for name in KEY]), names))
    return pa.concat_tables(parts) if parts else SCHEMA.empty_table()


def matrix(features: pa.Table) -> Numbers:
    """The features alone, (rows, features)."""
    return np.column_stack([features.column(name).to_numpy(zero_copy_only=False).astype(np.float64) for name in FEATURES])


def _of_window(rows: pa.Table, names: Names) -> pa.Table:
    features = matrix(rows)
    groups = group(features)
    labels = names.of(groups)[groups.labels]
    told = cards(features, labels, groups.scale)
    found = {
        "cluster": labels.astype(np.int32),
        "clusters": np.full(len(labels), len(groups.centres), np.int32),
        "fit": groups.fit,
        "card": [told[label] for label in labels.tolist()],
    }
    columns = [found[name] if name in found else rows.column(name) for name in SCHEMA.names]
    return pa.table(columns, names=SCHEMA.names).cast(SCHEMA)


TABLE = Table(
    "gold.agent_clusters",
    SCHEMA,
    key=KEY,
    doc="Which agents behave alike in each 1000 s: group, how well it fits, and in words what makes the group different.",
    upstream=("gold.agent_features",),
    partition_by=("run_id",),
    columns=COLUMNS,
    transform=transform,
)
