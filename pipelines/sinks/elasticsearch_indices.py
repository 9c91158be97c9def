"""What Elasticsearch keeps events in: one index for each type and simulated day, its mapping derived from the contract.

`agora-trades-2026.11.30` holds the trades of that simulated day of all worlds, and the alias `agora-trades` those of all days. The day
is that of the event's step, so that an event belongs to the same index whenever it is written.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.events.columns import ColumnType
from pipelines.events.declarations import EventType
from pipelines.events.words import NAMED, WORDS

PREFIX = "agora"
PRODUCT = "agora"
LAYOUT = 1
"""How documents are made of events. A server that holds another layout is refused; a type's new columns are added to what there is."""

TYPES = {ColumnType.INT: "integer", ColumnType.LONG: "long", ColumnType.DOUBLE: "double"}
LONGEST_WORD = 8191  # characters: longer ones are kept, and not indexed, since Lucene takes no term of more than 32,766 bytes
WORD = {"type": "keyword", "ignore_above": LONGEST_WORD}
PROSE = {("alerts", "evidence"): "text"}
"""Columns that are searched word by word."""

ADDED: dict[str, dict[str, tuple[str, str]]] = {
    "messages": {"text": ("text", "the message in words, where its topic has a template")},
    "alerts": {"suspect": ("integer", "the agents of suspects, one by one")},
}
"""Fields beside the columns, by type of event: (type, meaning)."""

SETTINGS = {"number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "5s"}


def alias(event: str) -> str:
    """The name of all indices of a type together."""
    return f"{PREFIX}-{event}"


def pattern(event: str) -> str:
    """Which names the indices of a type have."""
    return f"{alias(event)}-*"


def event_of(index: str) -> str:
    """The type whose events an index holds."""
    return index.removeprefix(f"{PREFIX}-").rpartition("-")[0]


def days_of(times_ns: NDArray[np.int64]) -> list[str]:
    """The UTC days of instants, as they are written in the names of indices."""
    return [str(day).replace("-", ".") for day in times_ns.astype("datetime64[ns]").astype("datetime64[D]")]


def named_columns(event: EventType) -> tuple[str, ...]:
    """Columns beside which a field `<column>_name` says in words what the number means."""
    named = (column.name for column in event.columns if column.type is not ColumnType.STRING)
    return tuple(name for name in named if (event.name, name) in WORDS or name in NAMED)


def properties(event: EventType) -> dict[str, Any]:
    """The fields of a type: who and when, every column, names, and what is added."""
    fields: dict[str, Any] = {"@timestamp": {"type": "date_nanos"}, "run_id": {"type": "keyword"}, "world_id": {"type": "keyword"}}
    for column in event.all_columns:
        kind = PROSE.get((event.name, column.name))
        fields[column.name] = {"type": kind} if kind else dict(WORD) if column.type is ColumnType.STRING else {"type": TYPES[column.type]}
    fields |= {f"{name}_name": dict(WORD) for name in named_columns(event)}
    return fields | {name: {"type": kind} for name, (kind, _) in ADDED.get(event.name, {}).items()}


def meanings(event: EventType) -> dict[str, str]:
    """What each field means, with its unit."""
    told = {"@timestamp": "simulated time at which the step began", "run_id": "the run", "world_id": "the world within the run"}
    told |= {column.name: f"{column.doc} ({column.unit})" for column in event.all_columns}
    told |= {f"{name}_name": f"{name} in words, where it has some" for name in named_columns(event)}
    return told | {name: meaning for name, (_, meaning) in ADDED.get(event.name, {}).items()}


def mappings(event: EventType) -> dict[str, Any]:
    """The mapping of a type's indices. Unknown fields are refused, not guessed."""
    meta = {
        "product": PRODUCT,
        "layout": LAYOUT,
        "version": event.version,
        "doc": event.doc,
        "fields": meanings(event),
    }
    return {"dynamic": "strict", "_meta": meta, "properties": properties(event)}


def template(event: EventType) -> dict[str, Any]:
    """The index template of a type, by which each day's index is made."""
    return daily(event.name, event.version, mappings(event))


def daily(name: str, version: int, mapping: dict[str, Any]) -> dict[str, Any]:
    """The template of indices of which there is one for each day, under one alias."""
    return {
        "index_patterns": [pattern(name)],
        "priority": 200,
        "_meta": {"product": PRODUCT, "layout": LAYOUT, "version": version},
        "template": {"settings": {"index": dict(SETTINGS)}, "mappings": mapping, "aliases": {alias(name): {}}},
    }


def check_ours(what: str, meta: dict[str, Any], version: int | None = None) -> None:
    """Raises ValueError if a template or an index with that _meta is not this product's, of another layout or of a later version."""
    if meta.get("product") != PRODUCT:
        raise ValueError(f"{what} was not made by this product; delete or rename it, or set AGORA_ELASTICSEARCH_URL to another server")
    if meta.get("layout") != LAYOUT or (version is not None and int(meta.get("version", 0)) > version):
        there, here = (f"layout {meta.get('layout')}, version {meta.get('version')}", f"layout {LAYOUT}, version {version}")
        raise ValueError(
            f"{what} is of {there}, and this program writes {here}; install the program that made it, or delete the indices {PREFIX}-* "
            f"with their templates: `agora sink elasticsearch --once` then fills them from the start of the log"
        )
