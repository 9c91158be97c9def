"""Avro schemas of the event types and their fingerprints.

One writer schema per (type, version). Its record name carries the version and the names of difference-encoded fields
end in `_delta`, so that both are part of the fingerprint.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from pipelines.events.block import DecodeError
from pipelines.events.declarations import EVENT_TYPES, EventType

ENVELOPE = (("run_id", "string"), ("world_id", "int"), ("epoch", "int"), ("prev_seq", "long"))
"""The scalar fields before the columns, with their Avro types."""


def avro_schema(event: EventType) -> dict[str, Any]:
    """The writer schema of a block of that type, as an Avro schema in plain dictionaries."""
    fields: list[dict[str, Any]] = [{"name": name, "type": kind} for name, kind in ENVELOPE]
    for column in event.all_columns:
        array = {"type": "array", "items": str(column.wire_type)}
        fields.append({"name": column.wire_name, "type": array, "doc": f"{column.doc} [{column.unit}]"})
    return {
        "type": "record",
        "name": f"{event.name}_v{event.version}",
        "namespace": "agora",
        "doc": event.doc,
        "fields": fields,
    }


def canonical_form(event: EventType) -> str:
    """The schema in Avro's parsing canonical form, over which the fingerprint is taken."""
    fields: list[dict[str, Any]] = [{"name": name, "type": kind} for name, kind in ENVELOPE]
    fields += [{"name": column.wire_name, "type": {"type": "array", "items": str(column.wire_type)}} for column in event.all_columns]
    record = {"name": f"agora.{event.name}_v{event.version}", "type": "record", "fields": fields}
    return json.dumps(record, separators=(",", ":"))


_EMPTY = 0xC15D213AA4D7A795  # the polynomial and start value of CRC-64-AVRO (Avro specification, "Schema Fingerprints")


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


@cache
def fingerprint(event: EventType) -> bytes:
    """The 8 bytes that name the writer schema in the Kafka header `fingerprint`."""
    return crc_64_avro(canonical_form(event).encode())


@cache
def _by_fingerprint() -> dict[bytes, EventType]:
    return {fingerprint(event): event for event in EVENT_TYPES.values()}


def event_of(mark: bytes) -> EventType:
    """The event type whose writer schema has that fingerprint; DecodeError if it is none of ours."""
    event = _by_fingerprint().get(mark)
    if event is None:
        shown = mark.hex() or "(empty)"
        raise DecodeError("fingerprint", f"no known schema has the fingerprint {shown}; upgrade this consumer, then replay the record")
    return event
