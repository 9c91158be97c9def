"""Kafka records as they were received, append-only. Upstream: the topics. Key: topic, partition, offset.

`run_id` is read off the record's key, so that one run's records are found quickly; null where the key is not ours.
"""

from __future__ import annotations

import pyarrow as pa

from spark_jobs.table import AT_KAFKA, ColumnDoc, Table

HEADERS = pa.list_(pa.field("element", pa.struct([("key", pa.string()), ("value", pa.binary())])))
COORDINATES = [
    ("topic", pa.string()),
    ("partition", pa.int32()),
    ("offset", pa.int64()),
    ("timestamp", pa.timestamp("us", "UTC")),
    ("run_id", pa.string()),
]
CONTENT = [("key", pa.binary()), ("value", pa.binary()), ("headers", HEADERS)]
SCHEMA = pa.schema([*COORDINATES, *CONTENT])

COLUMNS = AT_KAFKA | {
    "timestamp": ColumnDoc("UTC", "when the broker or the producer says that it was sent"),
    "run_id": ColumnDoc("text", "the run that the key names; null where the key is not ours"),
    "key": ColumnDoc("bytes", "run_id/world_id"),
    "value": ColumnDoc("bytes", "the block of events, Avro"),
    "headers": ColumnDoc("key and bytes", "fingerprint of the schema, count, first and last seq, CRC"),
}


def run_of(key: bytes | None) -> str | None:
    """The run that a record's key names, or None."""
    run, slash, _ = (key or b"").rpartition(b"/")
    try:
        return run.decode() if slash else None
    except UnicodeDecodeError:
        return None


def transform(records: pa.RecordBatch) -> pa.RecordBatch:
    """Records as Spark's Kafka source gives them (with headers) as rows of bronze."""
    runs = pa.array([run_of(key) for key in records.column("key").to_pylist()], pa.string())
    columns = [runs if name == "run_id" else records.column(name).cast(SCHEMA.field(name).type) for name in SCHEMA.names]
    return pa.record_batch(columns, schema=SCHEMA)


TABLE = Table(
    "bronze.events",
    SCHEMA,
    key=("topic", "partition", "offset"),
    doc="Every Kafka record as it was received, with its coordinates.",
    upstream=("kafka",),
    stats=("topic", "partition", "offset"),  # columns that are never null: a bound says nothing about nulls
    cluster_by=("topic", "partition", "offset"),
    columns=COLUMNS,
    transform=transform,
)
