"""What the outside must provide: Protocols with their obligations. `pipelines.broker` implements the log on Kafka,
`pipelines.testing` in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from pipelines.events.block import Columns, StoredRecord, WireRecord
from pipelines.events.progress import Batch, Place, Progress, Refused

__all__ = ["Clock", "EventLog", "Feed", "LiveLog", "Sent", "Sink", "StoreReader", "StoreUnavailable", "StoredRecord", "Superseded"]


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


class Feed(Protocol):
    """New records of several topics as they come, each partition in order, from given offsets on.

    A partition whose offset was not given, or whose records below it are gone, begins with the first record that is left.
    """

    def poll(self, seconds: float) -> list[StoredRecord]:
        """What came; waits at most that long for something to come. ConnectionError if the log has gone."""

    def ends(self) -> dict[Place, int]:
        """The offset that the next record of each partition will get, as of now."""

    def commit(self, offsets: Mapping[Place, int]) -> None:
        """Tell the log how far the reader is, so that others see its lag. Nothing depends on it."""

    def close(self) -> None:
        """Let go of connections; a second call does nothing."""


class LiveLog(EventLog, Protocol):
    """An EventLog that can be followed."""

    def feed(self, topics: Sequence[str], starts: Mapping[Place, int], reader: str = "") -> Feed:
        """Read the topics from those offsets on; `reader` is the name under which `Feed.commit` tells how far it is."""


class StoreUnavailable(ConnectionError):
    """The store does not answer, or not now: full, starting, too busy. Trying again later may help."""


class Superseded(RuntimeError):
    """The store's progress is not the one that a batch was made for: the store lost its last moments, or somebody else writes."""


class Sink(Protocol):
    """A store of decoded events.

    Obligations
    -----------
    Idempotent: an event is one row whatever is written twice, by its identity (run_id, world_id, topic, seq) or its alert_id. What
    cannot be written twice (a balance, a counter) is written in one transaction with the progress.
    Durable: when `write` returns, the rows of the batch and its progress are in the store, the progress no earlier than the rows.
    `open` reads the progress back from the store itself, since a store may have lost its last moments.
    Fenced: `write` raises Superseded, with no progress made, if the store's version is not the batch's.
    Refusals: where the store takes the rest but not every event of a block, `write` calls `refuse` for that block before it makes
    progress. A store that cannot be reached raises StoreUnavailable; the caller opens it anew, later.
    """

    @property
    def name(self) -> str:
        """What it is called in commands, dead-letter topics and figures."""

    @property
    def events(self) -> tuple[str, ...]:
        """The event types that it takes."""

    def open(self) -> Progress:
        """Connect, make what the store lacks (tables, indices), and read its progress; may be called again after an error."""

    def write(self, batch: Batch, refuse: Callable[[Refused], None]) -> None:
        """Write a batch and its progress."""

    def close(self) -> None:
        """Let go of connections; a second call does nothing."""


class StoreReader(Protocol):
    """Reads back what a sink wrote, to be compared with the simulator."""

    @property
    def events(self) -> tuple[str, ...]:
        """The event types of which the store holds every row."""

    def rows(self, event: str, run_id: str) -> Iterator[tuple[int, Columns]]:
        """World and all columns of the type, seq and step included; each world's pieces together and in the order of seq."""

    def close(self) -> None:
        """Let go of connections; a second call does nothing."""
