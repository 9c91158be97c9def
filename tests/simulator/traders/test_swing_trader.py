"""A swing trader's position, from the break to the sale."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.traders.registry import make_trader
from simulator.traders.swing_trader import SwingTrader
from simulator.types import Side
from simulator.world.commands import CancelOrder, Commands, PlaceOrder, SendMessage
from simulator.world.view import View, example_view
from tests.contracts.check_trader import check_trader

NAME = "simulator.traders.swing_trader:SwingTrader"
SWING: dict[str, Any] = {"window": 5, "band": 2, "belief": 1, "position": 20, "size": 6, "hold": 10, "stop": 4, "activity": 1}
SILENT, TALKING = SwingTrader(**SWING), SwingTrader(**SWING, talk=1)
IDLE, BELIEVING, LEAVING = range(3)


def acted(trader: SwingTrader, view: View) -> list[Any]:
    """Return side and size of each order, and the other commands as they are."""
    commands = Commands()
    trader.act(view, commands)
    return [(order.side, order.size) if isinstance(order, PlaceOrder) else order for order in commands.placed()]


def looking(prices: list[int], trader: SwingTrader = SILENT, **fields: Any) -> View:
    return example_view(prices=prices, parameters=trader.parameters, **fields)


def believing(target: int, inventory: int, trader: SwingTrader = SILENT, **fields: Any) -> View:
    """Amid a belief since the mid was 100, which lasts until step 50."""
    view = example_view(**{"prices": [100], "parameters": trader.parameters, "inventory": inventory, "step": 40, **fields})
    view.memory[:4] = BELIEVING, target, 50, 100
    return view


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ([100, 101, 99, 100, 100, 104], [(Side.BUY, 6)]),
        ([100, 101, 99, 100, 100, 103], []),  # two ticks are within the band
        ([100, 101, 99, 100, 100, 96], [(Side.SELL, 6)]),
        ([100, 101, 99, 100, 100, 97], []),
        ([100, 101, 99, 100, 104, 104], [(Side.BUY, 6)]),  # the last fifth of the window is not yet part of the range
        ([100, 101, 99, 104, 104, 104], []),
        ([104, 101, 99, 100, 100, 104], []),  # the first mid of the window is
        ([100, 100, 100, 104], []),  # too early for a range
    ],
)
def test_it_acts_on_a_break_of_the_range(prices: list[int], expected: list[Any]) -> None:
    assert acted(SILENT, looking(prices)) == expected


def test_it_remembers_what_it_wants_and_for_how_long() -> None:
    times = set()
    for seed in range(1, 100):
        view = looking([100, 100, 100, 100, 100, 104], seed=seed)
        acted(SILENT, view)
        assert view.memory[0] == BELIEVING and view.memory[1] == 20 and view.memory[3] == 104
        times.add(int(view.memory[2]))
    assert times == set(range(10, 21))  # five to fifteen steps after step five


def test_who_never_believes_does_nothing() -> None:
    doubting = SwingTrader(**{**SWING, "belief": 0})
    assert acted(doubting, looking([100, 100, 100, 100, 100, 110], doubting)) == []


@pytest.mark.parametrize(
    ("target", "inventory", "expected"),
    [(20, 0, [(Side.BUY, 6)]), (20, 17, [(Side.BUY, 3)]), (20, 20, []), (-20, -6, [(Side.SELL, 6)]), (-20, -20, [])],
)
def test_it_builds_its_position_order_by_order_and_holds_it(target: int, inventory: int, expected: list[Any]) -> None:
    assert acted(SILENT, believing(target, inventory)) == expected


@pytest.mark.parametrize(
    ("target", "inventory", "fields", "expected"),
    [
        (20, 20, {"step": 49}, []),
        (20, 20, {"step": 50}, [(Side.SELL, 6)]),  # its time is over
        (20, 20, {"mid_twice": 192}, []),
        (20, 20, {"mid_twice": 191}, [(Side.SELL, 6)]),  # more than four ticks against it
        (20, 20, {"mid_twice": 250}, []),
        (-20, -20, {"mid_twice": 209}, [(Side.BUY, 6)]),
        (-20, -20, {"mid_twice": 150}, []),
    ],
)
def test_it_leaves_when_its_time_is_over_or_the_price_turns(
    target: int, inventory: int, fields: dict[str, int], expected: list[Any]
) -> None:
    view = believing(target, inventory, **fields)
    assert acted(SILENT, view) == expected and view.memory[0] == (LEAVING if expected else BELIEVING)


def test_it_sells_all_and_looks_for_the_next_break() -> None:
    view = believing(20, 4)
    view.memory[0] = LEAVING
    assert acted(SILENT, view) == [(Side.SELL, 4)] and view.memory[0] == LEAVING
    view.own["inventory"] = 0
    assert acted(SILENT, view) == [] and view.memory[0] == IDLE


def test_it_says_what_it_wants_only_while_it_believes() -> None:
    assert acted(TALKING, believing(-20, -20, TALKING)) == [SendMessage(-1, 0, -20, 0)]
    assert acted(TALKING, believing(20, 20, TALKING, step=50)) == [(Side.SELL, 6)]
    assert acted(TALKING, looking([100] * 6, TALKING)) == []


def test_what_a_call_auction_left_is_withdrawn() -> None:
    assert acted(SILENT, believing(20, 20, orders=[(7, 99, 2, 0)], bid_lots=2)) == [CancelOrder(7)]
    assert acted(SILENT, believing(20, 0, halted=1, orders=[(7, 99, 2, 0)], bid_lots=2)) == []


@pytest.mark.parametrize(
    "parameters", [{}, {"belief": 1, "band": 0, "window": 20, "activity": 1}, {"talk": 1, "position": 300, "size": 50}]
)
def test_it_keeps_the_contract(parameters: dict[str, float]) -> None:
    assert check_trader(make_trader(NAME, parameters)) > 10
    assert check_trader(make_trader(NAME, {**parameters, "activity": 0})) == 0
