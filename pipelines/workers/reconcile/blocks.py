"""Counting what lies in blocks, on Kafka or in bronze, by the same rule as every consumer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pipelines.events.block import Block, DecodeError
from pipelines.events.codec import decode
from pipelines.events.declarations import event_type
from pipelines.events.marks import Coordinates, Mark, Verdict, judge
from pipelines.events.topics import partition_of, world_key
from pipelines.ports import EventLog, StoredRecord
from pipelines.workers.reconcile.tally import Tally, new_tally

Fetch = Callable[[Coordinates], StoredRecord]
"""Gives a record of the topic again, by (partition, offset)."""


@dataclass
class Counted:
    """What one store holds of one world and type."""

    tally: Tally
    duplicates: int = 0
    refused: int = 0  # blocks of a lower epoch after a fence
    undecodable: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    mark: Mark = field(default_factory=Mark)


def nothing(event: str) -> Counted:
    """What a store holds of a world of which it holds nothing."""
    return Counted(new_tally(event))


def count_blocks(event: str, run_id: str, records: Iterable[StoredRecord], fetch: Fetch) -> dict[int, Counted]:
    """Count the events of each world of a run, whose records come in partition order; records of other runs are passed over."""
    prefix, found = f"{run_id}/".encode(), dict[int, Counted]()
    for record in records:
        if not record.key.startswith(prefix):
            continue
        world_id = int(record.key[len(prefix) :])
        _count(found.setdefault(world_id, nothing(event)), record, fetch)
    for counted in found.values():
        if counted.undecodable:
            counted.problems.append(f"{len(counted.undecodable)} records cannot be decoded, the first at {counted.undecodable[0]}")
        if counted.mark.parked:
            counted.problems.append(f"{len(counted.mark.parked)} blocks wait behind a hole after seq {counted.mark.seq}")
    return found


def _count(counted: Counted, record: StoredRecord, fetch: Fetch) -> None:
    try:
        block = decode(record.value, record.headers)
    except DecodeError as error:
        counted.undecodable.append(f"offset {record.offset} of {record.topic}/{record.partition} ({error})")
        return
    judgement = judge(counted.mark, block.head, (record.partition, record.offset))
    counted.mark = judgement.mark
    counted.duplicates += judgement.verdict is Verdict.DUPLICATE
    counted.refused += judgement.verdict is Verdict.STALE_EPOCH
    if judgement.verdict is Verdict.OVERLAP:
        counted.problems.append("a block begins before the mark and ends after it")
    if judgement.verdict is Verdict.ACCEPTED:
        counted.tally.add(block)
    for parked, verdict in judgement.released:
        if verdict is Verdict.ACCEPTED:
            counted.tally.add(_again(fetch, parked.at))


def _again(fetch: Fetch, at: Coordinates) -> Block:
    record = fetch(at)
    return decode(record.value, record.headers)


def count_on_kafka(log: EventLog, event: str, run_id: str, worlds: Iterable[int]) -> dict[int, Counted]:
    """Count one type of all worlds on Kafka, reading each partition that they use once."""
    topic = event_type(event).topic.name
    number = log.partitions(topic)

    def fetch(at: Coordinates) -> StoredRecord:
        return next(iter(log.read(topic, at[0], at[1], at[1] + 1)))

    found: dict[int, Counted] = {}
    for partition in sorted({partition_of(world_key(run_id, world_id), number) for world_id in worlds}):
        found |= count_blocks(event, run_id, log.read(topic, partition), fetch)
    return found
