"""Trading on what others say."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.traders.sentiment_trader import SentimentTrader
from simulator.types import Side
from simulator.world.commands import Commands, PlaceOrder
from simulator.world.view import View, example_view

KEEN = SentimentTrader(belief=1, size=3, topic=2, hold=2, activity=1)


def heard(value: int, topic: int = 2, count: int = 5, **fields: Any) -> View:
    return example_view(parameters=KEEN.parameters, broadcasts=count, broadcast_topic=topic, broadcast_value=value, **fields)


def traded(view: View) -> list[tuple[Side, int]]:
    commands = Commands()
    KEEN.act(view, commands)
    return [(order.side, order.size) for order in commands.placed() if isinstance(order, PlaceOrder)]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (heard(7), [(Side.BUY, 3)]), (heard(-1), [(Side.SELL, 3)]), (heard(0), []), (heard(7, topic=1), []), (heard(7, halted=1), []),
        (heard(7, lot_size=10), [(Side.BUY, 30)]),
    ],
)  # fmt: skip
def test_it_follows_messages_of_its_topic(view: View, expected: list[tuple[Side, int]]) -> None:
    assert traded(view) == expected


def test_a_message_is_followed_once_and_the_position_given_up_after_a_while() -> None:
    view = heard(7)
    assert traded(view) == [(Side.BUY, 3)]
    view.own["inventory"] = 5
    assert [traded(view) for _ in range(3)] == [[], [], [(Side.SELL, 3)]]
    view.own["inventory"] = -2
    assert traded(view) == [(Side.BUY, 2)]


def test_who_does_not_believe_does_not_trade() -> None:
    doubting = SentimentTrader(belief=0, activity=1)
    commands = Commands()
    doubting.act(example_view(parameters=doubting.parameters, broadcasts=1, broadcast_value=9), commands)
    assert commands.placed() == []
