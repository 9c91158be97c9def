"""CSV files: literal records in, literal lines out, the same however the log is cut and wherever it is resumed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipelines.workers.csv_log import CsvLog
from pipelines.workers.display import Display
from pipelines.workers.sink import Records
from simulator.types import RECORD, Reason, RecordKind, Side, TimeInForce

DISPLAY = Display(
    agents=["MM_01", "Trend_01"],
    symbols=["ABC"],
    tick_values=[0.01],
    trades=np.zeros(2, np.int64),
    cash=np.array([1000, 2000]),
    inventory=np.zeros((2, 1), np.int64),
    prices=np.array([10000]),
)


def record(kind: RecordKind, step: int, **fields: Any) -> Any:
    row = np.zeros(1, RECORD)
    row["kind"], row["step"] = kind, step
    for name, value in fields.items():
        row[name] = value
    return row[0]


def log() -> Records:
    return np.array(
        [
            record(RecordKind.ACCEPTED, 0, side=Side.BUY, price=9990, size=5, owner=0, order_id=1),
            record(RecordKind.ACCEPTED, 0, side=Side.SELL, price=10010, size=5, owner=0, order_id=2),
            record(RecordKind.TICK, 0, order_id=9990, other_id=10010),
            record(RecordKind.ACCEPTED, 2, side=Side.BUY, size=3, owner=1, time_in_force=TimeInForce.IOC, order_id=3),
            record(RecordKind.FILLED, 2, side=Side.BUY, price=10010, size=3, owner=0, other_owner=1, order_id=2, other_id=3),
            record(RecordKind.REJECTED, 2, side=Side.BUY, price=7, size=1, owner=1, reason=Reason.OFF_TICK),
            record(RecordKind.CANCELLED, 2, side=Side.BUY, price=9990, size=5, owner=0, order_id=1, reason=Reason.BY_OWNER),
            record(RecordKind.CANCELLED, 2, side=Side.BUY, size=1, owner=1, order_id=3, reason=Reason.UNFILLED),
            record(RecordKind.MODIFIED, 2, side=Side.SELL, price=10010, size=1, owner=0, order_id=2, reason=Reason.KEPT_PLACE),
            record(RecordKind.TICK, 2, order_id=0, other_id=10010),
            record(RecordKind.ACCOUNT, 2, owner=0, order_id=31030, size=-3),
            record(RecordKind.ACCOUNT, 2, owner=1, order_id=-28030, size=3),
        ]
    )


PRICES = "step,mid_price,best_bid,best_ask\n0,100,99.9,100.1\n1,100,99.9,100.1\n2,100,,100.1\n3,100,,100.1\n"
ACTIONS = """step,agent_id,type,side,price,quantity
0,MM_01,limit,buy,99.9,5
0,MM_01,limit,sell,100.1,5
2,Trend_01,market,buy,MKT,3
2,MM_01,cancel,buy,99.9,5
2,MM_01,modify,sell,100.1,1
"""
PNL = """step,agent_id,inventory,cash,total_value
0,MM_01,0,10,10
0,Trend_01,0,20,20
1,MM_01,0,10,10
1,Trend_01,0,20,20
2,MM_01,-3,310.3,10.3
2,Trend_01,3,-280.3,19.7
3,MM_01,-3,310.3,10.3
3,Trend_01,3,-280.3,19.7
"""


def check(folder: Path) -> None:
    assert (folder / "prices.csv").read_text() == PRICES
    assert (folder / "actions.csv").read_text() == ACTIONS
    assert (folder / "pnl.csv").read_text() == PNL


def pieces(records: Records, cut: int) -> list[tuple[int, Records]]:
    return [(start, records[start : start + cut]) for start in range(0, len(records), cut)]


@pytest.mark.parametrize("cut", range(1, 13))
def test_the_files_are_the_same_however_the_log_is_cut(tmp_path: Path, cut: int) -> None:
    csv = CsvLog(tmp_path, DISPLAY)
    for first, part in pieces(log(), cut):
        csv.write(first, part, int(part["step"][-1]))
    csv.close(4)
    check(tmp_path)


@pytest.mark.parametrize("kept_after", range(12))
def test_a_resumed_log_goes_on_where_the_checkpoint_was(tmp_path: Path, kept_after: int) -> None:
    csv = CsvLog(tmp_path, DISPLAY)
    state = b""
    for first, part in pieces(log(), 1):
        csv.write(first, part, int(part["step"][-1]))
        if first == kept_after:
            state, _ = csv.checkpoint()
    csv.abandon()
    again = CsvLog(tmp_path, DISPLAY, state)
    for first, part in pieces(log(), 1):
        if first > kept_after:
            again.write(first, part, int(part["step"][-1]))
    again.close(4)
    check(tmp_path)


def test_further_symbols_have_price_files_of_their_own(tmp_path: Path) -> None:
    nothing, one = np.zeros(1, np.int64), np.zeros((1, 2), np.int64)
    display = Display(["A"], ["ABC", "XYZ"], [0.01, 0.5], nothing, nothing, one, np.array([100, 200]))
    csv = CsvLog(tmp_path, display)
    csv.write(0, np.array([record(RecordKind.TICK, 0, symbol=1, order_id=190, other_id=220)]), 0)
    csv.close(1)
    assert (tmp_path / "prices.csv").read_text().splitlines()[1] == "0,1,,"
    assert (tmp_path / "prices_XYZ.csv").read_text().splitlines()[1] == "0,102.5,95,110"
