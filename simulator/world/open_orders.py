"""The list of an agent's resting orders, oldest first, and the sums that its limits need. Kept in step with the books."""

from __future__ import annotations

from simulator.matching.compiled import inlined
from simulator.world.layout import Row
from simulator.world.view_type import open_order_at

NOT_FOUND = -1


@inlined
def place_of(own: Row, order_id: int) -> int:
    """Return where an order stands in the agent's list, NOT_FOUND if it is not there."""
    for place in range(own.open_orders):
        if open_order_at(own, place).order_id == order_id:
            return place
    return NOT_FOUND


@inlined
def reserve(own: Row, side: int, price: int, lots: int) -> None:
    """Count lots that began to rest, or with a minus that ceased to. Without a branch: sides cannot be predicted."""
    bid = (1 - side) * lots
    own.bid_lots = own.bid_lots + bid
    own.ask_lots = own.ask_lots + side * lots
    own.reserved = own.reserved + price * bid


@inlined
def keep(own: Row, order_id: int, side: int, price: int, size: int) -> None:
    """Add an order that rests now; the limit of open orders has made sure of room."""
    order = open_order_at(own, own.open_orders)
    order.order_id = order_id
    order.side = side
    order.price = price
    order.size = size
    own.open_orders = own.open_orders + 1
    reserve(own, side, price, size)


@inlined
def shrink(own: Row, order_id: int, lots: int) -> None:
    """Take lots off a resting order, and the order off the list with its last one."""
    place = place_of(own, order_id)
    if place == NOT_FOUND:
        return
    order = open_order_at(own, place)
    reserve(own, order.side, order.price, -lots)
    order.size = order.size - lots
    if order.size == 0:
        _close_gap(own, place)


@inlined
def shrink_to(own: Row, order_id: int, size: int) -> None:
    """Leave a resting order with a smaller size."""
    place = place_of(own, order_id)
    if place != NOT_FOUND:
        order = open_order_at(own, place)
        reserve(own, order.side, order.price, size - order.size)
        order.size = size


@inlined
def drop(own: Row, order_id: int) -> None:
    """Take a whole order off the list."""
    place = place_of(own, order_id)
    if place == NOT_FOUND:
        return
    order = open_order_at(own, place)
    reserve(own, order.side, order.price, -order.size)
    _close_gap(own, place)


@inlined
def _close_gap(own: Row, place: int) -> None:
    for later in range(place + 1, own.open_orders):
        order, to = open_order_at(own, later), open_order_at(own, later - 1)
        to.order_id = order.order_id
        to.side = order.side
        to.price = order.price
        to.size = order.size
    own.open_orders = own.open_orders - 1
