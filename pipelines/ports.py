"""What the outside must provide: Protocols with their obligations. `pipelines.broker` implements the log on Kafka,
`pipelines.testing` in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from pipelines.events.block import StoredRecord, WireRecord

__all__ = ["Clock", "EventLog", "Sent", "Sink", "StoredRecord"]


class Sent(NamedTuple):
    """What a log has acknowledged and what it has not yet."""

    acknowledged: int
    waiting: int
    resent: int


class EventLog(Protocol):
    """A durable, partitioned log of records.

    Obligations
    -----------
    Order: records of one key go to one partition (`pipelines.events.topics.partition_of`) and lie there in the order in
    which they were sent, whatever fails and is sent again. A record may lie there twice (after a fault), never zero
    times; consumers judge that by `pipelines.events.marks`.
    Never drop: a record leaves the sender's memory only when the log has acknowledged it. There is no expiry. When
    memory (bounded) is full, `send` blocks until there is room. A record that the log will never take (too large, no
    such topic) raises ValueError from the `send` or the `flush` that learns of it, and nothing after it is acknowledged
    before it.
    Threads: one caller, but for `sent`; an implementation may use threads of its own.
    """

    def send(self, record: WireRecord) -> None:
        """Queue a record; may block for room. Raises ValueError for an unknown topic or a record that can never be taken."""

    def flush(self, timeout_s: float | None = None) -> None:
        """Block until everything sent is acknowledged; TimeoutError if that takes longer than timeout_s."""

    def sent(self) -> Sent:
        """Counts so far; never blocks, and may be asked from any thread."""

    def partitions(self, topic: str) -> int:
        """How many partitions the topic has."""

    def end_offset(self, topic: str, partition: int) -> int:
        """The offset that the next record of the partition will get; everything acknowledged lies below it."""

    def read(self, topic: str, partition: int, start: int = 0, end: int | None = None) -> Iterator[StoredRecord]:
        """The records with start <= offset < end in order; end defaults to the end as of the call, so it always stops."""

    def close(self) -> None:
        """Flush and let go of everything; a second call does nothing. After it no call is allowed."""


class Clock(Protocol):
    """The wall clock, for publishing and progress only: no event and no decision reads it."""

    def now_ns(self) -> int:
        """Nanoseconds since 1970-01-01 UTC; never goes back within a process."""

    def sleep(self, seconds: float) -> None:
        """Block for about that long."""


class Sink(Protocol):
    """A store of decoded events.

    Obligations
    -----------
    `write` is idempotent on (run_id, world_id, seq) within a type: writing a block again changes nothing. It may keep
    blocks in memory; `flush` makes everything written durable together with the offsets passed to it, in the store
    itself. `positions` gives back the offsets that are durable there, and a reader starts from those; offsets committed
    to Kafka only show lag. A block that the store cannot take raises ValueError, and the caller sends it to the dead
    letters; any other error is retried by the caller. `close` flushes nothing.
    """

    def write(self, record: StoredRecord) -> None:
        """Take one record; may block, may keep it in memory."""

    def flush(self, offsets: dict[tuple[str, int], int]) -> None:
        """Make all written records and these next offsets by (topic, partition) durable."""

    def positions(self) -> dict[tuple[str, int], int]:
        """The next offset to read by (topic, partition), as stored durably."""

    def close(self) -> None:
        """Let go of connections."""
