"""A layered maker's ladders, order by order."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.traders.layered_maker import LayeredMaker
from simulator.traders.registry import make_trader
from simulator.types import Side
from simulator.world.commands import BUY, SELL, CancelOrder, Commands, PlaceOrder
from simulator.world.view import example_view
from tests.contracts.check_trader import check_trader

NAME = "simulator.traders.layered_maker:LayeredMaker"
MAKER = LayeredMaker(half_spread=2, step=3, levels=2, size=4, growth=1.5, skew=0.5, bound=8, tolerance=1)


def acted(trader: LayeredMaker, **fields: Any) -> tuple[list[tuple[Side, int | None, int]], list[int]]:
    """Return what it places and the numbers of the orders that it withdraws."""
    view, commands = example_view(prices=[100], parameters=trader.parameters, **fields), Commands()
    trader.act(view, commands)
    placed = [(order.side, order.price, order.size) for order in commands.placed() if isinstance(order, PlaceOrder)]
    return placed, [order.order_id for order in commands.placed() if isinstance(order, CancelOrder)]


LADDERS = [(1, 98, 4, BUY), (2, 95, 6, BUY), (3, 102, 4, SELL), (4, 105, 6, SELL)]


def test_it_quotes_several_levels_that_grow() -> None:
    assert acted(MAKER)[0] == [(Side.BUY, 98, 4), (Side.BUY, 95, 6), (Side.SELL, 102, 4), (Side.SELL, 105, 6)]


def test_sizes_may_shrink_from_level_to_level() -> None:
    shrinking = LayeredMaker(half_spread=2, step=1, levels=3, size=8, growth=0.5)
    assert [size for _, _, size in acted(shrinking)[0]] == [8, 4, 2, 8, 4, 2]


@pytest.mark.parametrize(
    ("inventory", "expected"),
    [
        (4, [(Side.BUY, 96, 2), (Side.BUY, 93, 3), (Side.SELL, 100, 6), (Side.SELL, 103, 9)]),
        (-4, [(Side.BUY, 100, 6), (Side.BUY, 97, 9), (Side.SELL, 104, 2), (Side.SELL, 107, 3)]),
        (8, [(Side.SELL, 100, 8), (Side.SELL, 103, 12)]),  # not below the best bid
        (20, [(Side.SELL, 100, 8), (Side.SELL, 103, 12)]),  # never more than twice as much
    ],
)
def test_it_leans_against_its_inventory_in_price_and_in_size(inventory: int, expected: list[Any]) -> None:
    assert acted(MAKER, inventory=inventory) == (expected, [])


def test_it_leaves_orders_where_they_fit() -> None:
    near = [(1, 97, 4, BUY), (2, 96, 3, BUY), (3, 102, 2, SELL), (4, 106, 6, SELL)]
    for orders in (LADDERS, near):
        assert acted(MAKER, orders=orders, bid_lots=10, ask_lots=10) == ([], [])


def test_all_move_with_the_mid() -> None:
    moved = {"mid_twice": 212, "best_bid": 105, "best_ask": 107}
    placed, withdrawn = acted(MAKER, orders=LADDERS, bid_lots=10, ask_lots=10, **moved)
    assert placed == [(Side.BUY, 104, 4), (Side.BUY, 101, 6), (Side.SELL, 108, 4), (Side.SELL, 111, 6)]
    assert withdrawn == [1, 2, 3, 4]


def test_an_order_may_come_to_fit_another_level() -> None:
    moved = {"mid_twice": 204, "best_bid": 101, "best_ask": 103}
    placed, withdrawn = acted(MAKER, orders=LADDERS, bid_lots=10, ask_lots=10, **moved)
    assert placed == [(Side.BUY, 100, 4), (Side.SELL, 104, 4), (Side.SELL, 107, 6)]  # the bid at 98 is near 97
    assert withdrawn == [2, 3, 4]


@pytest.mark.parametrize(
    "orders",
    [
        [(1, 98, 1, BUY), *LADDERS[1:]],  # less than half of it is left
        [(1, 98, 5, BUY), *LADDERS[1:]],  # too large
        [(1, 100, 4, BUY), *LADDERS[1:]],  # two ticks out of place
    ],
)
def test_an_order_that_does_not_fit_is_placed_anew(orders: list[Any]) -> None:
    assert acted(MAKER, orders=orders, bid_lots=11, ask_lots=10) == ([(Side.BUY, 98, 4)], [1])


def test_a_second_order_at_a_level_is_withdrawn() -> None:
    assert acted(MAKER, orders=[*LADDERS, (5, 102, 4, SELL)], bid_lots=10, ask_lots=14) == ([], [5])


def test_a_filled_level_is_filled_up() -> None:
    assert acted(MAKER, orders=LADDERS[1:], bid_lots=6, ask_lots=10)[0] == [(Side.BUY, 98, 4)]


def test_the_position_limit_is_for_all_levels_together() -> None:
    placed, _ = acted(MAKER, position_limit=7, short_limit=3)
    assert placed == [(Side.BUY, 98, 4), (Side.BUY, 95, 3), (Side.SELL, 102, 3)]
    assert acted(MAKER, position_limit=7, short_limit=3, inventory=-2)[0] == [(Side.BUY, 99, 5), (Side.BUY, 96, 4), (Side.SELL, 103, 1)]


def test_it_never_quotes_across_the_book() -> None:
    assert acted(MAKER, best_bid=92, best_ask=94, inventory=1)[0][:2] == [(Side.BUY, 93, 3), (Side.BUY, 90, 5)]
    assert acted(MAKER, best_bid=106, best_ask=108, inventory=-1)[0][2:] == [(Side.SELL, 107, 3), (Side.SELL, 110, 5)]
    assert [price for _, price, _ in acted(MAKER, best_ask=0, ask_size=0)[0]] == [98, 95, 102, 105]


def test_one_that_sees_the_value_quotes_around_it() -> None:
    wide = {"informed": 1, "signal": 104.0, "best_bid": 90, "best_ask": 110}
    assert [price for _, price, _ in acted(MAKER, **wide)[0]] == [102, 99, 106, 109]


def test_it_rests_while_trading_does() -> None:
    assert acted(MAKER, halted=1) == ([], []) and len(acted(MAKER)[0]) == 4


@pytest.mark.parametrize(
    "parameters", [{}, {"growth": 0.5, "levels": 5, "size": 30}, {"skew": 2, "bound": 5}, {"activity": 0.3, "levels": 1}]
)
def test_it_keeps_the_contract(parameters: dict[str, float]) -> None:
    assert check_trader(make_trader(NAME, parameters)) > 10
    assert check_trader(make_trader(NAME, {**parameters, "activity": 0})) == 0


def test_more_than_five_levels_are_refused() -> None:
    with pytest.raises(ValueError, match="levels 6 is not a whole number in 1..5"):
        LayeredMaker(levels=6)
