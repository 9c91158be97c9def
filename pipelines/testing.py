"""Shipped fakes: a log in memory that can crash at the n-th record, a store that can, too, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pipelines.events.block import Block, WireRecord, rows_of
from pipelines.events.progress import Batch, Place, Progress, Refused
from pipelines.events.topics import SCHEMAS, TOPICS, dead_letter_topics, partition_of
from pipelines.ports import Sent, StoredRecord, StoreUnavailable, Superseded


class Crash(RuntimeError):
    """The crash that a MemoryLog was asked for; the log keeps what it had taken before."""


class MemoryLog:
    """An EventLog in memory. Everything sent is acknowledged at once.

    Parameters
    ----------
    crash_at : raise Crash instead of taking the n-th record (0 is the first); None never. Set it again to crash anew.
    partitions : of every topic.
    """

    def __init__(self, crash_at: int | None = None, partitions: int = 2) -> None:
        self.crash_at = crash_at
        self._records: dict[tuple[str, int], list[StoredRecord]] = {
            (topic, partition): [] for topic in self._names() for partition in range(partitions)
        }
        self._partitions = partitions
        self._taken = 0

    @staticmethod
    def _names() -> list[str]:
        return [topic.name for topic in (*TOPICS, SCHEMAS)] + list(dead_letter_topics())

    def send(self, record: WireRecord) -> None:
        """Take a record, or raise Crash if it is the one to crash at; ValueError for an unknown topic."""
        kept = self._at(record.topic, partition_of(record.key, self._partitions))
        if self._taken == self.crash_at:
            raise Crash(f"crashed at record {self._taken}, as asked")
        self._taken += 1
        partition = partition_of(record.key, self._partitions)
        kept.append(StoredRecord(record.topic, partition, len(kept), 0, record.key, record.value, record.headers))

    def _at(self, topic: str, partition: int) -> list[StoredRecord]:
        try:
            return self._records[topic, partition]
        except KeyError:
            known = ", ".join(self._names())
            raise ValueError(f"unknown topic {topic!r} or partition {partition} of {self._partitions}; topics: {known}") from None

    def flush(self, timeout_s: float | None = None) -> None:
        """Nothing waits."""

    def sent(self) -> Sent:
        """All of it is acknowledged."""
        return Sent(self._taken, 0, 0)

    def partitions(self, topic: str) -> int:
        """As given, for every known topic."""
        self._at(topic, 0)
        return self._partitions

    def end_offset(self, topic: str, partition: int) -> int:
        """How many records the partition holds."""
        return len(self._at(topic, partition))

    def read(self, topic: str, partition: int, start: int = 0, end: int | None = None) -> Iterator[StoredRecord]:
        """The records from start up to end, or to the end as of the call."""
        return iter(list(self._at(topic, partition)[start:end]))

    def feed(self, topics: Sequence[str], starts: Mapping[Place, int], reader: str = "") -> MemoryFeed:
        """See LiveLog.feed."""
        return MemoryFeed(self, topics, starts)

    def close(self) -> None:
        """Keeps the records, so that a test can look at them."""


class MemoryFeed:
    """A Feed on a MemoryLog: each poll gives one record of each partition, so that topics interleave."""

    def __init__(self, log: MemoryLog, topics: Sequence[str], starts: Mapping[Place, int]) -> None:
        self._log = log
        self._next = {(topic, partition): 0 for topic in topics for partition in range(log.partitions(topic))} | dict(starts)

    def poll(self, seconds: float) -> list[StoredRecord]:
        """See Feed.poll; never waits."""
        found = [record for place, start in self._next.items() for record in self._log.read(*place, start, start + 1)]
        for record in found:
            self._next[record.topic, record.partition] = record.offset + 1
        return found

    def ends(self) -> dict[Place, int]:
        """See Feed.ends."""
        return {place: self._log.end_offset(*place) for place in self._next}

    def commit(self, offsets: Mapping[Place, int]) -> None:
        """Nobody looks."""

    def close(self) -> None:
        """Nothing to let go of."""


Identity = tuple[str, int, str, int | str]
"""run_id, world_id, event type, and seq or alert_id."""


class MemorySink:
    """A Sink in memory that can go away, forget its last moments and refuse rows.

    Parameters
    ----------
    name, events : as of the sink that it stands for.
    crash_at : raise StoreUnavailable instead of taking the n-th event (0 is the first), once, with those before it kept but no progress
        made; None never.
    refuses : rows that are not taken.
    """

    def __init__(
        self, name: str, events: tuple[str, ...], crash_at: int | None = None, refuses: Callable[[dict[str, Any]], bool] = lambda row: False
    ) -> None:
        self.name, self.events, self.crash_at, self.refuses = name, events, crash_at, refuses
        self.rows: dict[Identity, dict[str, Any]] = {}
        self.progress = Progress()
        self.taken = 0
        self.opened = 0
        self._memory: list[tuple[Progress, dict[Identity, dict[str, Any]]]] = []

    def open(self) -> Progress:
        """See Sink.open."""
        self.opened += 1
        return self.progress

    def write(self, batch: Batch, refuse: Callable[[Refused], None]) -> None:
        """See Sink.write."""
        if batch.version != self.progress.version:
            raise Superseded(f"the batch follows version {batch.version}, the store has {self.progress.version}")
        self._memory.append((self.progress, dict(self.rows)))
        for taken in batch.taken:
            if not all(self._took(taken.block, row) for row in rows_of(taken.block)):
                refuse(Refused(taken, "refused", "a row that this store does not take"))
        self.progress = self.progress.after(batch)

    def _took(self, block: Block, row: dict[str, Any]) -> bool:
        if self.taken == self.crash_at:
            self.crash_at = None
            raise StoreUnavailable(f"crashed at event {self.taken}, as asked")
        self.taken += 1
        if self.refuses(row):
            return False
        head, own = block.head, "alert_id" if block.event.name == "alerts" else "seq"
        self.rows[head.run_id, head.world_id, block.event.name, row[own]] = row
        return True

    def forget(self, batches: int) -> None:
        """Lose the last batches, as a store may that is killed before it wrote to its disk."""
        self.progress, self.rows = self._memory[-batches]
        del self._memory[-batches:]

    def close(self) -> None:
        """Keeps the rows, so that a test can look at them."""


class FixedClock:
    """A Clock that only moves when told to, or slept on."""

    def __init__(self, now_ns: int = 1_700_000_000_000_000_000) -> None:
        self._now_ns = now_ns

    def now_ns(self) -> int:
        """The instant it was set to, plus everything slept."""
        return self._now_ns

    def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self._now_ns += int(seconds * 1e9)
