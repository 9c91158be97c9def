"""A world small enough to crash at every record: a few records a step, a function of seed and step alone."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from pipelines.workers.play import Chunk
from pipelines.workers.sink import Records
from simulator.types import RECORD, RecordKind


class ToyWorld:
    """Writes one to five records a step and hands them out a few at a time, also in the middle of a step."""

    def __init__(self, seed: int, ring: int = 7, state: bytes | None = None) -> None:
        self.seed, self.ring = seed, ring
        self.step, self.next_seq, self._within = msgspec.msgpack.decode(state, type=tuple[int, int, int]) if state else (0, 0, 0)

    def snapshot(self) -> bytes:
        return msgspec.msgpack.encode((self.step, self.next_seq, self._within))

    def advance(self, until: int) -> Iterator[Chunk]:
        while self.step < until:
            records = step_records(self.seed, self.step)[self._within :][: self.ring]
            first, last = self.next_seq, self.step
            self._within += len(records)
            self.next_seq += len(records)
            if self._within == len(step_records(self.seed, self.step)):
                self.step, self._within = self.step + 1, 0
            yield Chunk(first, records, last)


def step_records(seed: int, step: int) -> Records:
    """The records of one step."""
    random = np.random.default_rng((seed, step))
    records = np.zeros(int(random.integers(1, 10)), RECORD)
    records["kind"] = random.choice([RecordKind.ACCEPTED, RecordKind.TRADE, RecordKind.TICK, RecordKind.ACCOUNT], len(records))
    records["step"], records["price"], records["size"] = step, 100, random.integers(1, 50, len(records))
    records["other_owner"], records["order_id"] = -1, random.integers(0, 1000, len(records))
    records["price"][records["kind"] == RecordKind.ACCOUNT] = 0
    return records


def whole_log(seed: int, steps: int) -> Records:
    """All records of a world."""
    return np.concatenate([step_records(seed, step) for step in range(steps)])
