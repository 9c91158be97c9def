"""A rebalancer: what it wants, when it asks itself, and how it gets there."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.traders.rebalancer import Rebalancer
from simulator.traders.registry import make_trader
from simulator.types import Side
from simulator.world.commands import Commands, PlaceOrder
from simulator.world.view import View, example_view
from tests.contracts.check_trader import check_trader

NUMBERS = {"window": 2, "exposure": 20, "trend": 4, "jump": 0, "size": 9, "band": 1, "activity": 1, "review": 10}


def acted(view: View, **numbers: float) -> list[Any]:
    """Return side and size of each market order."""
    trader = Rebalancer(**(NUMBERS | numbers))
    view.parameters[: len(trader.parameters)] = trader.parameters
    trader.act(view, commands := Commands())
    return [(order.side, order.size) for order in commands.placed() if isinstance(order, PlaceOrder) and order.price is None]


@pytest.mark.parametrize(
    ("numbers", "fields", "expected"),
    [
        ({}, {}, [(Side.BUY, 8)]),  # two ticks above the mean
        ({"trend": -4}, {}, [(Side.SELL, 8)]),
        ({"exposure": 5}, {}, [(Side.BUY, 5)]),
        ({"size": 3}, {}, [(Side.BUY, 3)]),
        ({}, {"inventory": 7}, []),  # within the band
        ({}, {"inventory": 12}, [(Side.SELL, 4)]),
        ({}, {"halted": 1}, []),
        ({}, {"in_call": 1}, []),
    ],
)
def test_it_moves_towards_what_it_wants(numbers: dict[str, float], fields: dict[str, int], expected: list[Any]) -> None:
    assert acted(example_view(prices=[100, 104], **fields), **numbers) == expected


def test_between_two_reviews_it_wants_the_same() -> None:
    view = example_view(prices=[100, 104], step=7)
    view.memory[:2] = -6, 8
    assert acted(view) == [(Side.SELL, 6)]
    view.market["step"] = 8
    assert acted(view)[0][0] is Side.BUY and 9 <= view.memory[1] <= 28


@pytest.mark.parametrize("parameters", [{"activity": 1}, {"trend": -5, "jump": 30, "activity": 1, "band": 0}])
def test_it_keeps_the_contract(parameters: dict[str, float]) -> None:
    assert check_trader(make_trader("rebalancer", parameters)) > 10
