"""A long event log for the streaming benchmarks: the steps of a busy market, repeated with a running sequence.

The mix follows a default run: mostly changes of the books, some trades, one tick per symbol and step, some accounts.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipelines.events.block import WireRecord
from pipelines.events.from_simulator import Bridge
from simulator.types import RECORD, Reason, RecordKind, TimeInForce

SYMBOLS = 2
AGENTS = 100
STEP = (
    [RecordKind.ACCEPTED] * 25
    + [RecordKind.FILLED] * 8
    + [RecordKind.CANCELLED] * 12
    + [RecordKind.TRADE] * 8
    + [RecordKind.TICK] * SYMBOLS
    + [RecordKind.ACCOUNT] * 5
)
CHUNK = len(STEP) * 500


def records(events: int, first: int = 0) -> NDArray[np.void]:
    """Records first .. first + events of an endless log, (events,) RECORD; the same for the same numbers."""
    index = np.arange(first, first + events, dtype=np.int64)
    rows = np.zeros(events, RECORD)
    rows["kind"] = np.array(STEP, np.uint8)[index % len(STEP)]
    rows["step"] = index // len(STEP)
    rows["symbol"] = index % SYMBOLS
    rows["price"] = 10_000 + _noise(index, 3) % 40 + (index // 5_000) % 200
    rows["size"] = 1 + _noise(index, 5) % 50
    rows["owner"], rows["other_owner"] = _noise(index, 7) % AGENTS, _noise(index, 11) % AGENTS
    rows["order_id"], rows["other_id"] = index - _noise(index, 13) % 400 + 400, index + 400
    _shape(rows)
    return rows


def blocks(run_id: str, world_id: int, events: int) -> Iterator[WireRecord]:
    """The log as sealed blocks of one world."""
    bridge = Bridge(run_id, world_id)
    for first in range(0, events, CHUNK):
        yield from bridge.feed(records(min(CHUNK, events - first), first), first)
    yield from bridge.finish()


def _noise(index: NDArray[np.int64], salt: int) -> NDArray[np.int64]:
    """Numbers that look random: a multiplicative hash of the index."""
    mixed = (index.astype(np.uint64) + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(40)).astype(np.int64)


def _shape(rows: NDArray[np.void]) -> None:
    """What each kind does not carry is what its layout says."""
    kind = rows["kind"]
    rows["reason"][kind == RecordKind.CANCELLED] = Reason.BY_OWNER
    rows["side"] = rows["owner"] & 1
    entered = kind == RecordKind.ACCEPTED
    rows["time_in_force"][entered & (rows["size"] > 40)] = TimeInForce.IOC
    for single in (entered, kind == RecordKind.CANCELLED):
        rows["other_id"][single] = rows["other_owner"][single] = -1
    rows["remaining"][kind != RecordKind.TRADE] = rows["size"][kind != RecordKind.TRADE] // 2
    tick, account = kind == RecordKind.TICK, kind == RecordKind.ACCOUNT
    rows["side"][tick | account] = 0
    rows["order_id"][tick], rows["other_id"][tick] = rows["price"][tick] - 1, rows["price"][tick] + 1
    rows["price"][account], rows["other_owner"][account] = 0, -1
