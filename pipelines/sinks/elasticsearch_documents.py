"""Events as documents: every column as it is, names in words beside it, simulated time; as lines of a bulk request."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from pipelines.events.block import Block, Columns
from pipelines.events.columns import ColumnType
from pipelines.events.declarations import EventType
from pipelines.events.vocabulary import MessageKind
from pipelines.events.words import NAMED, WORDS, named
from pipelines.sinks.elasticsearch_indices import alias, days_of, named_columns
from pipelines.sinks.worlds import Worlds

EVERYBODY = {("messages", "receiver"): "everybody"}
"""What -1 means where it is nobody's number."""
ALLIANCE = range(MessageKind.INVITED, MessageKind.SHARED + 1)  # the topic of such a message is an alliance
LATEST_NS = 2**63 - 1

encode = msgspec.json.Encoder().encode


class Time(NamedTuple):
    """An instant of simulated time: the day as in the name of an index, and to the nanosecond, 2026-11-30T09:30:00.100000000Z."""

    day: str
    instant: str


class Documents(NamedTuple):
    """The documents of a block: (index, two lines of a bulk request) each, and why events are missing among them, if any are."""

    lines: list[tuple[str, bytes]]
    reason: str = ""
    detail: str = ""


def documents(block: Block, worlds: Worlds) -> Documents:
    """The documents of a block. Events that JSON cannot hold are left out, and all of a world that market.worlds does not name."""
    head, event = block.head, block.event
    world = worlds.find(head.run_id, head.world_id)
    if world is None:
        detail = f"market.worlds does not name world {head.world_id} of run {head.run_id}; replay this once it is published"
        return Documents([], "unknown_world", detail)
    columns = plain(block.columns)
    times = _times(columns["step"], world.start_ns, world.step_ns)
    fields = {**columns, **_names(event, columns, _namer(block, worlds)), **_added(block, columns, worlds)}
    return _lines(event, {"run_id": head.run_id, "world_id": head.world_id}, fields, [times.get(step) for step in columns["step"]])


def plain(columns: Columns) -> dict[str, list[Any]]:
    """Columns as lists of plain values."""
    return {name: values if isinstance(values, list) else values.tolist() for name, values in columns.items()}


def identity(run_id: str, world_id: int, own: int | str) -> str:
    """The id of an event's document: its seq tells it from others of its world and type, an alert's alert_id does."""
    return f"{run_id}/{world_id}/{own}"


def _lines(event: EventType, common: dict[str, Any], fields: dict[str, list[Any]], times: Sequence[Time | None]) -> Documents:
    own = fields["alert_id" if event.name == "alerts" else "seq"]
    doubles = [column.name for column in event.columns if column.type is ColumnType.DOUBLE]
    lines: list[tuple[str, bytes]] = []
    trouble = ""
    for key, time, values in zip(own, times, zip(*fields.values(), strict=True), strict=True):
        row = dict(zip(fields, values, strict=True))
        if time is None:
            trouble = f"event {key}: step {row['step']} lies before 1970 or after 2262"
        elif doubles and not all(math.isfinite(row[name]) for name in doubles):
            trouble = f"event {key}: {', '.join(f'{name} {row[name]}' for name in doubles)} is no number that JSON can hold"
        else:
            index = f"{alias(event.name)}-{time.day}"
            action = {"create": {"_index": index, "_id": identity(common["run_id"], common["world_id"], key)}}
            known = {name: value for name, value in row.items() if value is not None}
            lines.append((index, b"%b\n%b\n" % (encode(action), encode({"@timestamp": time.instant, **common, **known}))))
    return Documents(lines, "value" if trouble else "", trouble)


def _times(steps: list[int], start_ns: int, step_ns: int) -> dict[int, Time]:
    """When each step began; steps that lie outside what can be told are left out."""
    instants = {step: start_ns + step * step_ns for step in set(steps)}
    within = {step: instant for step, instant in instants.items() if 0 <= instant <= LATEST_NS}
    array = np.array(list(within.values()), np.int64)
    texts = np.datetime_as_string(array.astype("datetime64[ns]"), unit="ns").tolist()
    return {step: Time(day, f"{text}Z") for step, day, text in zip(within, days_of(array), texts, strict=True)}


def _namer(block: Block, worlds: Worlds) -> Callable[[str, int], str | None]:
    """Words for the number in a column; None where there are none: an agent is its number, unless its world names it."""
    head, event = block.head, block.event.name

    def name(column: str, number: int) -> str | None:
        if words := WORDS.get((event, column)):
            return words(number).name.lower() if number in words.__members__.values() else None
        if number == -1 and (event, column) in EVERYBODY:
            return EVERYBODY[event, column]
        return worlds.name(head.run_id, head.world_id, NAMED[column], number)

    return name


def _names(event: EventType, columns: dict[str, list[Any]], name: Callable[[str, int], str | None]) -> dict[str, list[str | None]]:
    """The fields that say in words what numbers mean, each number looked up once."""
    found: dict[str, list[str | None]] = {}
    for column in named_columns(event):
        words = {number: name(column, number) for number in set(columns[column])}
        found[f"{column}_name"] = [words[number] for number in columns[column]]
    if event.name == "messages":
        told = zip(columns["kind"], found["topic_name"], strict=True)
        found["topic_name"] = [None if kind in ALLIANCE else topic for kind, topic in told]
    return found


def _added(block: Block, columns: dict[str, list[Any]], worlds: Worlds) -> dict[str, list[Any]]:
    if block.event.name == "messages":
        return {"text": list(_texts(block, columns, worlds))}
    if block.event.name == "alerts":
        return {"suspect": [_agents(text) for text in columns["suspects"]]}
    return {}


def _texts(block: Block, columns: dict[str, list[Any]], worlds: Worlds) -> Iterator[str | None]:
    """The messages in words; None where the topic has no template."""
    head = block.head
    spoken = {topic for topic in set(columns["topic"]) if worlds.name(head.run_id, head.world_id, "template", topic)}
    for values in zip(*columns.values(), strict=True):
        row = {"run_id": head.run_id, "world_id": head.world_id, **dict(zip(columns, values, strict=True))}
        yield named("messages", row, worlds).get("text") if row["topic"] in spoken else None


def _agents(suspects: str) -> list[int] | None:
    """The numbers in a JSON list of agents; None if it is none."""
    try:
        return msgspec.json.decode(suspects, type=list[int])
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
