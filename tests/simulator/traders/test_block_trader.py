"""A block trader's order, from the wish to its end."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.traders.block_trader import BlockTrader
from simulator.traders.registry import make_trader
from simulator.types import CommandKind, Side, TimeInForce
from simulator.world.commands import BUY, SELL, CancelOrder, Commands, PlaceOrder
from simulator.world.view import View, example_view
from tests.contracts.check_trader import check_trader

NAME = "simulator.traders.block_trader:BlockTrader"
BLOCK: dict[str, Any] = {"start": 1, "least": 60, "most": 60, "distance": 0, "patience": 10, "flight": 5, "piece": 8}
TAKES, GIVES_UP, CHASES = (BlockTrader(**BLOCK, urgency=urgency, chase=chase) for urgency, chase in ((1, 0), (0, 0), (0, 1)))
IDLE, RESTING, WITHDRAWN, TAKING = range(4)
ORDER = (7, 99, 60, BUY)


def buying(trader: BlockTrader, phase: int = RESTING, **fields: Any) -> View:
    """A block of 60 lots that is being bought; its order lies at 99 since the mid was 100, until step 10."""
    view = example_view(**{"prices": [100], "parameters": trader.parameters, "step": 5, "orders": [ORDER], "bid_lots": 60, **fields})
    view.memory[:4] = phase, 60, 10, 100
    return view


def acted(trader: BlockTrader, view: View) -> list[Any]:
    commands = Commands()
    trader.act(view, commands)
    return commands.placed()


def limit(side: Side, size: int, price: int) -> PlaceOrder:
    return PlaceOrder(CommandKind.LIMIT, side, size, price, TimeInForce.GTC)


def market(side: Side, size: int) -> PlaceOrder:
    return PlaceOrder(CommandKind.MARKET, side, size, None, TimeInForce.IOC)


def test_it_rests_the_whole_block_at_the_touch() -> None:
    sides = set()
    for seed in range(1, 9):
        view = example_view(prices=[100], parameters=TAKES.parameters, seed=seed, step=5, inventory=11)
        (order,) = acted(TAKES, view)
        assert order == (limit(Side.BUY, 60, 99) if order.side is Side.BUY else limit(Side.SELL, 60, 101))
        assert view.memory[:2].tolist() == [RESTING, 71 if order.side is Side.BUY else -49] and view.memory[3] == 100
        sides.add(order.side)
    assert len(sides) == 2


def test_it_rests_somewhat_behind_the_touch_in_blocks_of_many_sizes_for_any_time_up_to_its_patience() -> None:
    trader, found = BlockTrader(start=1, least=20, most=60, distance=2, patience=10), []
    for seed in range(1, 500):
        view = example_view(prices=[100], parameters=trader.parameters, seed=seed, step=5)
        (order,) = acted(trader, view)
        found.append((order.side, order.price, order.size, int(view.memory[2])))
    assert {(side, price) for side, price, _, _ in found} == {
        *((Side.BUY, 99 - far) for far in range(3)),
        *((Side.SELL, 101 + far) for far in range(3)),
    }
    assert {size for _, _, size, _ in found} == set(range(20, 61)) and {until for _, _, _, until in found} == set(range(6, 16))


@pytest.mark.parametrize(("inventory", "price"), [(501, 100), (-501, 98)])
def test_where_nobody_else_is_it_rests_beside_the_mid(inventory: int, price: int) -> None:
    alone = {"best_bid": 0, "best_ask": 0, "mid_twice": 199, "inventory": inventory}
    assert acted(TAKES, example_view(prices=[100], parameters=TAKES.parameters, **alone))[0].price == price


@pytest.mark.parametrize(("inventory", "side"), [(501, Side.SELL), (-501, Side.BUY)])
def test_with_more_than_half_its_limit_it_trades_back(inventory: int, side: Side) -> None:
    views = [example_view(prices=[100], parameters=TAKES.parameters, seed=seed, inventory=inventory) for seed in range(1, 9)]
    assert {acted(TAKES, view)[0].side for view in views} == {side}


def test_it_wants_no_block_that_its_limit_has_no_room_for() -> None:
    view = example_view(prices=[100], parameters=TAKES.parameters, position_limit=59, short_limit=59)
    assert acted(TAKES, view) == [] and view.memory[0] == IDLE


def test_it_waits() -> None:
    for fields in ({}, {"step": 9}, {"mid_twice": 210}, {"mid_twice": 150}, {"inventory": 30}):
        assert acted(TAKES, buying(TAKES, **fields)) == []


@pytest.mark.parametrize("fields", [{"step": 10}, {"mid_twice": 211}])
@pytest.mark.parametrize(("trader", "phase"), [(TAKES, TAKING), (GIVES_UP, IDLE), (CHASES, WITHDRAWN)])
def test_it_withdraws_when_patience_ends_or_the_price_runs_away(trader: BlockTrader, phase: int, fields: dict[str, int]) -> None:
    view = buying(trader, **fields)
    assert acted(trader, view) == [CancelOrder(7)] and view.memory[0] == phase


def test_a_seller_s_price_runs_the_other_way() -> None:
    for mid_twice, expected in ((189, [CancelOrder(7)]), (211, [])):
        view = buying(GIVES_UP, orders=[(7, 101, 60, SELL)], mid_twice=mid_twice)
        view.memory[1] = -60
        assert acted(GIVES_UP, view) == expected


def test_it_takes_the_rest_in_pieces() -> None:
    free: dict[str, Any] = {"orders": [], "bid_lots": 0}
    assert acted(TAKES, buying(TAKES, TAKING, **free)) == [market(Side.BUY, 8)]
    assert acted(TAKES, buying(TAKES, TAKING, **free, inventory=59)) == [market(Side.BUY, 1)]
    assert acted(TAKES, buying(TAKES, TAKING)) == [CancelOrder(7), market(Side.BUY, 8)]  # a call auction left an order
    view = buying(TAKES, TAKING, **free, inventory=60)
    assert acted(TAKES, view) == [] and view.memory[0] == IDLE


def test_it_rests_what_is_left_anew() -> None:
    view = buying(CHASES, WITHDRAWN, orders=[], bid_lots=0, inventory=20, best_bid=103, best_ask=105, mid_twice=208)
    assert acted(CHASES, view) == [limit(Side.BUY, 40, 103)]
    assert view.memory[0] == RESTING and 5 < view.memory[2] <= 15 and view.memory[3] == 104


def test_it_is_content_once_the_order_has_traded() -> None:
    view = buying(TAKES, orders=[], bid_lots=0, inventory=60)
    assert acted(TAKES, view) == [] and view.memory[0] == IDLE


def test_in_a_call_it_takes_by_an_order_that_rests_and_while_trading_rests_so_does_it() -> None:
    assert acted(TAKES, buying(TAKES, TAKING, orders=[], bid_lots=0, in_call=1)) == [limit(Side.BUY, 8, 101)]
    assert acted(TAKES, buying(TAKES, step=10, halted=1)) == []


@pytest.mark.parametrize(
    "parameters", [{}, {"start": 1}, {"start": 1, "patience": 1, "chase": 0.6, "activity": 0.5}, {"start": 1, "most": 400}]
)
def test_it_keeps_the_contract(parameters: dict[str, float]) -> None:
    assert check_trader(make_trader(NAME, parameters)) > 10
    assert check_trader(make_trader(NAME, {**parameters, "activity": 0})) == 0


@pytest.mark.parametrize(
    ("parameters", "says"),
    [({"urgency": 0.7, "chase": 0.6}, "add up to more than 1"), ({"least": 50, "most": 40}, "least 50 is not a whole number in 1..40")],
)
def test_a_wrong_number_is_named(parameters: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        BlockTrader(**parameters)
