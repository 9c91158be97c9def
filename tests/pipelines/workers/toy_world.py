"""A world small enough to crash at every record: a few records a step, a function of seed and step alone."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from pipelines.workers.display import Display
from pipelines.workers.play import Chunk
from pipelines.workers.publish import Rows
from pipelines.workers.reconcile.tally import hashes_by_type
from pipelines.workers.registry import WorldResult
from pipelines.workers.run_config import SimulateConfig
from pipelines.workers.sink import Records
from simulator.types import RECORD, RecordKind
from simulator.world.digest import Digest


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


class ToyRunWorld(ToyWorld):
    """The toy world with what a worker asks of a whole one."""

    def __init__(self, seed: int, state: bytes | None = None) -> None:
        super().__init__(seed, state=state)
        nobody = np.zeros(1000, np.int64)
        self.display = Display(["MM_01"] * 1000, ["ABC"], [0.01], nobody, nobody, nobody[:, None], np.array([100]))

    def names(self, start_ns: int) -> Rows:
        return [{"step": 0, "start_ns": start_ns, "step_ns": 100_000_000, "kind": "symbol", "id": 0, "name": "ABC"}]

    def labels(self) -> Rows:
        return [
            {"step": 0, "kind": "agent_type", "agent": 0, "symbol": -1, "first_step": 0, "last_step": -1, "episode": -1, "value": "noise"}
        ]

    def episodes(self) -> Rows:
        return []

    def result(self, world_id: int) -> WorldResult:
        digest = Digest()
        digest.update(whole_log(self.seed, self.step))
        events, hashes = hashes_by_type(digest)
        return WorldResult(
            world_id=world_id, events=events, hashes=hashes, world_hash=digest.hash(), books={}, steps=self.step, last_seq=self.next_seq - 1
        )


def open_toy(config: SimulateConfig, seed: int, world_id: int, state: bytes | None) -> ToyRunWorld:
    """A world opener for Worker."""
    return ToyRunWorld(seed * 1000 + world_id, state)
