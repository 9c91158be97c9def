"""A log of made-up but well-formed blocks for the tests of sinks: worlds of a run, their names, doubles, a restart, a hole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from pipelines.events import codec
from pipelines.events.block import Block, Head, WireRecord, rows_of
from pipelines.events.codec import fence, seal
from pipelines.events.declarations import WORLDS, EventType, Sequence, event_type
from pipelines.testing import Identity, MemoryLog
from tests.pipelines.events import samples

RUN = "20261121-101500-a1b2"
START_NS = 1_795_000_000_000_000_000
STEP_NS = 100_000_000
COUNT = 12  # events of a block


def block_of(event: EventType, world_id: int, number: int, epoch: int = 0, run_id: str = RUN) -> Block:
    """The block of that number of a world: the same whenever it is made."""
    values = samples.columns(event, COUNT, seed=1000 * world_id + number)
    values["seq"] = np.arange(COUNT, dtype=np.int64) * 3 + 100 * number
    values["step"] = np.arange(COUNT, dtype=np.int32) + 20 * number
    if event.name == "alerts":
        values["alert_id"] = [f"{world_id}-{number}-{place}" for place in range(COUNT)]
    before = -1 if number == 0 or event.sequence is Sequence.NONE else 100 * (number - 1) + 3 * (COUNT - 1)
    return Block(event, Head(run_id, world_id, epoch, before, int(values["seq"][0]), int(values["seq"][-1]), COUNT), values)


def record_of(block: Block) -> WireRecord:
    """The block as it is sent."""
    return seal(block.event, block.head, codec.encode(block.event, block.head, block.columns))


def names_of(world_id: int, run_id: str = RUN) -> WireRecord:
    """What market.worlds says of a world."""
    named = [("symbol", 0, "ABC"), ("topic", 0, "rumour")]
    columns: dict[str, Any] = {
        "seq": np.arange(len(named), dtype=np.int64), "step": np.zeros(len(named), np.int32),
        "start_ns": np.full(len(named), START_NS), "step_ns": np.full(len(named), STEP_NS),
        "kind": [kind for kind, _, _ in named], "id": np.array([number for _, number, _ in named], np.int32),
        "name": [name for _, _, name in named],
    }  # fmt: skip
    head = Head(run_id, world_id, 0, -1, 0, len(named) - 1, len(named))
    return seal(WORLDS, head, codec.encode(WORLDS, head, columns))


def published(events: Iterable[str], worlds: int = 3, blocks: int = 5, partitions: int = 2) -> MemoryLog:
    """A log with every trouble that is none for a consumer that keeps the rule: doubles, a restarted world, old blocks after its fence."""
    log = MemoryLog(partitions=partitions)
    for world_id in range(worlds):
        log.send(names_of(world_id))
    for name in events:
        event = event_type(name)
        for number in range(blocks):
            for world_id in range(worlds):
                record = record_of(block_of(event, world_id, number))
                log.send(record)
                if (number + world_id) % 3 == 0:
                    log.send(record)
        if event.sequence is not Sequence.NONE:
            log.send(fence(event, RUN, 0, 1, block_of(event, 0, blocks - 1).head.last_seq))
            log.send(record_of(block_of(event, 0, blocks)))  # of the life before: counts nowhere
    return log


def expected(events: Iterable[str], worlds: int = 3, blocks: int = 5) -> dict[Identity, dict[str, Any]]:
    """Every row that a store must hold then, by identity."""
    found: dict[Identity, dict[str, Any]] = {}
    for name in events:
        for number in range(blocks):
            for world_id in range(worlds):
                found |= rows_by_identity(block_of(event_type(name), world_id, number))
    return found


def rows_by_identity(block: Block) -> dict[Identity, dict[str, Any]]:
    """The rows of a block by their identity."""
    own = "alert_id" if block.event.sequence is Sequence.NONE else "seq"
    return {(row["run_id"], row["world_id"], block.event.name, row[own]): row for row in rows_of(block)}
