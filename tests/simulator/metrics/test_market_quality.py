"""Market quality: literal records in, literal figures out."""

import numpy as np
import pytest

from simulator.metrics import Liquidity, inventory_statistics, liquidity, mid_price, order_flow_balance
from simulator.types import RECORD, RecordKind, Side


def tick(bid: int, ask: int, bid_lots: int = 0, ask_lots: int = 0) -> np.ndarray:
    row = np.zeros(1, RECORD)
    row["kind"], row["order_id"], row["other_id"], row["owner"], row["other_owner"] = RecordKind.TICK, bid, ask, bid_lots, ask_lots
    return row


def trade(side: Side, size: int) -> np.ndarray:
    row = np.zeros(1, RECORD)
    row["kind"], row["side"], row["size"] = RecordKind.TRADE, side, size
    return row


def test_mid_is_missing_where_a_side_is() -> None:
    assert mid_price([99, 99], [102, 101]).tolist() == [100.5, 100.0]
    assert np.isnan(mid_price([99, 0], [0, 101])).all()


def test_liquidity_averages_the_quoted_steps() -> None:
    records = np.concatenate([tick(99, 101, 5, 7), tick(98, 102, 1, 1), tick(0, 101, 0, 9), trade(Side.BUY, 3)])
    found = liquidity(records)
    assert (found.spread_ticks, found.touch_lots) == (3.0, 7.0)
    assert (found.relative_spread, found.quoted_share) == pytest.approx((0.03, 2 / 3))


def test_liquidity_of_an_empty_book_is_zero() -> None:
    assert liquidity(tick(0, 0)) == Liquidity(0.0, 0.0, 0.0, 0.0)
    assert liquidity(np.zeros(0, RECORD)) == Liquidity(0.0, 0.0, 0.0, 0.0)


def test_order_flow_balance_signs_by_the_aggressor() -> None:
    assert order_flow_balance(np.concatenate([trade(Side.BUY, 6), trade(Side.SELL, 2), tick(1, 2)])) == 0.5
    assert order_flow_balance(tick(1, 2)) == 0.0


def test_foreign_arrays_are_refused() -> None:
    with pytest.raises(ValueError, match="RECORD"):
        order_flow_balance(np.zeros(3, dtype=[("kind", "u1")]))


def test_inventory_statistics_per_column() -> None:
    found = inventory_statistics([[0, 1], [2, 1], [-2, 1], [0, 1]])
    assert found.mean.tolist() == [0, 1]
    assert found.deviation.tolist() == [pytest.approx(2**0.5), 0]
    assert found.greatest.tolist() == [2, 1]
    assert found.final.tolist() == [0, 1]
    assert found.turnover.tolist() == [8, 0]
    assert found.flat_share.tolist() == [0.5, 0.0]
