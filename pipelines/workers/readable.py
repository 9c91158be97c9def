"""Blocks as people read them: names instead of ids, words instead of numbers, one line an event."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Any

from pipelines.events.block import Block, DecodeError
from pipelines.events.codec import decode
from pipelines.events.declarations import WORLDS
from pipelines.events.topics import TOPICS, partition_of, topic_named, world_key
from pipelines.ports import EventLog, StoredRecord
from simulator.types import DealStep, InterventionKind, MessageKind, Protocol, Reason, RecordKind, Rule, Side, TimeInForce

WORDS: dict[tuple[str, str], type[IntEnum]] = {
    ("orders", "kind"): RecordKind,
    ("orders", "side"): Side,
    ("orders", "reason"): Reason,
    ("orders", "time_in_force"): TimeInForce,
    ("trades", "aggressor"): Side,
    ("messages", "kind"): MessageKind,
    ("negotiations", "kind"): DealStep,
    ("negotiations", "protocol"): Protocol,
    ("negotiations", "side"): Side,
    ("interventions", "kind"): InterventionKind,
    ("interventions", "rule"): Rule,
}
"""Columns whose numbers have names of their own."""

NAMED = {
    "symbol": "symbol", "topic": "topic", "agent": "agent", "owner": "agent", "other_owner": "agent",
    "buyer": "agent", "seller": "agent", "sender": "agent", "receiver": "agent",
    "party": "agent", "counterparty": "agent", "regulator": "agent",
}  # fmt: skip
"""Columns that hold ids, and under which kind market.worlds names them."""

FIRST_WINDOW = 16  # records; doubles with each step back


def known_topic(name: str) -> str:
    """The full name of a topic given in full or by its last part. Raises ValueError with the known names.

    >>> known_topic("trades")
    'market.trades'
    """
    for topic in TOPICS:
        if name in (topic.name, topic.event):
            return topic.name
    return topic_named(name).name


class Names:
    """What the ids of each world mean, read from market.worlds when first asked for."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._worlds: dict[tuple[str, int], dict[tuple[str, int], str]] = {}

    def name(self, run_id: str, world_id: int, kind: str, number: int) -> str | None:
        """The name, or None where there is none."""
        world = (run_id, world_id)
        if world not in self._worlds:
            self._worlds[world] = self._read(run_id, world_id)
        return self._worlds[world].get((kind, number))

    def _read(self, run_id: str, world_id: int) -> dict[tuple[str, int], str]:
        topic, key = WORLDS.topic.name, world_key(run_id, world_id)
        found: dict[tuple[str, int], str] = {}
        for record in self._log.read(topic, partition_of(key, self._log.partitions(topic))):
            if record.key == key:
                columns = decode(record.value, record.headers).columns
                rows = zip(columns["kind"], columns["id"], columns["name"], strict=True)
                found.update({(str(kind), int(number)): str(name) for kind, number, name in rows})
        return found


def rows(block: Block) -> Iterator[dict[str, Any]]:
    """The events of a block as plain values: run_id, world_id, then the columns."""
    columns = {name: values if isinstance(values, list) else values.tolist() for name, values in block.columns.items()}
    for values in zip(*columns.values(), strict=True):
        yield {"run_id": block.head.run_id, "world_id": block.head.world_id, **dict(zip(columns, values, strict=True))}


def named(event: str, row: dict[str, Any], names: Names) -> dict[str, Any]:
    """The row with words and names for numbers that have one, and the text of a message whose topic has a template."""

    def word(column: str, value: Any) -> Any:
        if (event, column) in WORDS:
            known = WORDS[event, column]
            return known(value).name.lower() if value in set(known) else value
        if column in NAMED and isinstance(value, int):
            return names.name(row["run_id"], row["world_id"], NAMED[column], value) or value
        return value

    found = {column: word(column, value) for column, value in row.items()}
    template = names.name(row["run_id"], row["world_id"], "template", row["topic"]) if event == "messages" else None
    if template is not None and row["kind"] in (MessageKind.PLAIN, MessageKind.GOSSIP):
        found["text"] = template.format_map(found)
    return found


def line(row: dict[str, Any]) -> str:
    """One event on one line; empty values are left out."""
    place = f"{row['run_id']}/{row['world_id']} {row['seq']:>8} step {row['step']:>6}"
    rest = [
        f"{name}={value}" for name, value in row.items() if name not in ("run_id", "world_id", "seq", "step") and value not in (-1, "none")
    ]
    return f"{place}  {' '.join(rest)}"


def events_of(record: StoredRecord) -> list[dict[str, Any]]:
    """The events of a record; none for a fence, nor for one that cannot be decoded (the sinks keep those as dead letters)."""
    try:
        return list(rows(decode(record.value, record.headers)))
    except DecodeError:
        return []


def last_events(log: EventLog, topic: str, limit: int, wanted: Callable[[StoredRecord], bool]) -> tuple[list[dict[str, Any]], list[int]]:
    """The last events of a topic, in the order of their arrival, and the offset after the last one per partition."""
    ends = [log.end_offset(topic, partition) for partition in range(log.partitions(topic))]
    found = [item for partition, end in enumerate(ends) for item in _last_of(log, topic, partition, end, limit, wanted)]
    found.sort(key=lambda item: item[0])
    return [row for _, row in found[-limit:]] if limit else [], ends


def _last_of(
    log: EventLog, topic: str, partition: int, end: int, limit: int, wanted: Callable[[StoredRecord], bool]
) -> list[tuple[int, dict[str, Any]]]:
    found: deque[tuple[int, dict[str, Any]]] = deque()
    window = FIRST_WINDOW
    while end > 0 and len(found) < limit:
        start = max(0, end - window)
        records = [record for record in log.read(topic, partition, start, end) if wanted(record)]
        found.extendleft((record.timestamp_ms, row) for record in reversed(records) for row in reversed(events_of(record)))
        end, window = start, 2 * window
    return list(found)[-limit:]


def new_events(log: EventLog, topic: str, ends: list[int], wanted: Callable[[StoredRecord], bool]) -> Iterator[dict[str, Any]]:
    """The events since the given offsets, which move on."""
    for partition, start in enumerate(ends):
        stop = log.end_offset(topic, partition)
        for record in log.read(topic, partition, start, stop) if stop > start else ():
            if wanted(record):
                yield from events_of(record)
        ends[partition] = stop
