"""How unlike all others agents behave. Upstream: gold.agent_features. Key: run_id, world_id, symbol, window, agent.

An unsupervised score, kept apart from alerts: it says who is odd, not who manipulates.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spark_jobs.clustering.features import FEATURES
from spark_jobs.clustering.novelty import novelty
from spark_jobs.gold.agent_clusters import matrix
from spark_jobs.gold.agent_features import KEY, OF_WINDOW
from spark_jobs.table import ColumnDoc, Table

SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        *((name, pa.int32()) for name in KEY[1:]),
        ("novelty", pa.float64()),
        ("feature", pa.string()),
    ]
)
COLUMNS = OF_WINDOW | {
    "novelty": ColumnDoc("0 to 1", "about 0.5 for what is usual, towards 1 for what is not"),
    "feature": ColumnDoc("name", "of the feature that is furthest from the others'"),
}


def transform(features: pa.Table) -> pa.Table:
    """Rows of gold.agent_features of one run, each judged among those of its window."""
    windows = sorted(pc.unique(features.column("window")).to_pylist())
    parts = (_of_window(features.filter(pc.equal(features.column("window"), window))) for window in windows)
    return pa.concat_tables([SCHEMA.empty_table(), *parts])


def _of_window(rows: pa.Table) -> pa.Table:
    found, names = novelty(matrix(rows)), np.array(list(FEATURES))
    columns = [*(rows.column(name) for name in KEY), found.scores, names[found.furthest]]
    return pa.table(columns, names=SCHEMA.names).cast(SCHEMA)


TABLE = Table(
    "gold.agent_novelty",
    SCHEMA,
    key=KEY,
    doc="How unlike all others each agent behaves in each 1000 s, without labels; odd is not guilty.",
    upstream=("gold.agent_features",),
    partition_by=("run_id",),
    columns=COLUMNS,
    transform=transform,
)
