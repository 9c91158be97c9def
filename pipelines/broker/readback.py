"""What of a world lies on the log already: read backwards from the end, as a restarted world does up to its fence."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.events.block import DecodeError, Head
from pipelines.events.codec import read_head
from pipelines.events.topics import partition_of, world_key
from pipelines.ports import EventLog, StoredRecord

FIRST_WINDOW = 64  # offsets; doubles with each step back

Found = tuple[Head, StoredRecord]


def blocks_after(log: EventLog, topic: str, run_id: str, world_id: int, seq: int, end: int | None = None) -> list[Found]:
    """The blocks of a world with events above seq, in partition order, up to offset `end` (default: the end).

    Fences and records that cannot be decoded are left out. Stops looking back at the first window that holds a block of
    the world that ends at or below seq, or its first block.
    """
    found: list[Found] = []
    for blocks in _windows(log, topic, world_key(run_id, world_id), end):
        found[:0] = [(head, record) for head, record in blocks if head.last_seq > seq]
        if any(head.last_seq <= seq or head.prev_seq < 0 for head, _ in blocks):
            break
    return found


def last_block(log: EventLog, topic: str, run_id: str, world_id: int) -> Found | None:
    """The last block (no fence) of a world on a topic, or None."""
    for blocks in _windows(log, topic, world_key(run_id, world_id), None):
        if blocks:
            return blocks[-1]
    return None


def _windows(log: EventLog, topic: str, key: bytes, end: int | None) -> Iterator[list[Found]]:
    """The blocks with that key in growing windows of offsets, the last window first."""
    partition = partition_of(key, log.partitions(topic))
    stop, window = log.end_offset(topic, partition) if end is None else end, FIRST_WINDOW
    while stop > 0:
        start = max(0, stop - window)
        records = (record for record in log.read(topic, partition, start, stop) if record.key == key)
        yield [(head, record) for record in records if (head := _head(record)) is not None]
        stop, window = start, 2 * window


def _head(record: StoredRecord) -> Head | None:
    try:
        head = read_head(record.value, record.headers)[1]
    except DecodeError:
        return None
    return None if head.is_fence else head
