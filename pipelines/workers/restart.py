"""The restart rule: take a world over from a life that ended anywhere, so that every event is on the log exactly once.

1. A new epoch is allocated durably (registry.next_epoch) and the last checkpoint read, in that order, before any fence.
2. A fence with the epoch goes to each topic of the world, market.inputs last, and is acknowledged.
3. Each partition is read from where the checkpoint ends up to the fence: what counts there is out already.
4. The world re-creates what came after its checkpoint. Blocks that are out are compared and not sent again; a block
   that differs stops the world with the first differing event named.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from pipelines.events.block import DecodeError, Head, WireRecord, parse_headers
from pipelines.events.codec import content, decode, fence, read_head
from pipelines.events.declarations import EventType, event_type
from pipelines.events.difference import first_difference
from pipelines.events.marks import Mark, Parked, Verdict, judge
from pipelines.events.topics import partition_of, world_key
from pipelines.ports import EventLog, StoredRecord
from pipelines.workers.checkpoint import Covered

RECORD_TOPICS = ("orders", "trades", "ticks", "messages", "agents")
FENCED = ("worlds", *RECORD_TOPICS, "metrics", "labels", "inputs")
"""Event types whose topics a restarted world fences, in this order."""

NOTHING = Covered(last_seq=-1, epoch=0, offset=0)


class Diverged(ValueError):
    """A world that was started again does not repeat itself."""


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


def send_fences(log: EventLog, run_id: str, world_id: int, epoch: int, covered: Mapping[str, Covered]) -> None:
    """Announce the epoch on every topic of the world and wait until all is acknowledged."""
    for name in FENCED:
        event = event_type(name)
        log.send(fence(event, run_id, world_id, epoch, covered.get(event.topic.name, NOTHING).last_seq))
    log.flush()


def read_back(log: EventLog, run_id: str, world_id: int, covered: Mapping[str, Covered]) -> dict[str, deque[Out]]:
    """By topic, the blocks after the checkpoint that are on the log and count. Call it after the fences are acknowledged."""
    topics = [event_type(name).topic.name for name in FENCED]
    return {topic: deque(_counting(log, topic, world_key(run_id, world_id), covered.get(topic, NOTHING))) for topic in topics}


def _counting(log: EventLog, topic: str, key: bytes, covered: Covered) -> Iterator[Out]:
    partition = partition_of(key, log.partitions(topic))
    end = log.end_offset(topic, partition)
    if end < covered.offset:
        raise LogIsBehind(
            f"partition {partition} of {topic} ends at offset {end}, but the checkpoint covers it up to {covered.offset}; "
            "resume with the broker that the run was published to, or start a new run"
        )
    mark, parked = Mark(covered.last_seq, covered.epoch), dict[tuple[int, int], Out]()
    for record in log.read(topic, partition, covered.offset, end):
        if record.key != key:
            continue
        try:
            _, head = read_head(record.value, record.headers)
        except DecodeError:
            continue  # no consumer counts it; it lies in their dead letters
        at, found = (record.partition, record.offset), _out(record, head)
        judgement = judge(mark, head, at)
        mark = judgement.mark
        if judgement.verdict is Verdict.ACCEPTED:
            yield found
            yield from _released(judgement.released, parked)
        elif judgement.verdict is Verdict.PARKED:
            parked[at] = found


def _out(record: StoredRecord, head: Head) -> Out:
    return Out(head.last_seq, digest(record.value), head.epoch, record.partition, record.offset)


def _released(settled: Sequence[tuple[Parked, Verdict]], parked: dict[tuple[int, int], Out]) -> Iterator[Out]:
    for block, verdict in settled:
        found = parked.pop(block.at)
        if verdict is Verdict.ACCEPTED:
            yield found


class Repetition:
    """Tells re-created blocks that are out already from new ones.

    Parameters
    ----------
    log : where the published blocks lie, to name the first event that differs.
    out : what read_back found.
    """

    def __init__(self, log: EventLog, out: dict[str, deque[Out]]) -> None:
        self._log = log
        self._out = out

    def is_out(self, record: WireRecord) -> bool:
        """Whether the block is on the log already; it must then not be sent. Raises Diverged if another one lies there."""
        waiting = self._out.get(record.topic)
        if not waiting:
            return False
        published = waiting.popleft()
        if published.digest != digest(record.value):
            raise Diverged(self._difference(record, published))
        return True

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

    def _difference(self, record: WireRecord, published: Out) -> str:
        stored = next(iter(self._log.read(record.topic, published.partition, published.offset, published.offset + 1)))
        found = first_difference(decode(record.value, record.headers), decode(stored.value, stored.headers))
        return f"world of {record.key.decode()} does not repeat itself: {found}; {ADVICE}"


ADVICE = "the code, the configuration or the inputs changed since; resume with what the run began with, or start a new run"


def covered_now(
    log: EventLog, key: bytes, epoch: int, last_seqs: Mapping[EventType, int], repetition: Repetition | None
) -> dict[str, Covered]:
    """What a checkpoint may say is acknowledged, for every topic of the world; call it right after a flush."""
    covered = {}
    for event in map(event_type, FENCED):
        topic, last_seq = event.topic.name, last_seqs.get(event, -1)
        waiting = repetition.uncovered(topic) if repetition else None
        end = Covered(last_seq, epoch, log.end_offset(topic, partition_of(key, log.partitions(topic))))
        covered[topic] = msgspec.structs.replace(waiting, last_seq=last_seq) if waiting else end
    return covered


def headers_last_seq(record: WireRecord) -> int:
    """The last seq of a sealed block."""
    return parse_headers(record.headers).last_seq
