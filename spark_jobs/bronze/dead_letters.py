"""Records that a consumer could not take, with their bytes and the reason. Upstream: the dead-letter topics. Key: coordinates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from pipelines.places import Place
from spark_jobs.bronze.events import COLUMNS, CONTENT, COORDINATES, run_of
from spark_jobs.delta_writes import create
from spark_jobs.table import ColumnDoc, Table

STATE = [("reason", pa.string()), ("detail", pa.string()), ("open", pa.list_(pa.string())), ("replayed", pa.list_(pa.string()))]
SCHEMA = pa.schema([*COORDINATES, *STATE, *CONTENT])


def transform(letters: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Letters with their origin's coordinates and bytes as rows."""
    return pa.Table.from_pylist([{**letter, "run_id": run_of(letter["key"])} for letter in letters], schema=SCHEMA)


def replace(lake: Place, letters: Iterable[Mapping[str, Any]]) -> int:
    """Make the table hold these letters and no others; how many they are."""
    rows = transform(letters)
    write_deltalake(create(lake, TABLE), rows, mode="overwrite")
    return int(rows.num_rows)


TABLE = Table(
    "bronze.dead_letters",
    SCHEMA,
    key=("topic", "partition", "offset"),
    doc="Records that a consumer could not take, the consumers for which they wait, and those for which they were replayed.",
    upstream=("kafka",),
    columns=COLUMNS
    | {
        "reason": ColumnDoc("word", "why it was refused"),
        "detail": ColumnDoc("text", "the same in a sentence"),
        "open": ColumnDoc("consumers", "for which it still waits"),
        "replayed": ColumnDoc("consumers", "for which it was put back on its topic"),
    },
    transform=transform,
)
