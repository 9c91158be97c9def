"""Shipped fakes: a log in memory that can crash at the n-th record, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.events.block import WireRecord
from pipelines.events.topics import TOPICS, dead_letter_topics, partition_of
from pipelines.ports import Sent, StoredRecord


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
        return [topic.name for topic in TOPICS] + list(dead_letter_topics())

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

    def close(self) -> None:
        """Keeps the records, so that a test can look at them."""


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
