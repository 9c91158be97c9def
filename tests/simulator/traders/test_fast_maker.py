"""A fast maker's quotes, moved step by step."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.traders.fast_maker import FastMaker
from simulator.traders.registry import make_trader
from simulator.types import Side
from simulator.world.commands import BUY, SELL, CancelOrder, Commands, ModifyOrder, PlaceOrder
from simulator.world.view import example_view
from tests.contracts.check_trader import check_trader

NAME = "simulator.traders.fast_maker:FastMaker"
FAST: dict[str, Any] = {"half_spread": 2, "levels": 2, "size": 10, "skew": 0.5, "response": 0.5}
MOVING, REPLACING = FastMaker(**FAST, fresh=0), FastMaker(**FAST, fresh=1)
QUOTES = [(1, 98, 10, BUY), (2, 97, 10, BUY), (3, 102, 10, SELL), (4, 103, 10, SELL)]
LOTS = {"orders": QUOTES, "bid_lots": 20, "ask_lots": 20}
UP = {"mid_twice": 206, "best_bid": 102, "best_ask": 104}


def acted(trader: FastMaker, **fields: Any) -> list[Any]:
    """Return side, price and size of each order, and the other commands as they are."""
    view, commands = example_view(prices=[100], parameters=trader.parameters, **fields), Commands()
    trader.act(view, commands)
    return [(order.side, order.price, order.size) if isinstance(order, PlaceOrder) else order for order in commands.placed()]


def test_it_quotes_neighbouring_prices_around_the_mid() -> None:
    assert acted(MOVING) == [(Side.BUY, 98, 10), (Side.BUY, 97, 10), (Side.SELL, 102, 10), (Side.SELL, 103, 10)]


def test_it_leaves_what_is_in_place() -> None:
    assert acted(MOVING, **LOTS) == []


@pytest.mark.parametrize(
    ("bid_size", "ask_size", "expected"),
    [
        (15, 5, [(Side.BUY, 98, 12), (Side.BUY, 97, 12), (Side.SELL, 103, 7), (Side.SELL, 104, 7)]),  # around 100.5
        (5, 15, [(Side.BUY, 97, 7), (Side.BUY, 96, 7), (Side.SELL, 102, 12), (Side.SELL, 103, 12)]),
        (0, 0, [(Side.BUY, 98, 10), (Side.BUY, 97, 10), (Side.SELL, 102, 10), (Side.SELL, 103, 10)]),
    ],
)
def test_prices_and_sizes_follow_the_imbalance(bid_size: int, ask_size: int, expected: list[Any]) -> None:
    assert acted(MOVING, bid_size=bid_size, ask_size=ask_size) == expected


def test_every_quote_moves_with_the_price() -> None:
    assert acted(MOVING, **LOTS, **UP) == [
        ModifyOrder(1, 101, 10),
        ModifyOrder(2, 100, 10),
        ModifyOrder(3, 105, 10),
        ModifyOrder(4, 106, 10),
    ]


def test_or_is_placed_anew() -> None:
    assert acted(REPLACING, **LOTS, **UP) == [
        CancelOrder(1), CancelOrder(2), (Side.BUY, 101, 10), (Side.BUY, 100, 10),
        CancelOrder(3), CancelOrder(4), (Side.SELL, 105, 10), (Side.SELL, 106, 10),
    ]  # fmt: skip


def test_some_are_moved_and_some_placed_anew() -> None:
    mixed = FastMaker(**FAST, fresh=0.25)
    commands = [command for seed in range(1, 200) for command in acted(mixed, **LOTS, **UP, seed=seed)]
    moved, withdrawn = (sum(isinstance(command, kind) for command in commands) for kind in (ModifyOrder, CancelOrder))
    assert moved + withdrawn == 4 * 199 and 0.2 < withdrawn / (4 * 199) < 0.3


def test_a_used_quote_is_filled_up_and_a_missing_one_placed() -> None:
    orders = [(1, 98, 9, BUY), (3, 102, 10, SELL), (4, 103, 10, SELL)]
    assert acted(MOVING, orders=orders, bid_lots=9, ask_lots=20) == [ModifyOrder(1, 98, 10), (Side.BUY, 97, 10)]


def test_it_leans_against_its_inventory() -> None:
    assert acted(MOVING, inventory=4) == [(Side.BUY, 96, 10), (Side.BUY, 95, 10), (Side.SELL, 100, 10), (Side.SELL, 101, 10)]


def test_it_never_quotes_across_the_book() -> None:
    assert acted(MOVING, inventory=20) == [(Side.BUY, 88, 10), (Side.BUY, 87, 10), (Side.SELL, 100, 10), (Side.SELL, 101, 10)]
    assert acted(MOVING, inventory=-20) == [(Side.BUY, 100, 10), (Side.BUY, 99, 10), (Side.SELL, 112, 10), (Side.SELL, 113, 10)]


def test_the_position_limit_is_for_all_levels_together() -> None:
    assert acted(MOVING, position_limit=14, short_limit=3) == [(Side.BUY, 98, 10), (Side.BUY, 97, 4), (Side.SELL, 102, 3)]
    assert acted(MOVING, position_limit=14, short_limit=3, inventory=-2) == [(Side.BUY, 99, 10), (Side.BUY, 98, 6), (Side.SELL, 103, 1)]
    assert acted(MOVING, **LOTS, position_limit=14, short_limit=0) == [ModifyOrder(2, 97, 4), CancelOrder(3), CancelOrder(4)]


def test_orders_beyond_its_levels_are_withdrawn() -> None:
    assert acted(MOVING, orders=[*QUOTES, (5, 96, 10, BUY)], bid_lots=30, ask_lots=20) == [CancelOrder(5)]


def test_with_an_empty_side_it_quotes_around_the_last_mid() -> None:
    assert [price for _, price, _ in acted(MOVING, best_ask=0, ask_size=0)] == [98, 97, 102, 103]
    assert [price for _, price, _ in acted(MOVING, best_bid=0, bid_size=0)] == [98, 97, 102, 103]


def test_it_rests_while_trading_does() -> None:
    assert acted(MOVING, **LOTS, **UP, halted=1) == []


@pytest.mark.parametrize(
    "parameters", [{}, {"levels": 8, "size": 40, "response": 1}, {"half_spread": 0, "fresh": 1}, {"skew": 3, "activity": 0.5}]
)
def test_it_keeps_the_contract(parameters: dict[str, float]) -> None:
    assert check_trader(make_trader(NAME, parameters)) > 10
    assert check_trader(make_trader(NAME, {**parameters, "activity": 0})) == 0
