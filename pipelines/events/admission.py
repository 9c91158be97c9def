"""Which records a consumer may judge: sound blocks that lie where they belong, and how they stand to the mark of their world."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import msgspec

from pipelines.events import declarations
from pipelines.events.block import DecodeError, Head
from pipelines.events.codec import Buffer, read_head
from pipelines.events.dead_letters import REPLAY_HEADER
from pipelines.events.marks import Mark
from pipelines.events.topics import partition_of, world_key

RUN_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")  # it becomes the name of folders and keys


class Lying(Protocol):
    """A record that lies on a topic."""

    @property
    def topic(self) -> str:
        """Its name."""

    @property
    def partition(self) -> int:
        """Where on it."""

    @property
    def value(self) -> Buffer:
        """What was sent."""

    @property
    def headers(self) -> Iterable[Sequence[Any]]:
        """(name, bytes) pairs."""


def admitted(record: Lying, partitions: int) -> tuple[declarations.EventType, Head]:
    """Type and head of a record that lies where it should, on a topic with so many partitions; DecodeError otherwise."""
    event, head = read_head(record.value, record.headers)
    if event.topic.name != record.topic:
        raise DecodeError("topic", f"a block of {event.name} belongs on {event.topic.name}, not {record.topic}")
    if not RUN_ID.fullmatch(head.run_id):
        raise DecodeError("run_id", f"{head.run_id[:120]!r} is no run id: 1 to 100 letters, digits, dots, dashes or underscores")
    key = world_key(head.run_id, head.world_id)
    if event.sequence is not declarations.Sequence.NONE and partition_of(key, partitions) != record.partition:
        raise DecodeError("partition", f"blocks of {key.decode()} belong on partition {partition_of(key, partitions)}")
    return event, head


def mark_name(topic: str, head: Head) -> str:
    """Under which name the mark of a world and topic is kept."""
    return f"{topic}/{head.run_id}/{head.world_id}"


def standing(record: Lying, head: Head, mark: Mark) -> Head:
    """The head as it is judged: a replayed record stands where the one that it replaces stood, before any later fence."""
    replayed = any(pair[0] == REPLAY_HEADER for pair in record.headers)
    return msgspec.structs.replace(head, epoch=max(head.epoch, mark.epoch)) if replayed else head
