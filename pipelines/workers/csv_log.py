"""CSV files of a world in the units people use: prices.csv, actions.csv, pnl.csv, and those of what happens beside trading.

Every file has one header line. prices.csv has a row per step (of the first symbol; each further one has its own
prices_<SYMBOL>.csv), pnl.csv a row per step and agent, actions.csv a row per accepted order, cancellation by its
owner and modification, in the order in which the market took them. The first world's files lie in results/logs, those of
each further world in results/logs/world-<id>; run_id.txt beside them says whose they are.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from pipelines.workers import csv_beyond
from pipelines.workers.checkpoint import Covered
from pipelines.workers.display import Display
from pipelines.workers.durable import as_disk_error, write_atomic
from pipelines.workers.sink import Records
from pipelines.workers.step_state import StepState
from simulator.types import RECORD, Reason, RecordKind, TimeInForce

PRICES = ("step", "mid_price", "best_bid", "best_ask")
ACTIONS = ("step", "agent_id", "type", "side", "price", "quantity")
PNL = ("step", "agent_id", "inventory", "cash", "total_value")
_STEPS_AT_ONCE = 4096


class _Kept(msgspec.Struct, frozen=True):
    """What a checkpoint keeps: the files' lengths, the unfinished step's records and the state before it."""

    lengths: dict[str, int]
    tail: bytes
    state: bytes


class _CsvFile:
    """One file; `lengths` given: cut back to what the checkpoint knew."""

    def __init__(self, path: Path, columns: tuple[str, ...], length: int | None) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with as_disk_error(path):
            self._handle: BinaryIO = path.open("r+b" if length is not None and path.exists() else "w+b")
            if length is None:
                self._handle.write((",".join(columns) + "\n").encode())
            else:
                self._handle.truncate(length)
                self._handle.seek(0, os.SEEK_END)

    def append(self, table: pa.Table) -> None:
        """Add rows."""
        with as_disk_error(self.path):
            arrow_csv.write_csv(table, self._handle, arrow_csv.WriteOptions(include_header=False, quoting_style="none"))

    def sync(self) -> int:
        """Bring it to the disk; the length so far."""
        with as_disk_error(self.path):
            self._handle.flush()
            os.fsync(self._handle.fileno())
        return self._handle.tell()

    def close(self) -> None:
        self._handle.close()


class CsvLog:
    """Writes one world's CSV files; a RecordSink.

    Parameters
    ----------
    folder : where the files go; existing ones are replaced, unless kept is given.
    display : names and units.
    kept : the state of a checkpoint, to go on from it.
    """

    published = 0
    repeating = False

    def __init__(self, folder: Path, display: Display, kept: bytes | None = None) -> None:
        self._display = display
        before = msgspec.msgpack.decode(kept, type=_Kept) if kept else None
        self._state = StepState(display, before.state if before else None)
        self._tail = np.frombuffer(before.tail, RECORD).copy() if before else np.empty(0, RECORD)
        lengths = before.lengths if before else {}
        self._files = {name: _CsvFile(folder / name, columns, lengths.get(name)) for name, columns in self._names(display).items()}

    @staticmethod
    def _names(display: Display) -> dict[str, tuple[str, ...]]:
        further = {f"prices_{symbol}.csv": PRICES for symbol in display.symbols[1:]}
        beyond = {f"{name}.csv": csv_beyond.COLUMNS[name] for name in display.beyond}
        return {"prices.csv": PRICES, "actions.csv": ACTIONS, "pnl.csv": PNL, **further, **beyond}

    def write(self, first_seq: int, records: Records, last_step: int) -> None:
        """Write down what the records say; the last step waits until it is complete."""
        waiting = np.concatenate([self._tail, records])
        cut = int(np.searchsorted(waiting["step"], last_step))
        self._write_steps(waiting[:cut], last_step)
        self._tail = waiting[cut:].copy()

    def checkpoint(self) -> tuple[bytes, dict[str, Covered]]:
        """Bring the files to the disk and tell how long they are."""
        lengths = {name: file.sync() for name, file in self._files.items()}
        return msgspec.msgpack.encode(_Kept(lengths, self._tail.tobytes(), self._state.dump())), {}

    def close(self, steps: int) -> None:
        """Write the last steps too, also those in which nothing happened."""
        self._write_steps(self._tail, steps)
        self._tail = np.empty(0, RECORD)
        for file in self._files.values():
            file.sync()
            file.close()

    def abandon(self) -> None:
        """Close the files as they are; a resumed run cuts them back to its checkpoint."""
        for file in self._files.values():
            file.close()

    def _write_steps(self, records: Records, end: int) -> None:
        if len(records):
            self._files["actions.csv"].append(actions_table(records, self._display))
            for name, rows in csv_beyond.tables(records, self._display).items():
                self._files[f"{name}.csv"].append(rows)
        while self._state.next_step < end:
            stop = min(end, self._state.next_step + _STEPS_AT_ONCE)
            split = int(np.searchsorted(records["step"], stop))
            self._write_rows(records[:split], stop)
            records = records[split:]

    def _write_rows(self, records: Records, stop: int) -> None:
        steps = np.arange(self._state.next_step, stop, dtype=np.int64)
        rows = self._state.advance(records, stop)
        for symbol, name in enumerate(self._display.symbols):
            file = self._files["prices.csv" if symbol == 0 else f"prices_{name}.csv"]
            file.append(prices_table(steps, rows.bid[:, symbol], rows.ask[:, symbol], rows.mid[:, symbol], self._display, symbol))
        self._files["pnl.csv"].append(pnl_table(steps, rows.inventory.sum(axis=2), rows.cash, rows.value, self._display))


def claim(folder: Path, run_id: str, resumed: bool) -> None:
    """Note whose files lie in a folder. Raises ValueError if a run is to go on with files that another run has replaced."""
    owner = folder / "run_id.txt"
    there = owner.read_text().strip() if owner.exists() else "none"
    if resumed and there != run_id:
        raise ValueError(f"{folder} holds the files of run {there}, not of {run_id}; a resumed run needs its own: start a new run")
    write_atomic(owner, f"{run_id}\n".encode())


def prices_table(
    steps: NDArray[np.int64], bid: NDArray[np.int64], ask: NDArray[np.int64], mid: NDArray[np.float64], display: Display, symbol: int
) -> pa.Table:
    """Rows of prices.csv; a side without orders is left empty."""

    def side(ticks: NDArray[np.int64]) -> pa.Array:
        return pa.array(display.price(ticks, symbol), mask=ticks <= 0)

    return pa.table([steps, display.price(mid, symbol), side(bid), side(ask)], names=list(PRICES))


def pnl_table(
    steps: NDArray[np.int64], inventory: NDArray[np.int64], cash: NDArray[np.int64], value: NDArray[np.float64], display: Display
) -> pa.Table:
    """Rows of pnl.csv from (steps, agents) arrays."""
    agents = len(display.agents)
    names = pa.array(list(display.agents)).take(pa.array(np.tile(np.arange(agents), len(steps))))
    columns = [inventory.ravel(), display.money(cash).ravel(), display.money(value).ravel()]
    return pa.table([np.repeat(steps, agents), names, *columns], names=list(PNL))


def actions_table(records: Records, display: Display) -> pa.Table:
    """Rows of actions.csv: what agents did, as far as the market took it."""
    kind, reason = records["kind"], records["reason"]
    placed = kind == RecordKind.ACCEPTED
    taken = placed | ((kind == RecordKind.CANCELLED) & (reason == Reason.BY_OWNER)) | (kind == RecordKind.MODIFIED)
    rows = records[taken & (records["owner"] >= 0)]
    placed = rows["kind"] == RecordKind.ACCEPTED
    market = placed & (rows["price"] == 0) & (rows["time_in_force"] == TimeInForce.IOC)
    number = np.where(market, 1, np.where(placed, 0, np.where(rows["kind"] == RecordKind.CANCELLED, 2, 3)))
    prices = pc.cast(pa.array(display.price(rows["price"], rows["symbol"])), pa.string())
    return pa.table(
        [
            rows["step"],
            pa.array(list(display.agents)).take(pa.array(rows["owner"])),
            pa.array(["limit", "market", "cancel", "modify"]).take(pa.array(number)),
            pa.array(["buy", "sell"]).take(pa.array(rows["side"])),
            pc.if_else(pa.array(market), "MKT", prices),
            rows["size"],
        ],
        names=list(ACTIONS),
    )
