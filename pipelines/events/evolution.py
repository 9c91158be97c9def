"""May a program publish beside what was published already? A type only grows: columns at the end, with a default.

What was published is known by its Avro schemas: docs/schemas keeps every version, the topic agora.schemas those of a broker.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from pipelines.events.block import WireRecord
from pipelines.events.declarations import EVENT_TYPES, EventType
from pipelines.events.schema import ENVELOPE, avro_schema, fingerprint
from pipelines.events.topics import SCHEMAS, topic

ADVICE = "declare the change as a column more, at the end, with a default and the next version; or begin anew with empty topics"


class Field(NamedTuple):
    """A column as a schema has it; `each` is its default, None without one."""

    name: str
    type: str
    each: Any


class Published(NamedTuple):
    """A schema that was published."""

    event: str
    version: int
    columns: tuple[Field, ...]


class Breaking(ValueError):
    """A declaration that contradicts what was published."""


def record_of(event: EventType) -> WireRecord:
    """A version of a type as a record of agora.schemas: keyed by name and version, the value its Avro schema."""
    value = json.dumps(avro_schema(event), separators=(",", ":")).encode()
    return WireRecord(SCHEMAS.name, f"{event.name}/{event.version}".encode(), value, (("fingerprint", fingerprint(event)),))


def published(schema: bytes | str) -> Published:
    """An Avro schema as it was published. Raises ValueError if it is none of this product's."""
    try:
        found: Mapping[str, Any] = msgspec.json.decode(schema, type=dict[str, Any])
        name, _, version = found["name"].rpartition("_v")
        columns = [Field(field["name"], field["type"]["items"], field.get("each")) for field in found["fields"][len(ENVELOPE) :]]
        return Published(name, int(version), tuple(columns))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{str(schema[:80])!r} is no schema of an event type ({error!r})") from None


def check_published(before: Iterable[Published], types: Mapping[str, EventType] = EVENT_TYPES) -> None:
    """Raises Breaking unless every type can be published beside those schemas; types that are not declared here do not matter."""
    for schema in before:
        event = types.get(schema.event)
        if event is not None:
            _check(schema, event)


def _check(before: Published, event: EventType) -> None:
    ours = published(record_of(event).value)
    if before.version <= event.version:
        now = published(record_of(event.as_of(before.version)).value)
        change = None if now.columns == before.columns else _lost(before, ours) or _gained(now, before)
    else:
        change = _lost(ours, before) or _without_default(ours, before)
    if change:
        versions = f"version {before.version}" + (f", here is version {event.version}" if event.version != before.version else "")
        raise Breaking(f"{topic(event.name).name} was published with {before.event} {versions}: {change}; {ADVICE}")


def _lost(older: Published, newer: Published) -> str | None:
    """What of the older columns is not, or not the same, in the newer ones."""
    there = {field.name: (place, field.type) for place, field in enumerate(newer.columns)}
    for field in older.columns:
        if field.name not in there:
            return f"column {field.name} is gone or has another name"
        if there[field.name][1] != field.type:
            return f"column {field.name} was {field.type} and is {there[field.name][1]}"
    places = [there[field.name][0] for field in older.columns]
    return None if places == sorted(places) else "the columns have another order"


def _gained(now: Published, before: Published) -> str:
    """What the declaration says of a version that it did not have when it was published."""
    had = {field.name for field in before.columns}
    new = [field.name for field in now.columns if field.name not in had]
    return f"column {new[0]} is declared for a version that did not have it" if new else "a default has changed"


def _without_default(older: Published, newer: Published) -> str | None:
    """The first column of the newer version that older blocks could not be given."""
    had = {field.name for field in older.columns}
    new = [field.name for field in newer.columns if field.name not in had and field.each is None]
    return f"column {new[0]} was added without a default" if new else None
