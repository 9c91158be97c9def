"""What of some worlds is on the log already, read partition by partition up to their fences."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pipelines.events.block import DecodeError, Head
from pipelines.events.codec import content, read_head
from pipelines.events.marks import Mark, Parked, Verdict, judge
from pipelines.events.topics import partition_of
from pipelines.ports import EventLog, StoredRecord
from pipelines.workers.checkpoint import Covered


class LogIsBehind(ValueError):
    """The log holds less than the checkpoint says was acknowledged: another broker, or one that lost data."""


class Out(NamedTuple):
    """A block that is on the log and counts."""

    last_seq: int
    digest: bytes  # of its content without the epoch
    epoch: int
    partition: int
    offset: int


def digest(value: bytes) -> bytes:
    """The hash by which a re-created block is compared; the epoch is left out."""
    return hashlib.blake2b(content(value), digest_size=16).digest()


@dataclass
class _World:
    """One world on one topic while its partition is read."""

    start: int
    mark: Mark
    out: deque[Out] = field(default_factory=deque)
    parked: dict[tuple[int, int], Out] = field(default_factory=dict)

    def take(self, record: StoredRecord, head: Head) -> None:
        """Judge the next record of the world."""
        at = (record.partition, record.offset)
        found = Out(head.last_seq, digest(record.value), head.epoch, *at)
        judgement = judge(self.mark, head, at)
        self.mark = judgement.mark
        if judgement.verdict is Verdict.ACCEPTED:
            self.out.append(found)
            self.out.extend(self._settled(judgement.released))
        elif judgement.verdict is Verdict.PARKED:
            self.parked[at] = found

    def _settled(self, released: tuple[tuple[Parked, Verdict], ...]) -> Iterator[Out]:
        for block, verdict in released:
            found = self.parked.pop(block.at)
            if verdict is Verdict.ACCEPTED:
                yield found


def read_back(log: EventLog, topic: str, covered: Mapping[bytes, Covered]) -> dict[bytes, deque[Out]]:
    """By key, the blocks after each world's checkpoint that are on the topic and count.

    Call it after the worlds' fences are acknowledged. Each partition is read once, from the earliest place that is needed.
    Raises LogIsBehind.
    """
    partitions = log.partitions(topic)
    worlds = {key: _World(at.offset, Mark(at.last_seq, at.epoch)) for key, at in covered.items()}
    for partition in range(partitions):
        mine = {key: world for key, world in worlds.items() if partition_of(key, partitions) == partition}
        if mine:
            _read_partition(log, topic, partition, mine)
    return {key: world.out for key, world in worlds.items()}


def _read_partition(log: EventLog, topic: str, partition: int, worlds: Mapping[bytes, _World]) -> None:
    end, latest = log.end_offset(topic, partition), max(world.start for world in worlds.values())
    if end < latest:
        raise LogIsBehind(
            f"partition {partition} of {topic} ends at offset {end}, but the checkpoint covers it up to {latest}; "
            "resume with the broker that the run was published to, or start a new run"
        )
    for record in log.read(topic, partition, min(world.start for world in worlds.values()), end):
        world = worlds.get(record.key)
        if world is None or record.offset < world.start:
            continue
        try:
            _, head = read_head(record.value, record.headers)
        except DecodeError:
            continue  # no consumer counts it; it lies in their dead letters
        world.take(record, head)
