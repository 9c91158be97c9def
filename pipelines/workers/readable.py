"""Blocks as people read them: names instead of ids, words instead of numbers, one line an event."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from pipelines.events.block import DecodeError, rows_of
from pipelines.events.codec import decode
from pipelines.events.topics import TOPICS, topic_named
from pipelines.ports import EventLog, StoredRecord

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
        return list(rows_of(decode(record.value, record.headers)))
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
