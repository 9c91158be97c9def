"""Made-up but well-formed logs and blocks for the tests of the wire."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.events.block import Head
from pipelines.events.columns import ColumnType
from pipelines.events.declarations import EventType
from pipelines.events.layout import LAYOUTS
from simulator.types import RECORD, RecordKind


def log(count: int, seed: int = 0, steps: int = 40) -> NDArray[np.void]:
    """`count` records of all kinds with any values in the fields that their event types carry; steps rise unevenly."""
    rng = np.random.default_rng(seed)
    records = np.zeros(count, RECORD)
    records["kind"] = rng.choice([int(kind) for kind in RecordKind], count)
    records["step"] = np.sort(rng.integers(0, steps, count))
    for name in ("side", "reason", "time_in_force"):
        records[name] = rng.integers(0, 256, count)
    for name in ("symbol", "price", "size", "remaining", "owner", "other_owner"):
        records[name] = rng.integers(-(2**31), 2**31, count) >> rng.integers(0, 32, count)
    for name in ("order_id", "other_id"):
        records[name] = rng.integers(-(2**63), 2**63 - 1, count) >> rng.integers(0, 64, count)
    for layout in LAYOUTS:
        carries = np.isin(records["kind"], layout.kinds)
        for name, value in layout.constants.items():
            records[name][carries] = value
    return records


def columns(event: EventType, count: int, seed: int = 0) -> dict[str, Any]:
    """Columns of any legal values."""
    rng = np.random.default_rng(seed)
    values: dict[str, Any] = {}
    for column in event.all_columns:
        if column.type is ColumnType.STRING:
            values[column.name] = ["".join(chr(c) for c in rng.integers(32, 0x2000, 4)) for _ in range(count)]
        elif column.type is ColumnType.DOUBLE:
            values[column.name] = rng.normal(size=count)
        else:
            bits, dtype = (31, np.int32) if column.type is ColumnType.INT else (63, np.int64)
            values[column.name] = rng.integers(-(2**bits), 2**bits - 1, count, endpoint=True).astype(dtype)
    values["seq"] = 7 + np.cumsum(rng.integers(1, 1000, count))
    return values


def head(values: dict[str, Any], prev_seq: int = 7, epoch: int = 2) -> Head:
    """The head of a block of these columns."""
    seq = values["seq"]
    first, last = (int(seq[0]), int(seq[-1])) if len(seq) else (prev_seq, prev_seq)
    return Head("20261121-101500-a1b2", 3, epoch, prev_seq, first, last, len(seq))
