"""What travels: a block of events of one type from one world, and the Kafka record that carries it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipelines.events.columns import Column, ColumnType
from pipelines.events.declarations import EventType

Columns = dict[str, "NDArray[np.int32] | NDArray[np.int64] | NDArray[np.float64] | list[str]"]
"""Columns by name: int32, int64 or float64 arrays, lists for strings; all of one length."""

DTYPES: dict[ColumnType, Any] = {ColumnType.INT: np.int32, ColumnType.LONG: np.int64, ColumnType.DOUBLE: np.float64}


class DecodeError(ValueError):
    """A record that is not a sound block. `reason` is a short fixed word for dead letters and counts."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


class Head(msgspec.Struct, frozen=True):
    """Whose block it is and where it stands in its sequence.

    `prev_seq` is the last seq of that world on that topic before this block, -1 if there is none. A fence is an empty
    block: count 0, first_seq and last_seq equal to prev_seq.
    """

    run_id: str
    world_id: int
    epoch: int
    prev_seq: int
    first_seq: int
    last_seq: int
    count: int

    @property
    def is_fence(self) -> bool:
        """Whether the block is empty and only announces its epoch."""
        return self.count == 0


class Block(NamedTuple):
    """A decoded block."""

    event: EventType
    head: Head
    columns: Columns


def rows_of(block: Block) -> Iterator[dict[str, Any]]:
    """The events of a block as plain values: run_id, world_id, then the columns."""
    columns = {name: values if isinstance(values, list) else values.tolist() for name, values in block.columns.items()}
    for values in zip(*columns.values(), strict=True):
        yield {"run_id": block.head.run_id, "world_id": block.head.world_id, **dict(zip(columns, values, strict=True))}


def columns_of(event: EventType, values: Mapping[str, Sequence[Any]]) -> Columns:
    """Plain values by column name as a block holds them; None, and a column that is not there, have what is from before the column.

    Raises ValueError for None in a column of the first version, but for a double, which is NaN then: some stores have none.
    """
    count = len(next(iter(values.values()), ()))
    return complete(
        event, {column.name: _typed(column, values[column.name]) for column in event.all_columns if column.name in values}, count
    )


def columns_of_rows(event: EventType, rows: Sequence[Mapping[str, Any]]) -> Columns:
    """The columns of a block from its rows, the inverse of `rows_of`."""
    return columns_of(event, {column.name: [row.get(column.name) for row in rows] for column in event.all_columns})


def complete(event: EventType, columns: Columns, count: int) -> Columns:
    """The columns in the order of the type, those that are not there as they are in events of before."""
    return {column.name: columns[column.name] if column.name in columns else defaults(column, count) for column in event.all_columns}


def defaults(column: Column, count: int) -> Any:
    """What `count` events from before the column have. Raises ValueError for a column of the first version."""
    return _typed(column, [None] * count)


def _typed(column: Column, values: Sequence[Any]) -> Any:
    if None in values:
        lacking = math.nan if column.default is None and column.type is ColumnType.DOUBLE else column.default
        if lacking is None:
            raise ValueError(f"column {column.name} has no value in some rows; every event has one")
        values = [lacking if value is None else value for value in values]
    return list(values) if column.type is ColumnType.STRING else np.array(values, DTYPES[column.type])


class WireRecord(NamedTuple):
    """A Kafka record as it is sent: `topic` by name, `headers` as Kafka clients take them."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


class StoredRecord(NamedTuple):
    """A record as a log gives it back: coordinates, the log's own timestamp (ms since 1970), and the sent bytes."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


class Headers(msgspec.Struct, frozen=True):
    """The parsed Kafka headers of a block."""

    fingerprint: bytes  # 8 bytes, CRC-64-AVRO of the writer schema, little-endian
    count: int
    first_seq: int
    last_seq: int
    crc: int  # CRC-32 of the value
    begins_with: bytes = b""  # fingerprints of earlier versions that the columns of the writer schema begin with, the newest first

    def pairs(self) -> tuple[tuple[str, bytes], ...]:
        """As Kafka headers; the numbers are decimal text, so that any tool shows them."""
        numbers = (("count", self.count), ("first_seq", self.first_seq), ("last_seq", self.last_seq), ("crc", self.crc))
        earlier = (("begins_with", self.begins_with),) if self.begins_with else ()
        return (("fingerprint", self.fingerprint), *((name, str(number).encode()) for name, number in numbers), *earlier)


_REQUIRED = ("fingerprint", "count", "first_seq", "last_seq", "crc")


def parse_headers(pairs: Iterable[Sequence[Any]] | None) -> Headers:
    """Headers from (key, value) pairs as Kafka clients and Spark give them; DecodeError if one is missing or no number."""
    found: dict[str, bytes] = {}
    for pair in pairs or ():
        found[str(pair[0])] = bytes(pair[1]) if pair[1] is not None else b""
    missing = [name for name in _REQUIRED if name not in found]
    if missing:
        raise DecodeError("headers", f"the record lacks the headers {', '.join(missing)}; it was not written by this product")
    try:
        count, first_seq, last_seq, crc = (int(found[name]) for name in _REQUIRED[1:])
    except ValueError as error:
        raise DecodeError("headers", f"a header is no number: {error}") from None
    return Headers(found["fingerprint"], count, first_seq, last_seq, crc, found.get("begins_with", b""))
