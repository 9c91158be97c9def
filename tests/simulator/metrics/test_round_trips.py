"""Trading success by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.metrics import trading_success
from simulator.types import RECORD, RecordKind


def trades(*rows: tuple[int, int, int, int]) -> np.ndarray:
    """Records of (buyer, seller, lots, price)."""
    found = np.zeros(len(rows), RECORD)
    found["kind"] = RecordKind.TRADE
    for row, (buyer, seller, size, price) in zip(found, rows, strict=True):
        row["owner"], row["other_owner"], row["size"], row["price"] = buyer, seller, size, price
    return found


def test_lots_are_matched_first_in_first_out() -> None:
    log = trades((1, 2, 4, 100), (1, 2, 4, 110), (2, 1, 6, 105))  # 4 lots gain 5, 2 lots lose 5, 2 stay open
    assert trading_success(log, 1) == pytest.approx(4 / 6)
    assert trading_success(log, 2) == pytest.approx(2 / 6)  # the other side of the same trades


def test_a_short_gains_when_it_is_bought_back_cheaper_and_turns_into_a_long() -> None:
    log = trades((9, 1, 2, 100), (1, 9, 5, 90), (9, 1, 3, 90))  # short 2 at 100, bought back at 90; 3 long at 90, sold for 90
    assert trading_success(log, 1) == pytest.approx((2 + 0.5 * 3) / 5)


def test_nothing_closed_is_no_success_and_no_failure() -> None:
    assert np.isnan(trading_success(trades((1, 2, 4, 100)), 1))
    assert trading_success(trades((1, 2, 4, 100), (1, 1, 4, 90), (2, 1, 8, 95)), 1) == 0.0  # with itself it bought nothing
    with pytest.raises(ValueError, match="not the log's records"):
        trading_success(np.zeros(1, np.dtype([("kind", "u1")])), 1)
