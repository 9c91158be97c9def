"""Features of how orders are placed, changed and left."""

from __future__ import annotations

import math

import pytest

from simulator.types import Reason, RecordKind, Side, TimeInForce
from tests.spark_jobs.clustering.market import market, of


def test_rate_kind_and_size_of_orders() -> None:
    orders = [
        {"size": 2},
        {"size": 6, "time_in_force": TimeInForce.IOC, "price": 0},
        {"size": 4, "owner": 2},
        {"size": 9, "kind": RecordKind.REJECTED},
    ]
    found = of(1, market(orders=orders, ticks=[{}]), steps=1200)
    assert found["order_rate"] == pytest.approx(math.log(2))  # two in two minutes
    assert (found["market_share"], found["size_dispersion"]) == (0.5, 0.5)
    assert found["order_size"] == pytest.approx(0.0)  # four lots, as the median


def test_withdrawn_and_moved_orders() -> None:
    orders = [
        {"order_id": 1},
        {"order_id": 2},
        {"order_id": 1, "kind": RecordKind.MODIFIED, "reason": Reason.REQUEUED, "step": 5},
        {"order_id": 1, "kind": RecordKind.CANCELLED, "reason": Reason.BY_OWNER, "step": 7},
        {"order_id": 2, "kind": RecordKind.CANCELLED, "reason": Reason.UNFILLED, "step": 7},
    ]
    found = of(1, market(orders=orders, ticks=[{}]))
    assert (found["cancel_share"], found["modify_share"]) == (0.5, pytest.approx(1 / 3))


def test_lifetime_ends_with_the_last_lot_and_with_the_window() -> None:
    orders = [
        {"order_id": 1, "step": 10},
        {"order_id": 1, "step": 12, "kind": RecordKind.FILLED, "remaining": 1},
        {"order_id": 1, "step": 14, "kind": RecordKind.FILLED, "remaining": 0},
        {"order_id": 2, "step": 20, "owner": 2},
    ]
    rows = market(orders=orders, ticks=[{}])
    assert of(1, rows)["lifetime"] == pytest.approx(math.log(1 + 4))
    assert of(2, rows)["lifetime"] == pytest.approx(math.log(1 + 980))


def test_distance_counts_in_spreads_from_the_mid_that_was_seen() -> None:
    ticks = [{"best_bid": 98, "best_ask": 102}, {"best_bid": 108, "best_ask": 112, "step": 5}]
    orders = [{"step": 5, "price": 96}, {"step": 6, "price": 114, "side": Side.SELL}]
    found = of(1, market(orders=orders, ticks=ticks))
    assert (found["distance"], found["distance_dispersion"]) == (1.0, 0.0)  # 100 is seen in step 5, 110 in step 6


def test_both_sides_at_a_time() -> None:
    orders = [
        {"order_id": 1, "step": 0},
        {"order_id": 2, "step": 4, "side": Side.SELL},
        {"order_id": 2, "step": 6, "kind": RecordKind.CANCELLED, "reason": Reason.BY_OWNER, "side": Side.SELL},
        {"order_id": 1, "step": 8, "kind": RecordKind.CANCELLED, "reason": Reason.BY_OWNER},
        {"order_id": 3, "step": 500, "owner": 2},
    ]
    rows = market(orders=orders, ticks=[{}])
    found = of(1, rows)
    assert (found["two_sided"], found["open_orders"]) == (0.25, pytest.approx(math.log(1 + 10 / 8)))
    assert of(2, rows)["two_sided"] == 0.0


def test_who_never_rests_has_no_features_of_resting() -> None:
    found = of(1, market(orders=[{"time_in_force": TimeInForce.IOC}], ticks=[{}]))
    for name in ("cancel_share", "lifetime", "distance", "two_sided", "open_orders", "fill_ratio", "maker_share"):
        assert math.isnan(found[name]), name
