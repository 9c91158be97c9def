"""A breakout trader: what is a break, how it gets in, and what lets it out."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.traders.breakout_trader import BreakoutTrader
from simulator.traders.registry import make_trader
from simulator.types import Side
from simulator.world.commands import SELL, CancelOrder, Commands, PlaceOrder
from simulator.world.view import View, example_view
from tests.contracts.check_trader import check_trader

NUMBERS = {"window": 3, "band": 1, "belief": 1, "position": 1, "size": 4, "stop": 3, "target": 10, "hold": 50}
ENTERING, HOLDING, LEAVING = 1, 2, 3


def acted(view: View, **numbers: float) -> list[Any]:
    """Return side, price and size of each order, and the other commands as they are."""
    trader = BreakoutTrader(**(NUMBERS | numbers))
    view.parameters[: len(trader.parameters)] = trader.parameters
    trader.act(view, commands := Commands())
    return [(order.side, order.price, order.size) if isinstance(order, PlaceOrder) else order for order in commands.placed()]


def holding(price: int, phase: int = HOLDING, **fields: Any) -> View:
    """It bought six lots at 100 in step 5."""
    view = example_view(prices=[price], **{"inventory": 6, "step": 8, **fields})
    view.memory[:5] = phase, 0, 100, 100, 55
    return view


@pytest.mark.parametrize(
    ("prices", "side"), [([100, 101, 99, 103], Side.BUY), ([100, 101, 99, 97], Side.SELL), ([100, 101, 99, 102], None), ([90, 103], None)]
)
def test_it_takes_at_once_what_leaves_its_range(prices: list[int], side: Side | None) -> None:
    view = example_view(prices=prices)
    assert acted(view) == ([(side, None, 1)] if side is not None else [])
    assert view.memory[0] == (HOLDING if side is not None else 0)


def test_it_gets_in_by_pieces() -> None:
    view = example_view(prices=[100], inventory=2, step=8)
    view.memory[:2] = ENTERING, -6
    assert acted(view) == [(Side.SELL, None, 4)] and view.memory[:2].tolist() == [ENTERING, -2]
    assert acted(view) == [(Side.SELL, None, 2)] and view.memory[0] == HOLDING


@pytest.mark.parametrize(("price", "fields"), [(97, {}), (110, {}), (100, {"step": 55})])
def test_a_stop_a_target_and_time_let_it_out(price: int, fields: dict[str, int]) -> None:
    view = holding(price, **fields)
    assert acted(view) == [(Side.SELL, None, 4)] and view.memory[0] == LEAVING


def test_the_stop_follows_the_price() -> None:
    view = holding(106)
    assert acted(view) == [] and view.memory[3] == 106
    view.market["mid_twice"] = 2 * 103
    assert acted(view) == [(Side.SELL, None, 4)]


def test_it_may_offer_what_it_takes_its_profit_with() -> None:
    assert acted(holding(110), offers=1) == [(Side.SELL, 111, 6)]
    assert acted(holding(97, orders=[(7, 111, 6, SELL)], ask_lots=6), offers=1)[0] == CancelOrder(7)


def test_out_of_its_position_it_looks_again() -> None:
    for phase in (HOLDING, LEAVING):
        view = holding(100, phase, inventory=0)
        assert acted(view) == [] and view.memory[0] == 0


@pytest.mark.parametrize("parameters", [{"window": 5, "belief": 1, "band": 0}, {"window": 20, "belief": 1, "offers": 1, "target": 1}])
def test_it_keeps_the_contract(parameters: dict[str, float]) -> None:
    assert check_trader(make_trader("breakout_trader", parameters)) > 10
