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
    problems: list[str] = field(default_factory=list)


def count_blocks(event: str, key: bytes, records: Iterable[StoredRecord], fetch: Fetch) -> Counted:
    """Count the events of the world with that key, whose records come in partition order."""
    counted, mark = Counted(new_tally(event)), Mark()
    for record in records:
        if record.key != key:
            continue
        try:
            block = decode(record.value, record.headers)
        except DecodeError as error:
            counted.problems.append(f"offset {record.offset} of {record.topic}/{record.partition} cannot be decoded ({error})")
            continue
        judgement = judge(mark, block.head, (record.partition, record.offset))
        mark = judgement.mark
        _note(counted, judgement.verdict)
        if judgement.verdict is Verdict.ACCEPTED:
            counted.tally.add(block)
        for parked, verdict in judgement.released:
            if verdict is Verdict.ACCEPTED:
                counted.tally.add(_again(fetch, parked.at))
    if mark.parked:
        counted.problems.append(f"{len(mark.parked)} blocks wait behind a hole after seq {mark.seq}")
    return counted


def _note(counted: Counted, verdict: Verdict) -> None:
    counted.duplicates += verdict is Verdict.DUPLICATE
    counted.refused += verdict is Verdict.STALE_EPOCH
    if verdict is Verdict.OVERLAP:
        counted.problems.append("a block begins before the mark and ends after it")


def _again(fetch: Fetch, at: Coordinates) -> Block:
    record = fetch(at)
    return decode(record.value, record.headers)


def count_on_kafka(log: EventLog, event: str, run_id: str, world_id: int) -> Counted:
    """Count one world and type on Kafka, reading its partition once."""
    topic, key = event_type(event).topic.name, world_key(run_id, world_id)
    partition = partition_of(key, log.partitions(topic))

    def fetch(at: Coordinates) -> StoredRecord:
        return next(iter(log.read(topic, at[0], at[1], at[1] + 1)))

    return count_blocks(event, key, log.read(topic, partition), fetch)
