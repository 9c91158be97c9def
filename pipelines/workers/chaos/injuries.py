"""What a careless world does to the topics: records that lie twice, and records that nobody can read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelines.events.block import StoredRecord, WireRecord
from pipelines.ports import EventLog

POISON = b"poison/0"
"""Key of records that cannot be read: of no run, so that no run lacks them."""


@dataclass
class Injuries:
    """Sends doubles and poison.

    Parameters
    ----------
    log : where.
    topics : which.
    chance : a numpy generator.
    """

    log: EventLog
    topics: Sequence[str]
    chance: Any
    doubled: int = 0
    poisoned: Counter[str] = field(default_factory=Counter)  # topic -> records

    def strike(self) -> None:
        """One double and one record that cannot be read; nothing while the topics are empty. ConnectionError if the broker is away."""
        topic = str(self.chance.choice(list(self.topics)))
        record = self._any_record(topic)
        if record is None:
            return
        self.log.send(WireRecord(topic, record.key, record.value, record.headers))
        self.doubled += 1
        broken = bytearray(record.value)
        broken[int(self.chance.integers(len(broken)))] ^= 1 << int(self.chance.integers(8))
        self.log.send(WireRecord(topic, POISON, bytes(broken), record.headers))
        self.poisoned[topic] += 1
        self.log.flush(20)

    def _any_record(self, topic: str) -> StoredRecord | None:
        partition = int(self.chance.integers(self.log.partitions(topic)))
        end = self.log.end_offset(topic, partition)
        if not end:
            return None
        offset = int(self.chance.integers(end))
        return next((record for record in self.log.read(topic, partition, offset, offset + 1) if record.key != POISON), None)
