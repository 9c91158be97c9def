"""Actions become commands: literal views in, literal orders out, the same compiled."""

from typing import Any

import pytest

from simulator.envs.market.learner import Learner
from simulator.envs.market.types import OrderType
from simulator.types import Side, TimeInForce
from simulator.world.commands import CancelOrder, Commands, ModifyOrder, PlaceOrder
from simulator.world.view import example_view

BUY, SELL, GTC = Side.BUY, Side.SELL, TimeInForce.GTC


def carried_out(action: tuple[int, int, int], **fields: Any) -> list[Any]:
    view, commands = example_view(prices=[100], **fields), Commands()
    view.memory[:3] = action
    Learner().act(view, commands)
    return commands.placed()


def limit(action: tuple[int, int, int], **fields: Any) -> tuple[Side, int | None, int]:
    order = carried_out(action, **fields)[-1]
    assert isinstance(order, PlaceOrder)
    return order.side, order.price, order.size


def test_hold_does_nothing() -> None:
    assert carried_out((OrderType.HOLD, 0, 5)) == []


def test_market_orders_have_a_side_and_a_size_in_lots_of_the_lot_size() -> None:
    (order,) = carried_out((OrderType.MARKET_SELL, 0, 5), lot_size=10)
    assert (order.side, order.size, order.price) == (SELL, 50, None)


@pytest.mark.parametrize(
    ("action", "fields", "expected"),
    [
        ((OrderType.LIMIT_BUY, 0, 5), {}, (BUY, 99, 5)),  # joins the best bid
        ((OrderType.LIMIT_BUY, 2, 1), {"tick_size": 3}, (BUY, 93, 1)),
        ((OrderType.LIMIT_BUY, -1, 1), {"best_ask": 103}, (BUY, 100, 1)),  # improves
        ((OrderType.LIMIT_BUY, -1, 1), {"best_ask": 100}, (BUY, 99, 1)),  # no room to improve
        ((OrderType.LIMIT_BUY, 0, 1), {"best_bid": 0}, (BUY, 99, 1)),  # nobody bids: below the middle
        ((OrderType.LIMIT_BUY, 500, 1), {}, (BUY, 1, 1)),  # a price is positive
        ((OrderType.LIMIT_SELL, 0, 5), {}, (SELL, 101, 5)),
        ((OrderType.LIMIT_SELL, -1, 1), {"best_bid": 97}, (SELL, 100, 1)),
        ((OrderType.LIMIT_SELL, -1, 1), {"best_bid": 100}, (SELL, 101, 1)),
        ((OrderType.LIMIT_SELL, 0, 1), {"best_ask": 0}, (SELL, 101, 1)),
    ],
)
def test_limit_orders_are_priced_from_their_own_side(
    action: tuple[int, int, int], fields: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    assert limit(action, **fields) == expected


def test_a_limit_order_moves_the_one_on_its_side() -> None:
    orders = [(7, 98, 1, BUY), (8, 102, 1, SELL)]
    assert carried_out((OrderType.LIMIT_SELL, 0, 5), orders=orders) == [ModifyOrder(8, 101, 5)]
    assert carried_out((OrderType.LIMIT_BUY, 0, 5), orders=orders) == [ModifyOrder(7, 99, 5)]


def test_a_limit_order_leaves_alone_what_rests_where_it_would() -> None:
    assert carried_out((OrderType.LIMIT_BUY, 1, 5), orders=[(7, 98, 5, BUY)]) == []


def test_cancel_all_leaves_none() -> None:
    orders = [(7, 98, 1, BUY), (8, 102, 1, SELL), (9, 97, 1, BUY)]
    assert carried_out((OrderType.CANCEL_ALL, 0, 0), orders=orders) == [CancelOrder(7), CancelOrder(8), CancelOrder(9)]
