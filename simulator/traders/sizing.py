"""How much a strategy may still buy or sell, and prices on the grid: shared by the strategies, run in Python and compiled."""

from __future__ import annotations

import math
from typing import Any

from simulator.world.commands import BUY, place_limit, place_market
from simulator.world.jit import both_ways


@both_ways
def room(view: Any, side: int) -> int:
    """Return the lots that the agent may add on a side before its position limit, its resting orders counted; 0 or more."""
    if side == BUY:
        return max(view.position_limit - view.inventory - view.bid_lots, 0)  # type: ignore[no-any-return]
    return max(view.short_limit + view.inventory - view.ask_lots, 0)  # type: ignore[no-any-return]


@both_ways
def free(view: Any, side: int) -> int:
    """Return the lots that the position limit leaves on a side once all own orders are withdrawn; 0 or more."""
    left: int = view.position_limit - view.inventory if side == BUY else view.short_limit + view.inventory
    return max(left, 0)


@both_ways
def offered(view: Any, side: int) -> int:
    """Return the lots at the best price of those who would trade with an order of this side; 0 if there is nobody."""
    return view.ask_size if side == BUY else view.bid_size  # type: ignore[no-any-return]


@both_ways
def whole_lots(view: Any, size: int) -> int:
    """Return the size as a legal one: a multiple of the lot size, rounded down."""
    return size - size % view.lot_size  # type: ignore[no-any-return]


@both_ways
def affordable(view: Any, side: int, size: int) -> int:
    """Return what the position limit leaves of `size`, in whole lots; 0 or more."""
    return whole_lots(view, min(size, room(view, side)))


@both_ways
def by_risk(view: Any, risk: float, variance: float, most: int) -> int:
    """Return the lots whose value has a deviation of `risk` (ticks x lots) a step where a price has this variance (square ticks).

    At least one lot size, at most `most`; all of it where nothing moved yet.
    """
    if variance <= 0.0:
        return whole_lots(view, most)
    lots: int = max(whole_lots(view, min(most, int(risk / math.sqrt(variance)))), min(view.lot_size, most))
    return lots


@both_ways
def take(view: Any, commands: Any, side: int, size: int) -> None:
    """Send a market order of `size` lots or what the position limit leaves of it; nothing where nobody would trade with it.

    In a call auction, where only orders that can rest are taken, it is a limit order at the best opposite price.
    """
    lots = affordable(view, side, size)
    if lots <= 0 or offered(view, side) <= 0:
        return
    if view.in_call:
        place_limit(commands, side, view.best_ask if side == BUY else view.best_bid, lots)
    else:
        place_market(commands, side, lots)


@both_ways
def price_at_most(view: Any, price: float) -> int:
    """Return the highest legal price (ticks) at or below `price`, at least one tick size."""
    return max(math.floor(price / view.tick_size) * view.tick_size, view.tick_size)  # type: ignore[no-any-return]


@both_ways
def price_at_least(view: Any, price: float) -> int:
    """Return the lowest legal price (ticks) at or above `price`, at least one tick size."""
    return max(math.ceil(price / view.tick_size) * view.tick_size, view.tick_size)  # type: ignore[no-any-return]
