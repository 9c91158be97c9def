"""Rows that broke a rule, with the reason and where they came from. Upstream: bronze.events. Key: topic, partition, offset, seq.

`row` holds all values as JSON, so that silver and quarantine together are every event that was published.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa

from spark_jobs.table import AT_KAFKA, OF_RUN, ColumnDoc, Table

SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("world_id", pa.int32()),
        ("seq", pa.int64()),
        ("step", pa.int32()),
        ("event", pa.string()),
        ("reason", pa.string()),
        ("topic", pa.string()),
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("row", pa.string()),
    ]
)


class Offender(NamedTuple):
    """One row of the quarantine."""

    run_id: str
    world_id: int
    seq: int
    step: int
    event: str
    reason: str
    topic: str
    partition: int
    offset: int
    row: str


def transform(offenders: Iterable[Offender]) -> pa.Table:
    """Offenders of one run as the columns that are stored."""
    rows = [offender._asdict() for offender in offenders]
    return pa.Table.from_pylist(rows, schema=TABLE.stored)


TABLE = Table(
    "silver.quarantine",
    SCHEMA,
    key=("topic", "partition", "offset", "seq"),
    doc="Events that broke a row rule, with the reason, their values and their Kafka coordinates.",
    upstream=("bronze.events",),
    partition_by=("run_id",),
    stats=("world_id", "seq", "step"),
    cluster_by=("world_id", "seq"),
    columns=OF_RUN
    | AT_KAFKA
    | {
        "seq": ColumnDoc("events", "place of the event in its sequence"),
        "step": ColumnDoc("steps", "simulated step at which it happened"),
        "event": ColumnDoc("type", "of the event, as in silver.TYPE"),
        "reason": ColumnDoc("text", "the rule that it breaks"),
        "row": ColumnDoc("JSON", "all its values"),
    },
    transform=transform,
)
