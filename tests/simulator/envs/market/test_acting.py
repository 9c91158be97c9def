"""Actions become commands: literal views in, literal orders out, the same compiled."""

from typing import Any

import pytest

from simulator.envs.market.acting import NO_QUOTE, distances
from simulator.envs.market.learner import Learner
from simulator.envs.market.types import QUOTE, OrderType
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


def quoted(bid: int, ask: int, **fields: Any) -> list[tuple[Side, int | None, int]]:
    """Side, price and size of what a QUOTE of ten lots places."""
    placed = carried_out((QUOTE, distances(bid, ask), 10), **fields)
    return [(order.side, order.price, order.size) for order in placed if isinstance(order, PlaceOrder)]


@pytest.mark.parametrize(
    ("pair", "fields", "expected"),
    [
        ((2, 4), {}, [(BUY, 98, 10), (SELL, 104, 10)]),  # around the mid
        ((2, 4), {"signal": 103.5, "informed": 1, "best_ask": 106}, [(BUY, 101, 10), (SELL, 108, 10)]),  # around the value, outward
        ((1, 1), {"signal": 105.0, "informed": 1}, [(BUY, 100, 10), (SELL, 106, 10)]),  # never at or through the best ask
        ((NO_QUOTE, 3), {}, [(SELL, 103, 10)]),
        ((3, NO_QUOTE), {}, [(BUY, 97, 10)]),
        ((2, 2), {"inventory": 6, "position_limit": 8, "short_limit": 8}, [(BUY, 98, 2), (SELL, 102, 10)]),  # what the limit leaves
        ((2, 2), {"inventory": 8, "position_limit": 8, "short_limit": 8}, [(SELL, 102, 10)]),
        ((1, 2), {"tick_size": 5, "best_bid": 95, "best_ask": 110}, [(BUY, 95, 10), (SELL, 110, 10)]),  # ticks of the tick size
    ],
)
def test_a_quote_places_both_sides_around_the_fair_price(pair: tuple[int, int], fields: dict[str, Any], expected: Any) -> None:
    assert quoted(*pair, **fields) == expected


def test_a_quote_keeps_what_stands_right_moves_what_does_not_and_withdraws_what_is_not_wanted() -> None:
    orders = [(7, 98, 6, BUY), (8, 103, 10, SELL)]
    assert carried_out((QUOTE, distances(2, 2), 10), orders=orders) == [ModifyOrder(8, 102, 10)]  # more than half of the bid is left
    assert carried_out((QUOTE, distances(2, NO_QUOTE), 10), orders=orders) == [CancelOrder(8)]
