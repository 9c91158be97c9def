"""Every change of a book. Upstream: bronze.events. Key: run_id, world_id, seq.

A rejected command may carry anything, for that is why it was rejected; the rules on prices and sizes are for the rest.
"""

from __future__ import annotations

import numpy as np

from pipelines.events.vocabulary import RecordKind, Side
from spark_jobs.expectations import Columns, Mask, at_least, one_of, only_where
from spark_jobs.silver.typed import typed_table

SIZED = (RecordKind.ACCEPTED, RecordKind.FILLED, RecordKind.CANCELLED, RecordKind.MODIFIED)


def _stood(columns: Columns) -> Mask:
    return np.asarray(columns["kind"] != RecordKind.REJECTED)


def _sized(columns: Columns) -> Mask:
    return np.isin(columns["kind"], SIZED)


RULES = (
    one_of("kind", range(RecordKind.ACCEPTED, RecordKind.PHASE + 1)),
    only_where(_stood, one_of("side", Side)),
    only_where(_stood, at_least("price", 0)),
    only_where(_sized, at_least("size", 1)),
    only_where(_stood, at_least("remaining", 0)),
)
TABLE = typed_table("orders", RULES)
