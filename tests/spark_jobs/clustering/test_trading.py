"""Features of what is traded, in which direction, and what is held."""

from __future__ import annotations

import math

import pytest

from simulator.types import Side
from spark_jobs.clustering.trading import PRIOR
from tests.spark_jobs.clustering.market import market, of, taking, together


def test_taking_and_being_taken() -> None:
    trades = [
        {"size": 3, "buyer": 1, "seller": 2, "aggressor": Side.BUY},
        {"size": 1, "buyer": 2, "seller": 1, "aggressor": Side.BUY},
    ]
    rows = market(orders=[{"size": 4, "side": Side.SELL}], trades=trades, ticks=[{}])
    assert (of(1, rows)["maker_share"], of(1, rows)["fill_ratio"]) == (0.25, 0.25)
    assert of(2, rows)["maker_share"] == 0.75


def test_partners_count_by_what_is_traded_with_each() -> None:
    alike = market(trades=[{"seller": 2}, {"seller": 3}, {"seller": 2}, {"seller": 3}], ticks=[{}])
    one = market(trades=[{"seller": 2}, {"seller": 2, "size": 7}], ticks=[{}])
    assert of(1, alike)["partners"] == pytest.approx(math.log(2))
    assert of(1, one)["partners"] == pytest.approx(0.0)


def test_gain_is_the_mid_later_against_the_price() -> None:
    ticks = [{}, {"best_bid": 103, "best_ask": 105, "step": 30}]
    rows = market(trades=[{"price": 101, "buyer": 1, "seller": 2}], ticks=ticks)
    assert (of(1, rows)["gain"], of(2, rows)["gain"]) == (1.5, -1.5)  # 104 against 101, the spread is 2


def test_who_takes_with_the_move_and_who_against_it() -> None:
    climb = [{"best_bid": 99 + step, "best_ask": 101 + step, "step": step} for step in range(1000)]
    acts = [taking(step, Side.BUY, agent=1) for step in range(100, 900, 10)]
    acts += [taking(step, Side.SELL, agent=2) for step in range(105, 900, 10)]
    rows = together(*acts, ticks=climb)
    for name in ("instant_momentum", "short_momentum", "long_momentum"):
        assert of(1, rows)[name] > 2
        assert of(1, rows)[name] == pytest.approx(-of(2, rows)[name])


def test_an_order_that_trades_twice_counts_once_and_few_orders_count_little() -> None:
    trades = [
        {"step": 1, "buy_order_id": 7},
        {"step": 1, "buy_order_id": 7},
        {"step": 2, "buy_order_id": 8},
        {"step": 3, "buy_order_id": 9},
        {"step": 4, "buyer": 2, "seller": 1, "aggressor": Side.SELL, "sell_order_id": 10},
    ]
    found = of(1, market(trades=trades, ticks=[{}]))
    assert found["sign_persistence"] == pytest.approx((1 + 1 - 1) / (3 + PRIOR))


def test_positions_and_how_long_they_last() -> None:
    rows = together(taking(100, Side.BUY, size=4), taking(300, Side.SELL, size=4))
    found = of(1, rows)
    assert found["one_sidedness"] == 0.0
    assert found["position"] == pytest.approx(math.log(1 + 0.8 / 4))  # four lots for a fifth of the time, orders of four
    assert found["holding_time"] == pytest.approx(math.log(1 + 200))
    kept = of(1, together(taking(100, Side.SELL, size=4)))
    assert kept["one_sidedness"] == 1.0
    assert kept["position"] == pytest.approx(math.log(1 + 0.9))
