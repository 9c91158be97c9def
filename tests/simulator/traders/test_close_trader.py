"""A day of a close trader, from the client's order to the end of the closing auction."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.traders.close_trader import CloseTrader
from simulator.traders.registry import make_trader
from simulator.types import RecordKind, Side
from simulator.world.commands import CancelOrder, Commands, PlaceOrder
from simulator.world.scenario import Population, Scenario, Session
from simulator.world.view import View, example_view
from simulator.world.world import World
from tests.contracts.check_trader import check_trader

NAME = "simulator.traders.close_trader:CloseTrader"
CLOSER = CloseTrader(session=100, closing=10, window=20, most=40, auction=0.5, piece=8, reach=5)
PLAIN = CloseTrader(session=100, closing=0, window=20, most=40, auction=0.5, piece=8)


def acted(trader: CloseTrader, view: View) -> list[Any]:
    """Return side, price and size of each order, and the other commands as they are."""
    commands = Commands()
    trader.act(view, commands)
    return [(order.side, order.price, order.size) if isinstance(order, PlaceOrder) else order for order in commands.placed()]


def on_day(trader: CloseTrader, step: int, left: int, **fields: Any) -> View:
    """The first day, on which 40 lots were ordered, `left` of which are still to be traded."""
    view = example_view(**{"prices": [100], "parameters": trader.parameters, "step": step, "inventory": 7, **fields})
    view.memory[:3] = 1, 7 + left, 40
    return view


@pytest.mark.parametrize(
    ("now", "left", "expected"),
    [
        (68, 40, []),  # the closing auction begins with step 89
        (69, 40, [(Side.BUY, None, 1)]),  # 20 lots in 20 steps
        (69, 39, []),
        (78, 40, [(Side.BUY, None, 8)]),  # ten are due, a piece is eight
        (78, 33, [(Side.BUY, None, 3)]),
        (78, -33, [(Side.SELL, None, 3)]),
        (88, 24, [(Side.BUY, None, 4)]),  # half the order is kept for the auction
        (88, 20, []),
    ],
)
def test_it_trades_evenly_in_the_last_steps(now: int, left: int, expected: list[Any]) -> None:
    assert acted(CLOSER, on_day(CLOSER, now, left)) == expected


@pytest.mark.parametrize(("now", "left", "expected"), [(79, 40, []), (80, 40, [(Side.BUY, None, 2)]), (99, 3, [(Side.BUY, None, 3)])])
def test_without_an_auction_it_trades_all_in_the_last_steps(now: int, left: int, expected: list[Any]) -> None:
    assert acted(PLAIN, on_day(PLAIN, now, left)) == expected


@pytest.mark.parametrize(("left", "expected"), [(20, [(Side.BUY, 105, 20)]), (-20, [(Side.SELL, 95, 20)]), (0, [])])
@pytest.mark.parametrize("fields", [{"step": 89}, {"step": 90, "in_call": 1}, {"step": 98, "in_call": 1}])
def test_the_rest_goes_into_the_closing_auction(left: int, expected: list[Any], fields: dict[str, int]) -> None:
    assert acted(CLOSER, on_day(CLOSER, left=left, **fields)) == expected


def test_it_goes_in_once() -> None:
    assert acted(CLOSER, on_day(CLOSER, 95, 20, in_call=1, orders=[(7, 105, 20, 0)], bid_lots=20)) == []


@pytest.mark.parametrize(("now", "left"), [(0, 12), (30, 12), (80, 0), (99, 12)])
def test_what_an_auction_left_is_withdrawn(now: int, left: int) -> None:
    assert acted(CLOSER, on_day(CLOSER, now, left, orders=[(7, 105, 12, 0)], bid_lots=12)) == [CancelOrder(7)]


def test_each_day_has_its_order_of_either_side_and_any_size() -> None:
    targets = []
    for seed in range(1, 400):
        view = on_day(CLOSER, 100, 0, seed=seed)
        assert acted(CLOSER, view) == [] and view.memory[0] == 2
        targets.append(view.memory[1] - 7)
        assert abs(targets[-1]) == view.memory[2]
    assert {int(abs(target)) for target in targets} == set(range(1, 41))
    assert 150 < sum(target > 0 for target in targets) < 250


def test_the_order_stays_the_same_all_day_and_asks_for_no_position() -> None:
    for inventory in (500, -500):
        view = on_day(CLOSER, 101, 0, inventory=inventory)
        acted(CLOSER, view)
        assert view.memory[:3].tolist() != [1, 7, 40]
        drawn = view.memory[:3].tolist()
        view.market["step"] = 150
        acted(CLOSER, view)
        assert view.memory[:3].tolist() == drawn


def test_the_limit_bounds_it_and_while_trading_rests_so_does_it() -> None:
    assert acted(CLOSER, on_day(CLOSER, 89, 20, position_limit=12)) == [(Side.BUY, 105, 5)]
    assert acted(CLOSER, on_day(CLOSER, 88, 40, halted=1)) == []


def test_its_orders_reach_the_auctions_of_a_market_with_days() -> None:
    trader = Population(trader=NAME, count=4, parameters={"session": 300, "closing": 20, "window": 30})
    noise = Population(trader="noise", share=1, activity=0.5)
    days = Session(steps=300, opening=20, closing=20)
    scenario = Scenario(name="days", agents=40, steps=1200, populations=(noise, trader), session=days)
    world, orders = World(scenario, 0, 1), []
    kinds = world.agents["trader_type"]
    for chunk in world.chunks(1200):
        placed = chunk.records[chunk.records["kind"] == RecordKind.ACCEPTED]
        orders += placed[kinds[placed["owner"]] == 1][["step", "price"]].tolist()
    assert {step % 300 for step, price in orders if price > 0} == {279}
    assert {step % 300 for step, price in orders if price == 0} <= set(range(249, 279))
    assert len(orders) > 40


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"session": 50, "window": 49},
        {"session": 60, "closing": 20, "window": 39, "most": 400, "piece": 100},
        {"auction": 1, "activity": 0.5},
    ],
)
def test_it_keeps_the_contract(parameters: dict[str, float]) -> None:
    assert check_trader(make_trader(NAME, parameters)) > 10
    assert check_trader(make_trader(NAME, {**parameters, "activity": 0})) == 0


def test_a_day_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="as long as a session of 100 steps; shorten one"):
        CloseTrader(session=100, closing=60, window=40)
