"""Quote stuffing, step by step."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.manipulators.quote_stuffing import QuoteStuffing
from simulator.types import Outcome, Side, TimeInForce
from simulator.world.commands import BUY, SELL, CancelOrder, Commands, ModifyOrder, PlaceOrder
from simulator.world.view import View, example_view

STUFFING, TRADING = 1, 2
ONE_ORDER = [(8, 102, 1, SELL)]


def stuffer(**numbers: Any) -> QuoteStuffing:
    """One that places four orders behind its own side's best price, ten steps long, and then wants three lots."""
    usual: dict[str, Any] = {"steps": 10, "mode": 0, "sides": 0, "orders": 4, "lots": 1, "levels": 2, "distance": 1, "wanted": 3}
    return QuoteStuffing(**{"rate": 1, "reverting": 0, "camouflage": 0} | usual | numbers)


def acted(trader: QuoteStuffing, view: View) -> tuple[list[Any], list[Outcome]]:
    commands = Commands()
    trader.act(view, commands)
    return commands.placed(), [outcome for _, outcome in commands.declared()]


def amid(trader: QuoteStuffing, phase: int, held: int, inventory: int = 0, orders: Any = None, **fields: float) -> View:
    """Amid an episode that began `held` steps ago with an inventory of zero and is to end in a sale."""
    view = example_view(prices=[100], parameters=trader.parameters, inventory=inventory, step=20, orders=orders, **fields)
    view.memory[:5] = phase, 20 - held, SELL, 0, 0
    return view


def sides(placed: list[Any]) -> list[tuple[Side, int | None, int]]:
    return [(order.side, order.price, order.size) for order in placed if isinstance(order, PlaceOrder)]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (0, [(Side.SELL, 102, 1), (Side.SELL, 103, 1)] * 2),
        (1, [(Side.BUY, 98, 1), (Side.BUY, 97, 1)] * 2),
        (2, [(Side.BUY, 98, 1), (Side.BUY, 97, 1), (Side.SELL, 102, 1), (Side.SELL, 103, 1)]),
    ],
)
def test_it_begins_with_orders_on_the_sides_that_it_is_told(where: int, expected: list[Any]) -> None:
    trader = stuffer(sides=where)
    placed, told = acted(trader, example_view(prices=[100], parameters=trader.parameters, inventory=4, orders=[(7, 90, 1, BUY)]))
    assert placed[0] == CancelOrder(7) and sides(placed) == expected and told == [Outcome.BEGUN]


def test_all_are_withdrawn_and_placed_anew_every_step() -> None:
    trader = stuffer()
    placed, told = acted(trader, amid(trader, STUFFING, 1, orders=ONE_ORDER))
    assert placed[0] == CancelOrder(8) and len(sides(placed)) == 4 and told == []


def test_flickering_ones_move_away_and_back() -> None:
    trader = stuffer(mode=1)
    orders = [(8, 102, 1, SELL), (9, 103, 1, SELL)]
    assert acted(trader, amid(trader, STUFFING, 1, orders=orders))[0] == [ModifyOrder(8, 104, 1), ModifyOrder(9, 105, 1)]
    assert acted(trader, amid(trader, STUFFING, 2, orders=orders))[0] == [ModifyOrder(8, 102, 1), ModifyOrder(9, 103, 1)]
    assert len(acted(trader, amid(trader, STUFFING, 3))[0]) == 4  # all have traded: new ones


def test_fleeting_ones_are_never_left_in_the_book() -> None:
    trader = stuffer(mode=2)
    placed, _ = acted(trader, amid(trader, STUFFING, 1))
    assert [order.time_in_force for order in placed] == [TimeInForce.IOC] * 4


def test_blinking_ones_are_there_every_other_step() -> None:
    trader = stuffer(mode=3)
    assert acted(trader, amid(trader, STUFFING, 1, orders=ONE_ORDER))[0] == [CancelOrder(8)]
    assert len(sides(acted(trader, amid(trader, STUFFING, 2))[0])) == 4


def test_at_the_end_of_a_burst_it_withdraws_and_trades() -> None:
    for limited, expected in ((0, (Side.SELL, None, 3)), (1, (Side.SELL, 99, 3))):
        trader = stuffer(limited=limited)
        placed, told = acted(trader, amid(trader, STUFFING, 10, orders=ONE_ORDER))
        assert placed[0] == CancelOrder(8) and sides(placed) == [expected] and told == []
        assert placed[1].time_in_force is TimeInForce.IOC


def test_what_traded_during_the_burst_is_part_of_what_it_wants() -> None:
    trader = stuffer()
    assert sides(acted(trader, amid(trader, STUFFING, 10, inventory=-2))[0]) == [(Side.SELL, None, 1)]
    assert sides(acted(trader, amid(trader, STUFFING, 10, inventory=2))[0]) == [(Side.SELL, None, 5)]


def test_a_burst_ends_early_when_too_many_of_its_orders_traded() -> None:
    trader = stuffer()
    assert len(sides(acted(trader, amid(trader, STUFFING, 2, inventory=3))[0])) == 4
    assert sides(acted(trader, amid(trader, STUFFING, 2, inventory=4))[0]) == [(Side.SELL, None, 7)]
    assert sides(acted(trader, amid(trader, STUFFING, 2, inventory=-4))[0]) == []


def test_it_came_to_something_if_it_traded_all_that_it_wanted() -> None:
    trader = stuffer()
    assert acted(trader, amid(trader, TRADING, 11, inventory=-3)) == ([], [Outcome.CONSUMMATED])
    assert acted(trader, amid(trader, TRADING, 11, inventory=-2)) == ([], [Outcome.ATTEMPTED])


def test_its_episodes_are_counted() -> None:
    trader, commands = stuffer(), Commands()
    view = amid(trader, TRADING, 11, inventory=-3)
    trader.act(view, commands)
    trader.act(view, commands)
    assert commands.declared() == [(0, Outcome.CONSUMMATED), (1, Outcome.BEGUN)]


@pytest.mark.parametrize(
    ("prices", "inventory", "expected"),
    [([100] * 9 + [110], -4, Side.SELL), ([100] * 9 + [90], 4, Side.BUY), ([100] * 9 + [110], -16, Side.BUY), ([100], 4, Side.SELL)],
)
def test_a_reverting_one_trades_towards_the_mean_unless_it_holds_much(prices: list[int], inventory: int, expected: Side) -> None:
    trader = stuffer(reverting=1)
    placed, _ = acted(trader, example_view(prices=prices, parameters=trader.parameters, inventory=inventory))
    assert {order.side for order in placed} == {expected}


def test_it_does_nothing_where_it_may_not_place_so_much_or_trading_rests() -> None:
    trader = stuffer()
    closed: list[dict[str, float]] = [{"short_limit": 1}, {"position_limit": 5}, {"order_limit": 3}, {"halted": 1}, {"in_call": 1}]
    for fields in closed:
        assert acted(trader, example_view(prices=[100], parameters=trader.parameters, inventory=2, **fields)) == ([], [])
    assert len(acted(trader, amid(trader, STUFFING, 1, short_limit=2))[0]) == 2
    greedy = stuffer(wanted=8)
    assert acted(greedy, example_view(prices=[100], parameters=greedy.parameters, inventory=2, short_limit=5)) == ([], [])
