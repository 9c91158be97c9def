"""Blocks to bytes and back: the only reader and writer of the wire format.

A value is one Avro record: run_id, world_id, epoch, prev_seq, then one array per column (see `schema`). Any Avro
library reads it; columns whose field ends in `_delta` want one cumulative sum. What is read has the columns of the present
version, whichever version wrote it: later ones are left out, those that it lacks have their default.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.events import varint
from pipelines.events.block import Block, Columns, DecodeError, Head, Headers, WireRecord, complete, parse_headers
from pipelines.events.columns import Column, ColumnType, Encoding
from pipelines.events.declarations import EventType, event_type
from pipelines.events.schema import Written, names, written
from pipelines.events.topics import world_key

Buffer = bytes | bytearray | memoryview
INTEGERS = (ColumnType.INT, ColumnType.LONG)
MAX_EVENTS = 1 << 24  # of one block; more is taken for garbage


def write_varint(value: int) -> bytes:
    """One zigzag varint, for the few that are not in a column."""
    bits = (value << 1) ^ (value >> 63)
    out = bytearray()
    while bits >= 128:
        out.append(bits & 127 | 128)
        bits >>= 7
    out.append(bits)
    return bytes(out)


def write_text(text: str) -> bytes:
    """An Avro string."""
    data = text.encode()
    return write_varint(len(data)) + data


def write_head(head: Head) -> bytes:
    """The scalar fields before the columns."""
    if not (0 <= head.world_id < 1 << 31 and 0 <= head.epoch < 1 << 31 and -1 <= head.prev_seq < 1 << 63):
        raise ValueError(f"world_id and epoch must be in 0..2^31-1 and prev_seq at least -1, not {head}")
    return write_text(head.run_id) + b"".join(map(write_varint, (head.world_id, head.epoch, head.prev_seq)))


def seal(event: EventType, head: Head, value: bytes) -> WireRecord:
    """The Kafka record of an encoded block: topic, key, value and headers."""
    fingerprint, earlier = names(event)
    headers = Headers(fingerprint, head.count, head.first_seq, head.last_seq, zlib.crc32(value), earlier)
    return WireRecord(event.topic.name, world_key(head.run_id, head.world_id), value, headers.pairs())


def fence(event: EventType, run_id: str, world_id: int, epoch: int, prev_seq: int = -1) -> WireRecord:
    """An empty block: from here on only this epoch, or a higher one, speaks for the world on that topic."""
    head = Head(run_id, world_id, epoch, prev_seq, prev_seq, prev_seq, 0)
    return seal(event, head, write_head(head) + bytes(len(event.all_columns)))


def encode(event: EventType, head: Head, columns: Mapping[str, Any]) -> bytes:
    """Encode columns (arrays or lists by name, with `seq` and `step`) of one block; count comes from `head.count`.

    Raises ValueError for a missing or foreign column, unequal lengths, or a value outside its type.
    """
    names = [column.name for column in event.all_columns]
    if set(names) != set(columns):
        raise ValueError(f"a block of {event.name} has the columns {', '.join(names)}, not {', '.join(columns)}")
    for name, values in columns.items():
        if len(values) != head.count:
            raise ValueError(f"column {name} has {len(values)} values where the head says {head.count}")
    check_seq(head, np.asarray(columns["seq"], np.int64))
    return write_head(head) + b"".join(_write_column(column, columns[column.name]) for column in event.all_columns)


def check_seq(head: Head, seq: NDArray[np.int64]) -> None:
    """ValueError unless seq rises, starts after prev_seq and agrees with the head's first and last."""
    first, last = (int(seq[0]), int(seq[-1])) if len(seq) else (head.prev_seq, head.prev_seq)
    if (first, last) != (head.first_seq, head.last_seq):
        raise ValueError(f"the head says seq {head.first_seq}..{head.last_seq}, the column {first}..{last}")
    if len(seq) and (first <= head.prev_seq or not bool(np.all(seq[1:] > seq[:-1]))):
        raise ValueError(f"seq must rise from above prev_seq {head.prev_seq}, but begins {seq[:5].tolist()}")


def _write_column(column: Column, values: Sequence[Any] | NDArray[Any]) -> bytes:
    if not len(values):
        return b"\0"
    if column.type is ColumnType.STRING:
        return write_varint(len(values)) + b"".join(write_text(str(value)) for value in values) + b"\0"
    if column.type is ColumnType.DOUBLE:
        return write_varint(len(values)) + np.ascontiguousarray(values, "<f8").tobytes() + b"\0"
    words = _integers(column, values)
    out = np.empty(varint.room(1, len(words)), np.uint8)
    end = varint.put_words(out, words, int(column.encoding is Encoding.DELTA))
    return out[:end].tobytes()


def _integers(column: Column, values: Sequence[Any] | NDArray[Any]) -> NDArray[np.int64]:
    words = np.ascontiguousarray(values)
    if words.dtype.kind not in "iu":
        raise ValueError(f"column {column.name} holds integers, not {words.dtype}")
    bits = 31 if column.type is ColumnType.INT else 63
    low, high = int(words.min()), int(words.max())
    if low < -(1 << bits) or high >= 1 << bits:
        raise ValueError(f"column {column.name} is {column.type}: {low}..{high} does not fit; declare it long in a new version")
    return words.astype(np.int64)


class Reader:
    """Reads the scalar parts of a value; every step is checked and raises DecodeError."""

    def __init__(self, data: Buffer) -> None:
        self.array = np.frombuffer(data, np.uint8)
        self.data = memoryview(data).toreadonly().cast("B")
        self.array.flags.writeable = False
        self.pos = 0

    def varint(self) -> int:
        """One zigzag varint of at most 64 bits."""
        bits = shift = 0
        while shift < 70:
            byte = self.bytes(1)[0]
            bits |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                if bits >> 64:
                    break
                return (bits >> 1) ^ -(bits & 1)
        raise DecodeError("value", f"{varint.ERRORS[varint.TOO_LONG]} at byte {self.pos}")

    def bytes(self, size: int) -> memoryview:
        """The next size bytes."""
        if not 0 <= size <= len(self.data) - self.pos:
            raise DecodeError("value", f"{size} bytes wanted at byte {self.pos} of {len(self.data)}")
        self.pos += size
        return self.data[self.pos - size : self.pos]

    def text(self) -> str:
        """An Avro string."""
        try:
            return str(self.bytes(self.varint()), "utf-8")
        except UnicodeDecodeError:
            raise DecodeError("value", f"text before byte {self.pos} is not UTF-8") from None

    def blocks(self, count: int) -> Iterable[int]:
        """The sizes of an Avro array's blocks, which must sum to count."""
        left = count
        while items := self.varint():
            if items < 0:
                items = -items
                self.varint()
            left -= items
            if left < 0:
                break
            yield items
        if left:
            raise DecodeError("value", f"{varint.ERRORS[varint.MISCOUNTED]} ({count}), before byte {self.pos}")


def _read_head(reader: Reader, headers: Headers) -> Head:
    run_id, world_id, epoch, prev_seq = reader.text(), reader.varint(), reader.varint(), reader.varint()
    if not (0 <= world_id < 1 << 31 and 0 <= epoch < 1 << 31 and prev_seq >= -1):
        raise DecodeError("value", f"world_id {world_id}, epoch {epoch} or prev_seq {prev_seq} is out of range")
    return Head(run_id, world_id, epoch, prev_seq, headers.first_seq, headers.last_seq, headers.count)


def check(value: Buffer, pairs: Iterable[Sequence[Any]] | None) -> tuple[Written, Headers]:
    """The schema and headers of a record whose schema we can read and whose CRC holds; DecodeError otherwise."""
    headers = parse_headers(pairs)
    schema = written(headers)
    crc = zlib.crc32(value)
    if crc != headers.crc:
        raise DecodeError("crc", f"the value's CRC-32 is {crc}, its header says {headers.crc}: the record is corrupt")
    if not 0 <= headers.count <= min(len(value), MAX_EVENTS):
        raise DecodeError("headers", f"{headers.count} events cannot lie in {len(value)} bytes")
    return schema, headers


def read_head(value: Buffer, pairs: Iterable[Sequence[Any]] | None) -> tuple[EventType, Head]:
    """Type and head of a record without its columns; DecodeError if it is not ours or corrupt."""
    schema, headers = check(value, pairs)
    return event_type(schema.event.name), _read_head(Reader(value), headers)


def decode(value: Buffer, pairs: Iterable[Sequence[Any]] | None) -> Block:
    """Decode one record from its value and Kafka headers ((name, bytes) pairs).

    Any bytes may come in: what is not a sound block of a known schema raises DecodeError.
    """
    schema, headers = check(value, pairs)
    reader = Reader(value)
    head = _read_head(reader, headers)
    columns = _read_columns(schema.event, reader, head.count)
    if reader.pos != len(reader.data) and not schema.more:
        raise DecodeError("value", f"{len(reader.data) - reader.pos} bytes follow the last column")
    try:
        check_seq(head, np.asarray(columns["seq"], np.int64))
    except ValueError as error:
        raise DecodeError("sequence", str(error)) from None
    event = event_type(schema.event.name)
    return Block(event, head, columns if schema.event is event else complete(event, columns, head.count))


@cache
def _runs(event: EventType) -> list[tuple[tuple[Column, ...], NDArray[np.int64]]]:
    """The columns in order, neighbouring integer columns together with their plan for `take_columns`."""
    runs: list[list[Column]] = []
    for column in event.all_columns:
        if runs and column.type in INTEGERS and runs[-1][0].type in INTEGERS:
            runs[-1].append(column)
        else:
            runs.append([column])
    plans = [[(c.type is ColumnType.INT, c.encoding is Encoding.DELTA) for c in run] for run in runs]
    return [(tuple(run), np.array(plan, np.int64)) for run, plan in zip(runs, plans, strict=True)]


def _read_columns(event: EventType, reader: Reader, count: int) -> Columns:
    columns: Columns = {}
    for run, plan in _runs(event):
        if run[0].type in INTEGERS:
            columns.update(_read_integers(run, plan, reader, count))
        elif run[0].type is ColumnType.DOUBLE:
            parts = [bytes(reader.bytes(8 * items)) for items in reader.blocks(count)]
            columns[run[0].name] = np.frombuffer(b"".join(parts), "<f8").astype(np.float64)
        else:
            columns[run[0].name] = [reader.text() for items in reader.blocks(count) for _ in range(items)]
    return columns


def _read_integers(run: tuple[Column, ...], plan: NDArray[np.int64], reader: Reader, count: int) -> Columns:
    out, error = np.empty(len(run) * count, np.int64), np.zeros(1, np.int64)
    end = int(varint.take_columns(reader.array, reader.pos, plan, count, out, error))
    if end < 0:
        raise DecodeError("value", f"column {run[error[0]].name}: {varint.ERRORS[-end]}")
    reader.pos = end
    rows = out.reshape(len(run), count)
    return {c.name: row.astype(np.int32) if c.type is ColumnType.INT else row for c, row in zip(run, rows, strict=True)}


def as_written(record: WireRecord, like: Iterable[Sequence[Any]] | None) -> bytes:
    """The value of a block of ours as a record with those headers would hold it, which an earlier version of the type may have written.

    Raises DecodeError if we cannot read what that record was written with.
    """
    event, block = written(parse_headers(like)).event, decode(record.value, record.headers)
    return encode(event, block.head, {column.name: block.columns[column.name] for column in event.all_columns})


def content(value: Buffer) -> bytes:
    """What of a value stays the same when a world re-creates the block under another epoch: all but the epoch."""
    reader = Reader(value)
    name, world_id = reader.text(), reader.varint()
    reader.varint()
    return write_text(name) + write_varint(world_id) + bytes(reader.data[reader.pos :])
