"""The restart rule: take worlds over from a life that ended anywhere, so that every event is on the log exactly once.

1. A new epoch is allocated durably (registry.next_epoch) and the last checkpoint read, before any fence.
2. A fence with the epoch goes to each topic of the world, market.inputs last, and is acknowledged.
3. Each partition is read from where the checkpoint ends up to the fence: what counts there is out already.
4. The world re-creates what came after its checkpoint. Blocks that are out are compared and not sent again; a block
   that differs stops the world with the first differing event named.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from pipelines.events.block import WireRecord, parse_headers
from pipelines.events.codec import as_written, decode, fence
from pipelines.events.declarations import event_type
from pipelines.events.difference import first_difference
from pipelines.events.topics import partition_of, world_key
from pipelines.ports import EventLog
from pipelines.workers.checkpoint import Covered
from pipelines.workers.read_back import Out, digest, read_back

WORLD_EVENTS = (
    "worlds",
    "orders",
    "trades",
    "ticks",
    "messages",
    "negotiations",
    "agents",
    "resources",
    "interventions",
    "labels",
    "inputs",
)
"""Event types of a world, in the order in which a restarted one fences their topics."""

NOTHING = Covered(last_seq=-1, epoch=0, offset=0)
ADVICE = "the code, the configuration or the inputs changed since; resume with what the run began with, or start a new run"


class Diverged(ValueError):
    """A world that was started again does not repeat itself."""


class Life(NamedTuple):
    """A further life of a world: its epoch, and by topic what its checkpoint covers."""

    epoch: int
    covered: Mapping[str, Covered]


class EndOffsets:
    """Where partitions end, asked once each: what a checkpoint taken after a flush may say is acknowledged."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._ends: dict[tuple[str, int], int] = {}
        self._partitions: dict[str, int] = {}

    def partition(self, topic: str, key: bytes) -> int:
        """The partition that a key's records go to."""
        if topic not in self._partitions:
            self._partitions[topic] = self._log.partitions(topic)
        return partition_of(key, self._partitions[topic])

    def of(self, topic: str, key: bytes) -> int:
        """The end of that partition."""
        return self._end(topic, self.partition(topic, key))

    def all_of(self, topic: str) -> list[int]:
        """The ends of all partitions of a topic."""
        return [self._end(topic, partition) for partition in range(self._log.partitions(topic))]

    def _end(self, topic: str, partition: int) -> int:
        if (topic, partition) not in self._ends:
            self._ends[topic, partition] = self._log.end_offset(topic, partition)
        return self._ends[topic, partition]


class Repetition:
    """Tells re-created blocks that are out already from new ones.

    Parameters
    ----------
    log : where the published blocks lie, to name the first event that differs.
    out : by topic, what was read back.
    """

    def __init__(self, log: EventLog, out: Mapping[str, deque[Out]]) -> None:
        self._log = log
        self._out = out

    def is_out(self, record: WireRecord) -> bool:
        """Whether the block is on the log already; it must then not be sent. Raises Diverged if another one lies there."""
        waiting = self._out.get(record.topic)
        if not waiting:
            return False
        published = waiting.popleft()
        if published.digest != digest(record.value):
            self._compare(record, published)
        return True

    @property
    def goes_on(self) -> bool:
        """Whether blocks that are out are still to be created again."""
        return any(self._out.values())

    def uncovered(self, topic: str) -> Covered | None:
        """Where reading must begin so that the blocks still to be repeated are found again; None if there are none."""
        waiting = self._out.get(topic)
        if not waiting:
            return None
        return Covered(-1, min(block.epoch for block in waiting), min(block.offset for block in waiting))

    def check_done(self) -> None:
        """Raises Diverged if more is on the log than the world came to."""
        for topic, waiting in self._out.items():
            if waiting:
                raise Diverged(f"{topic} holds events up to seq {waiting[-1].last_seq} that the world did not come to this time; {ADVICE}")

    def _compare(self, record: WireRecord, published: Out) -> None:
        """Raise Diverged unless an earlier version of this program wrote the same, without the columns that came since."""
        stored = next(iter(self._log.read(record.topic, published.partition, published.offset, published.offset + 1)))
        if published.digest != digest(as_written(record, stored.headers)):
            found = first_difference(decode(record.value, record.headers), decode(stored.value, stored.headers))
            raise Diverged(f"world of {record.key.decode()} does not repeat itself: {found}; {ADVICE}")


def take_over(log: EventLog, run_id: str, lives: Mapping[int, Life], events: Sequence[str] = WORLD_EVENTS) -> dict[int, Repetition]:
    """Fence the worlds and find out what of them is on the log. Raises read_back.LogIsBehind."""
    topics = [event_type(name).topic.name for name in events]
    for name in events:
        event = event_type(name)
        for world_id, life in lives.items():
            last_seq = life.covered.get(event.topic.name, NOTHING).last_seq
            log.send(fence(event, run_id, world_id, life.epoch, last_seq))
    log.flush()
    keys = {world_id: world_key(run_id, world_id) for world_id in lives}
    found = {
        topic: read_back(log, topic, {keys[world_id]: life.covered.get(topic, NOTHING) for world_id, life in lives.items()})
        for topic in topics
    }
    return {world_id: Repetition(log, {topic: found[topic][key] for topic in topics}) for world_id, key in keys.items()}


def covered_now(
    ends: EndOffsets,
    key: bytes,
    epoch: int,
    last_seqs: Mapping[str, int],
    repetition: Repetition | None,
    events: Sequence[str] = WORLD_EVENTS,
) -> dict[str, Covered]:
    """What a checkpoint may say is acknowledged, by topic; last_seqs are by topic. Call it right after a flush."""
    covered = {}
    for topic in (event_type(name).topic.name for name in events):
        last_seq = last_seqs.get(topic, -1)
        waiting = repetition.uncovered(topic) if repetition else None
        covered[topic] = msgspec.structs.replace(waiting, last_seq=last_seq) if waiting else Covered(last_seq, epoch, ends.of(topic, key))
    return covered


def last_seq_of(record: WireRecord) -> int:
    """The last seq of a sealed block."""
    return parse_headers(record.headers).last_seq
