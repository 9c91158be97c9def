"""Avro schemas of the event types and their fingerprints.

One writer schema per (type, version). Its record name carries the version and the names of difference-encoded fields
end in `_delta`, so that both are part of the fingerprint.

A block names the schema it was written with, and those that its own begins with: who knows one of them reads that much.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, NamedTuple

from pipelines.events.block import DecodeError, Headers
from pipelines.events.columns import Column
from pipelines.events.declarations import EVENT_TYPES, EventType

ENVELOPE = (("run_id", "string"), ("world_id", "int"), ("epoch", "int"), ("prev_seq", "long"))
"""The scalar fields before the columns, with their Avro types."""


def avro_schema(event: EventType) -> dict[str, Any]:
    """The writer schema of a block of that type, as an Avro schema in plain dictionaries."""
    fields: list[dict[str, Any]] = [{"name": name, "type": kind} for name, kind in ENVELOPE]
    for column in event.all_columns:
        array = {"type": "array", "items": str(column.wire_type)}
        fields.append({"name": column.wire_name, "type": array, "doc": f"{column.doc} [{column.unit}]", **_since(column)})
    return {
        "type": "record",
        "name": f"{event.name}_v{event.version}",
        "namespace": "agora",
        "doc": event.doc,
        "fields": fields,
    }


def _since(column: Column) -> dict[str, Any]:
    """What is said of a column of a later version. Avro's default is of the whole array; `each` is ours, the value of an older event."""
    return {"default": [], "each": column.default, "since": column.since} if column.since > 1 else {}


def canonical_form(event: EventType) -> str:
    """The schema in Avro's parsing canonical form, over which the fingerprint is taken."""
    fields: list[dict[str, Any]] = [{"name": name, "type": kind} for name, kind in ENVELOPE]
    fields += [{"name": column.wire_name, "type": {"type": "array", "items": str(column.wire_type)}} for column in event.all_columns]
    record = {"name": f"agora.{event.name}_v{event.version}", "type": "record", "fields": fields}
    return json.dumps(record, separators=(",", ":"))


_EMPTY = 0xC15D213AA4D7A795  # the polynomial and start value of CRC-64-AVRO (Avro specification, "Schema Fingerprints")


@cache
def _table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (_EMPTY if value & 1 else 0)
        table.append(value)
    return table


def crc_64_avro(data: bytes) -> bytes:
    """CRC-64-AVRO (Rabin) of data, little-endian as in Avro's single-object encoding."""
    table = _table()
    value = _EMPTY
    for byte in data:
        value = (value >> 8) ^ table[(value ^ byte) & 0xFF]
    return value.to_bytes(8, "little")


FINGERPRINT_BYTES = 8


class Written(NamedTuple):
    """How a block was written: as which version of a type of ours, and whether there may be columns of a later version behind."""

    event: EventType
    more: bool


@cache
def fingerprint(event: EventType) -> bytes:
    """The 8 bytes that name the writer schema in the Kafka header `fingerprint`."""
    return crc_64_avro(canonical_form(event).encode())


@cache
def names(event: EventType) -> tuple[bytes, bytes]:
    """What a block of the type says of its schema: the fingerprint, and those of the earlier versions that its columns begin with."""
    begins = [older for older in event.versions[:-1] if event.columns[: len(older.columns)] == older.columns]
    return fingerprint(event), b"".join(fingerprint(older) for older in reversed(begins))


@cache
def _by_fingerprint() -> dict[bytes, EventType]:
    return {fingerprint(version): version for event in EVENT_TYPES.values() for version in event.versions}


def written(headers: Headers) -> Written:
    """What the writer schema of a block is to us; DecodeError if it is none of ours and begins with none of ours."""
    known = _by_fingerprint()
    event = known.get(headers.fingerprint)
    if event is not None:
        return Written(event, False)
    for start in range(0, len(headers.begins_with), FINGERPRINT_BYTES):
        event = known.get(headers.begins_with[start : start + FINGERPRINT_BYTES])
        if event is not None:
            return Written(event, True)
    shown = headers.fingerprint.hex() or "(empty)"
    raise DecodeError("fingerprint", f"no known schema has the fingerprint {shown}; upgrade this consumer, then replay the record")
