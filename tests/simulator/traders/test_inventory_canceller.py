"""A passive trader's two orders: posted, withdrawn on the first fill, and how its inventory is closed."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.traders.inventory_canceller import InventoryCanceller
from simulator.traders.registry import make_trader
from simulator.types import Side
from simulator.world.commands import BUY, SELL, CancelOrder, Commands, PlaceOrder
from simulator.world.view import View, example_view
from tests.contracts.check_trader import check_trader

NAME = "simulator.traders.inventory_canceller:InventoryCanceller"
TRADER = InventoryCanceller(distance=3, size=10, lean=4, window=3, tolerance=1, patience=20)
BOTH = [(1, 97, 10, BUY), (2, 103, 10, SELL)]
LOTS = {"orders": BOTH, "bid_lots": 10, "ask_lots": 10}


def acted(view: View) -> list[Any]:
    """Return side, price and size of each order, and the other commands as they are."""
    commands = Commands()
    TRADER.act(view, commands)
    return [(order.side, order.price, order.size) if isinstance(order, PlaceOrder) else order for order in commands.placed()]


def looking(prices: list[int], **fields: Any) -> View:
    return example_view(prices=prices, parameters=TRADER.parameters, **fields)


def holding(inventory: int, **fields: Any) -> View:
    """It has withdrawn its orders in step 5."""
    view = looking([100], **{"inventory": inventory, "step": 8, **fields})
    view.memory[:2] = 1, 5
    return view


def test_it_posts_both_sides() -> None:
    assert acted(looking([100])) == [(Side.BUY, 97, 10), (Side.SELL, 103, 10)]


def test_it_leaves_what_lies_there() -> None:
    assert acted(looking([100], **LOTS)) == []


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ([100, 100, 101], [(Side.BUY, 98, 10), (Side.SELL, 104, 10)]),  # two thirds of a tick above the mean are within the tolerance
        ([100, 100, 106], [(Side.BUY, 103, 10), (Side.SELL, 109, 40)]),
        ([100, 100, 94], [(Side.BUY, 91, 40), (Side.SELL, 97, 10)]),
    ],
)
def test_it_offers_more_where_it_is_dear_and_bids_for_more_where_it_is_cheap(prices: list[int], expected: list[Any]) -> None:
    assert acted(looking(prices)) == expected


@pytest.mark.parametrize(("inventory", "rest"), [(4, (1, 97, 6, BUY)), (-10, None)])
def test_a_fill_of_one_side_withdraws_the_other_at_once(inventory: int, rest: Any) -> None:
    left = [rest, BOTH[1]] if rest else [BOTH[0]]
    view = looking([100], inventory=inventory, step=5, orders=left)
    assert acted(view) == [CancelOrder(order[0]) for order in left]
    assert view.memory[:2].tolist() == [1, 5]


@pytest.mark.parametrize(("inventory", "expected"), [(4, (Side.SELL, 101, 4)), (-10, (Side.BUY, 99, 10))])
def test_it_closes_at_the_best_price_of_its_side(inventory: int, expected: Any) -> None:
    assert acted(holding(inventory)) == [expected]


@pytest.mark.parametrize(
    ("inventory", "fields", "expected"),
    [
        (4, {"best_ask": 0, "ask_size": 0}, (Side.SELL, 100, 4)),
        (-4, {"best_bid": 0, "bid_size": 0}, (Side.BUY, 99, 4)),
        (4, {"best_ask": 0, "ask_size": 0, "mid_twice": 190}, (Side.SELL, 100, 4)),  # never at the best bid
    ],
)
def test_it_closes_where_nobody_else_is(inventory: int, fields: dict[str, int], expected: Any) -> None:
    assert acted(holding(inventory, **fields)) == [expected]


def test_after_a_while_it_closes_at_the_market() -> None:
    orders = {"orders": [(7, 101, 4, SELL)], "ask_lots": 4}
    assert acted(holding(4, step=24, **orders)) == []
    assert acted(holding(4, step=25, **orders)) == [CancelOrder(7), (Side.SELL, None, 4)]
    assert acted(holding(-4, step=25)) == [(Side.BUY, None, 4)]


def test_without_inventory_it_posts_again() -> None:
    view = holding(0)
    assert acted(view) == [(Side.BUY, 97, 10), (Side.SELL, 103, 10)] and view.memory[0] == 0


def test_it_never_posts_across_the_book_or_beyond_its_limit() -> None:
    assert acted(looking([100], best_bid=107, best_ask=109)) == [(Side.BUY, 97, 10), (Side.SELL, 108, 10)]
    assert acted(looking([100], best_bid=91, best_ask=93)) == [(Side.BUY, 92, 10), (Side.SELL, 103, 10)]
    assert acted(looking([100], position_limit=3, short_limit=0)) == [(Side.BUY, 97, 3)]


def test_it_rests_while_trading_does() -> None:
    assert acted(looking([100], halted=1, inventory=3, **LOTS)) == []


@pytest.mark.parametrize(
    "parameters", [{}, {"size": 40, "lean": 1, "patience": 1}, {"distance": 0, "lean": 10, "window": 2, "activity": 0.5}]
)
def test_it_keeps_the_contract(parameters: dict[str, float]) -> None:
    assert check_trader(make_trader(NAME, parameters)) > 10
    assert check_trader(make_trader(NAME, {**parameters, "activity": 0})) == 0
