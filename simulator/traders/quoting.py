"""Keeping one order of a side where it belongs: shared by strategies that quote one price, or one on each side."""

from __future__ import annotations

from typing import Any

from simulator.traders.sizing import affordable, room, whole_lots
from simulator.world.commands import cancel, modify, place_limit
from simulator.world.jit import both_ways


@both_ways
def keep_one(view: Any, commands: Any, side: int, price: int, wanted: int) -> None:
    """Have one order of a side at a price, of `wanted` lots or what the position limit leaves, and no other order.

    An order of the right price stays where it queues unless it is too large or more than half used up.
    """
    found = False
    for row in range(view.open_orders):
        order = view.orders[row]
        lots = whole_lots(view, min(wanted, room(view, side) + order.size))
        if found or order.side != side or lots <= 0:
            cancel(commands, order.order_id)
        elif order.price != price or order.size * 2 < lots or order.size > lots:
            modify(commands, order.order_id, price, lots)
        found = found or order.side == side
    if not found and affordable(view, side, wanted) > 0:
        place_limit(commands, side, price, affordable(view, side, wanted))


@both_ways
def keep_side(view: Any, commands: Any, side: int, price: int, full: int, tolerance: float) -> None:
    """Have one order of a side at a price (ticks), of `full` lots, or none of that side for zero; those of the other side are left alone.

    An order stays where it queues if it is no further than `tolerance` ticks from the price, not too large, and at least half is left.
    """
    found = False
    for row in range(view.open_orders):
        order = view.orders[row]
        if order.side != side:
            continue
        if found or full <= 0:
            cancel(commands, order.order_id)
        elif abs(order.price - price) > tolerance or order.size * 2 < full or order.size > full:
            modify(commands, order.order_id, price, full)
        found = True
    if not found and full > 0:
        place_limit(commands, side, price, full)


@both_ways
def withdraw_all(view: Any, commands: Any) -> None:
    """Withdraw all own orders."""
    for row in range(view.open_orders):
        cancel(commands, view.orders[row].order_id)
