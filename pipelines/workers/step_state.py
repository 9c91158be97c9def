"""What holds at the end of each step, although records are written only when something changes: prices and accounts carried forward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipelines.workers.display import Display
from pipelines.workers.sink import Records
from simulator.types import RecordKind


@dataclass(frozen=True)
class StepRows:
    """One row per step."""

    bid: NDArray[np.int64]  # (steps, symbols) ticks, 0 without one
    ask: NDArray[np.int64]  # (steps, symbols) ticks, 0 without one
    mid: NDArray[np.float64]  # (steps, symbols) ticks; the last one known while a side is empty
    cash: NDArray[np.int64]  # (steps, agents) ticks x lots
    inventory: NDArray[np.int64]  # (steps, agents, symbols) lots
    value: NDArray[np.float64]  # (steps, agents) ticks x lots, cash and inventory at the mid price


class _Dump(msgspec.Struct, frozen=True):
    next_step: int
    bid: list[int]
    ask: list[int]
    mid: list[float]
    cash: list[int]
    inventory: list[list[int]]


class StepState:
    """Carries the last known values from step to step.

    Parameters
    ----------
    display : the values before the first record.
    dumped : what dump() gave, to go on from there.
    """

    def __init__(self, display: Display, dumped: bytes | None = None) -> None:
        symbols = len(display.symbols)
        start = _Dump(0, [0] * symbols, [0] * symbols, display.prices.tolist(), display.cash.tolist(), display.inventory.tolist())
        found = msgspec.msgpack.decode(dumped, type=_Dump) if dumped else start
        self.next_step = found.next_step
        self._bid, self._ask = np.array(found.bid, np.int64), np.array(found.ask, np.int64)
        self._mid = np.array(found.mid, np.float64)
        self._cash = np.array(found.cash, np.int64)
        self._inventory = np.array(found.inventory, np.int64).reshape(len(display.agents), symbols)

    def dump(self) -> bytes:
        """The state after the last step."""
        arrays = (self._bid, self._ask, self._mid, self._cash, self._inventory)
        return msgspec.msgpack.encode(_Dump(self.next_step, *(array.tolist() for array in arrays)))

    def advance(self, records: Records, stop: int) -> StepRows:
        """The rows of the steps from next_step to stop (excluded), given all their records."""
        steps = stop - self.next_step
        ticks = records[records["kind"] == RecordKind.TICK]
        accounts = records[records["kind"] == RecordKind.ACCOUNT]
        tick_at = (ticks["step"] - self.next_step, ticks["symbol"])
        bid = _carried(steps, self._bid, tick_at, ticks["order_id"])
        ask = _carried(steps, self._ask, tick_at, ticks["other_id"])
        mid = self._mids(steps, bid, ask)
        cash = _carried(steps, self._cash, (accounts["step"] - self.next_step, accounts["owner"]), accounts["order_id"])
        held_at = (accounts["step"] - self.next_step, accounts["owner"], accounts["symbol"])
        inventory = _carried(steps, self._inventory, held_at, accounts["size"])
        self.next_step = stop
        self._bid, self._ask, self._mid, self._cash, self._inventory = bid[-1], ask[-1], mid[-1], cash[-1], inventory[-1]
        return StepRows(bid, ask, mid, cash, inventory, cash + np.einsum("tas,ts->ta", inventory, mid))

    def _mids(self, steps: int, bid: NDArray[np.int64], ask: NDArray[np.int64]) -> NDArray[np.float64]:
        known = (bid > 0) & (ask > 0)
        step, symbol = np.nonzero(known)
        return _carried(steps, self._mid, (step, symbol), (bid[known] + ask[known]) / 2)


_Number = TypeVar("_Number", np.int64, np.float64)


def _carried(
    steps: int, before: NDArray[_Number], at: tuple[NDArray[np.signedinteger[Any]], ...], values: NDArray[Any]
) -> NDArray[_Number]:
    """(steps, *before.shape): values written where `at` says (the last one of a place wins), gaps filled from the step before."""
    rows = np.empty((steps + 1, *before.shape), before.dtype)
    written = np.zeros(rows.shape, np.int64)
    rows[0] = before
    place = (at[0] + 1, *at[1:])
    rows[place] = values
    written[place] = np.broadcast_to(place[0], values.shape)
    np.maximum.accumulate(written, axis=0, out=written)
    return np.take_along_axis(rows, written, axis=0)[1:]
