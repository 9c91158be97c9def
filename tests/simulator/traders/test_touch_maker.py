"""A maker at the touch: where it stands, when it gives up its place, and when it stays away."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.traders.registry import make_trader
from simulator.traders.touch_maker import TouchMaker
from simulator.types import Side
from simulator.world.commands import BUY, SELL, CancelOrder, Commands, ModifyOrder, PlaceOrder
from simulator.world.view import example_view
from tests.contracts.check_trader import check_trader

BOTH = [(1, 99, 1, BUY), (2, 102, 1, SELL)]
LOTS = {"orders": BOTH, "bid_lots": 1, "ask_lots": 1}


def acted(parameters: dict[str, float] | None = None, hit: int = 0, **fields: Any) -> list[Any]:
    """Return side and price of each order of one lot, and the other commands as they are; `hit` lots were filled since it looked last."""
    trader = TouchMaker(**({"size": 1} | (parameters or {})))
    given = {"best_bid": 99, "best_ask": 102, "bid_size": 5, "ask_size": 5} | fields
    view = example_view(prices=[100], parameters=trader.parameters, **given)
    view.memory[0] = view.inventory - hit
    trader.act(view, commands := Commands())
    return [(order.side, order.price) if isinstance(order, PlaceOrder) else order for order in commands.placed()]


def test_it_stands_at_both_touches_and_stays_there() -> None:
    assert acted() == [(Side.BUY, 99), (Side.SELL, 102)]
    assert acted({"back": 2}) == [(Side.BUY, 97), (Side.SELL, 104)]
    assert acted(**LOTS) == []


def test_out_of_place_it_moves_or_begins_anew() -> None:
    assert acted(best_bid=100, **LOTS) == [CancelOrder(1), (Side.BUY, 100)]
    assert acted({"fresh": 0}, best_bid=100, **LOTS) == [ModifyOrder(1, 100, 1)]
    assert acted({"tolerance": 1}, best_bid=100, **LOTS) == []


@pytest.mark.parametrize(("hit", "left"), [(1, (Side.SELL, 102)), (-1, (Side.BUY, 99))])
def test_it_stays_away_from_a_side_that_was_hit(hit: int, left: Any) -> None:
    assert acted({"rest": 9}, hit, inventory=hit) == [left]
    assert len(acted({"rest": 0}, hit, inventory=hit)) == 2


def test_it_leaves_a_thin_side_and_one_that_adds_to_a_large_inventory() -> None:
    assert acted({"fade": 0.5}, bid_size=2, ask_size=5, **LOTS) == [CancelOrder(1)]
    assert acted({"bound": 20}, inventory=20) == [(Side.SELL, 102)]
    assert acted({"bound": 20}, inventory=-20) == [(Side.BUY, 99)]


def test_it_never_stands_across_the_book_and_rests_while_trading_does() -> None:
    assert acted(best_ask=0, ask_size=0) == [(Side.BUY, 99), (Side.SELL, 101)]
    assert acted(best_bid=0, bid_size=0, best_ask=100) == [(Side.BUY, 99), (Side.SELL, 100)]
    assert acted(halted=1) == []


@pytest.mark.parametrize("parameters", [{}, {"back": 1, "fade": 0.3, "rest": 20, "fresh": 0.5, "tolerance": 1, "size": 40}])
def test_it_keeps_the_contract(parameters: dict[str, float]) -> None:
    assert check_trader(make_trader("touch_maker", parameters)) > 10
