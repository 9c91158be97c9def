"""Momentum ignition, step by step."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.manipulators.momentum_ignition import MomentumIgnition
from simulator.types import Outcome, Side
from simulator.world.commands import BUY, EVERYBODY, SELL, CancelOrder, Commands, PlaceOrder, SendMessage
from simulator.world.view import View, example_view

PREPARING, IGNITING, WAITING, LEAVING = 1, 2, 3, 4
NOW = 50
BID = [(8, 99, 2, BUY)]


def igniter(**numbers: Any) -> MomentumIgnition:
    """One without a preparation, with two orders of eight lots, that wants five ticks and leaves by an order that rests."""
    usual: dict[str, Any] = {"back": 0, "lean": 2, "prepare": 0, "position": 6, "burst": 2, "lots": 8, "reach": 0, "aim": 5, "loud": 0}
    leaving = {"wait": 4, "falter": 2, "resting": 1, "patience": 10, "camouflage": 0}
    return MomentumIgnition(**{"rate": 1} | usual | leaving | numbers)


def acted(trader: MomentumIgnition, view: View) -> tuple[list[Any], list[Outcome]]:
    commands = Commands()
    trader.act(view, commands)
    return commands.placed(), [outcome for _, outcome in commands.declared()]


def amid(trader: MomentumIgnition, phase: int, held: int, mid: int = 100, inventory: int = 0, furthest: int = 0, **fields: Any) -> View:
    """Amid an episode upwards that began at a mid of 100 with no inventory and 10,000,000 of cash, `held` steps into its phase."""
    view = example_view(prices=[mid], parameters=trader.parameters, inventory=inventory, step=NOW, **fields)
    view.memory[:8] = phase, NOW - held, BUY, 3, 0, 10_000_000, 200, 2 * furthest
    return view


def sides(placed: list[Any]) -> list[tuple[Side, int | None, int]]:
    return [(order.side, order.price, order.size) for order in placed if isinstance(order, PlaceOrder)]


@pytest.mark.parametrize(
    ("back", "prices", "expected"),
    [
        (0, [100, 102], [(Side.BUY, None, 8)]), (0, [102, 100], [(Side.SELL, None, 8)]), (0, [100, 101], []),
        (1, [100] * 9 + [95], [(Side.BUY, None, 8)]), (1, [100] * 9 + [105], [(Side.SELL, None, 8)]), (1, [100] * 9 + [97], []),
    ],
)  # fmt: skip
def test_it_ignites_along_a_move_or_back_to_the_mean_if_that_is_far_enough(back: int, prices: list[int], expected: list[Any]) -> None:
    trader = igniter(back=back)
    placed, told = acted(trader, example_view(prices=prices, parameters=trader.parameters))
    assert sides(placed) == expected and told == [Outcome.BEGUN] * len(expected)


def test_it_prepares_by_an_order_that_rests_or_by_small_market_orders() -> None:
    for prepare, first, second in ((1, (Side.BUY, 101, 6), (Side.BUY, 101, 4)), (2, (Side.BUY, None, 3), (Side.BUY, None, 3))):
        trader = igniter(prepare=prepare)
        placed, told = acted(trader, example_view(prices=[100, 102], parameters=trader.parameters, orders=[(7, 90, 1, BUY)]))
        assert placed[0] == CancelOrder(7) and sides(placed) == [first] and told == [Outcome.BEGUN]
        assert sides(acted(trader, amid(trader, PREPARING, 3, mid=102, inventory=2))[0]) == [second]


@pytest.mark.parametrize(("inventory", "held"), [(6, 3), (2, 10)])
def test_when_it_is_prepared_or_out_of_patience_it_ignites(inventory: int, held: int) -> None:
    trader = igniter(prepare=1)
    view = amid(trader, PREPARING, held, mid=103, inventory=inventory, orders=BID)
    assert acted(trader, view)[0] == [CancelOrder(8), acted(igniter(), amid(igniter(), IGNITING, 0))[0][0]]
    assert view.memory[0] == IGNITING and view.memory[6] == 206  # the move counts from here


def test_a_sweep_is_a_limit_order_through_the_book() -> None:
    trader = igniter(reach=3)
    assert sides(acted(trader, amid(trader, IGNITING, 1))[0]) == [(Side.BUY, 104, 8)]


def test_a_loud_one_says_once_what_it_does() -> None:
    trader = igniter(loud=1)
    assert acted(trader, amid(trader, IGNITING, 0))[0][0] == SendMessage(EVERYBODY, 0, 8)
    assert len(acted(trader, amid(trader, IGNITING, 1))[0]) == 1
    placed, _ = acted(trader, example_view(prices=[102, 100], parameters=trader.parameters))
    assert placed[0] == SendMessage(EVERYBODY, 0, -8)


@pytest.mark.parametrize(("held", "mid"), [(2, 100), (1, 105)])
def test_the_burst_is_over_after_its_orders_or_once_the_price_is_there(held: int, mid: int) -> None:
    trader = igniter()
    view = amid(trader, IGNITING, held, mid=mid, inventory=8, orders=BID)
    assert acted(trader, view) == ([CancelOrder(8)], []) and view.memory[0] == WAITING
    assert len(sides(acted(trader, amid(trader, IGNITING, 1, mid=104))[0])) == 1


@pytest.mark.parametrize(("held", "mid", "leaves"), [(3, 105, False), (4, 105, True), (1, 104, True)])
def test_it_waits_for_others_until_time_is_up_or_the_move_falters(held: int, mid: int, leaves: bool) -> None:
    trader = igniter()
    placed, _ = acted(trader, amid(trader, WAITING, held, mid=mid, inventory=16, furthest=6))
    assert sides(placed) == [(Side.SELL, mid + 1, 16)] * leaves


def test_it_leaves_by_an_order_that_rests_as_long_as_it_is_patient() -> None:
    trader = igniter()
    assert sides(acted(trader, amid(trader, LEAVING, 9, inventory=16))[0]) == [(Side.SELL, 101, 16)]
    placed, _ = acted(trader, amid(trader, LEAVING, 10, inventory=16, orders=[(8, 101, 16, SELL)], ask_lots=16))
    assert placed[0] == CancelOrder(8) and sides(placed) == [(Side.SELL, None, 8)]


def test_others_leave_by_market_orders_of_what_the_best_price_takes() -> None:
    trader = igniter(resting=0)
    assert sides(acted(trader, amid(trader, LEAVING, 0, inventory=16))[0]) == [(Side.SELL, None, 8)]
    assert sides(acted(trader, amid(trader, LEAVING, 0, inventory=16, bid_size=3))[0]) == [(Side.SELL, None, 3)]


@pytest.mark.parametrize(
    ("cash", "furthest", "inventory", "held", "expected"),
    [
        (1, 5, 0, 1, Outcome.CONSUMMATED), (0, 5, 0, 1, Outcome.ATTEMPTED), (1, 4, 0, 1, Outcome.ATTEMPTED),
        (-199, 5, 2, 20, Outcome.CONSUMMATED), (-200, 5, 2, 20, Outcome.ATTEMPTED),
    ],
)  # fmt: skip
def test_it_came_to_something_if_the_price_moved_and_it_paid(
    cash: int, furthest: int, inventory: int, held: int, expected: Outcome
) -> None:
    trader = igniter()
    view = amid(trader, LEAVING, held, inventory=inventory, furthest=furthest, cash=10_000_000 + cash, orders=[(8, 101, 2, SELL)])
    assert acted(trader, view) == ([CancelOrder(8)], [expected])


def test_how_far_the_price_went_while_it_waited_and_left_counts() -> None:
    for phase in (WAITING, LEAVING):
        trader = igniter()
        view = amid(trader, phase, 1, mid=105, inventory=3)
        acted(trader, view)
        assert view.memory[7] == 10


def test_it_does_nothing_where_it_may_not_place_so_much_or_trading_rests() -> None:
    trader = igniter(prepare=1)  # 6 lots and twice 8
    closed: list[dict[str, float]] = [{"position_limit": 21}, {"halted": 1}, {"in_call": 1}]
    for fields in closed:
        assert acted(trader, example_view(prices=[100, 102], parameters=trader.parameters, **fields)) == ([], [])
    assert acted(trader, example_view(prices=[100, 102], parameters=trader.parameters, position_limit=22))[1] == [Outcome.BEGUN]


def test_a_slow_burst_pauses_by_chance_and_lasts_so_much_longer() -> None:
    trader = igniter(spacing=5)
    assert len(sides(acted(trader, amid(trader, IGNITING, 0))[0])) == 1, "the first order comes at once"
    placed = []
    for held in range(1, 10):
        view = amid(trader, IGNITING, held)
        view.random = 1234 + held
        placed += sides(acted(trader, view)[0])
    assert 0 < len(placed) < 9
    view = amid(trader, IGNITING, 10)
    acted(trader, view)
    assert view.memory[0] == WAITING


def test_uneven_orders_have_a_third_of_the_size_at_least() -> None:
    trader, sizes = igniter(uneven=1, lots=9), set()
    for word in range(200):
        view = amid(trader, IGNITING, 0)
        view.random = word
        sizes |= {size for _, _, size in sides(acted(trader, view)[0])}
    assert sizes == set(range(3, 10))


def test_a_second_burst_comes_after_the_wait_of_the_first() -> None:
    trader = igniter(waves=2)
    view = amid(trader, WAITING, 4, inventory=16)
    assert acted(trader, view)[0] == [] and view.memory[0] == IGNITING
    view.memory[0] = WAITING
    assert len(sides(acted(trader, view)[0])) == 0 and view.memory[0] == WAITING, "it waits again"
    view.market["step"] = NOW + 5
    acted(trader, view)
    assert view.memory[0] == LEAVING


def test_without_regard_to_the_trend_it_goes_either_way_at_any_time() -> None:
    trader, ways = igniter(back=2), set()
    for word in range(50):
        view = example_view(prices=[100, 100], parameters=trader.parameters)
        view.random = word
        ways |= {side for side, _, _ in sides(acted(trader, view)[0])}
    assert ways == {Side.BUY, Side.SELL}


def test_an_exit_may_rest_further_away_or_take_its_time() -> None:
    trader = igniter(away=2)
    assert sides(acted(trader, amid(trader, LEAVING, 1, inventory=16))[0]) == [(Side.SELL, 103, 16)]
    slow, left = igniter(resting=0, haste=0.3), 0
    for word in range(100):
        view = amid(slow, LEAVING, 0, inventory=16)
        view.random = word * 7919
        left += len(sides(acted(slow, view)[0]))
    assert 10 < left < 60
