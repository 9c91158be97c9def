"""Accounts: what a trade does to cash and inventory, fees, and what an agent may still ask for.

Everything is whole numbers: cash and fees are ticks x lots. Nothing is created: over all agents and the fees paid, cash and
inventory stay what they were.
"""

from __future__ import annotations

import numpy as np

from simulator.matching.compiled import i8, inlined, u1
from simulator.types import CommandKind, Reason, Side, TimeInForce
from simulator.world.layout import Array, Row

_LIMIT, _BUY = i8(CommandKind.LIMIT), i8(Side.BUY)
_IOC, _FOK = i8(TimeInForce.IOC), i8(TimeInForce.FOK)
_NONE, _OPEN_ORDER_LIMIT = u1(Reason.NONE), u1(Reason.OPEN_ORDER_LIMIT)
_POSITION_LIMIT, _CREDIT_LIMIT = u1(Reason.POSITION_LIMIT), u1(Reason.CREDIT_LIMIT)
_MILLION = 1_000_000


@inlined
def fee_of(value: int, rate: int) -> int:
    """Return the fee on a trade's value (ticks x lots) at a rate in millionths, rounded down; a negative one is a rebate."""
    return value // _MILLION * rate + value % _MILLION * rate // _MILLION if rate != 0 else 0


@inlined
def pay(own: Row, sign: int, price: int, size: int, rate: int) -> None:
    """Book a fill: sign 1 bought, -1 sold."""
    value = price * size
    fee = fee_of(value, rate)
    own.inventory = own.inventory + sign * size
    own.cash = own.cash - sign * value - fee
    own.fees = own.fees + fee


@inlined
def refusal_by_limits(own: Row, best_ask: int, kind: int, side: int, time_in_force: int, price: int, size: int) -> int:
    """Return the limit that a new limit or market order would break, NONE if it may go to the book.

    side is 0 or 1, size and price are positive.
    """
    if kind == _LIMIT and time_in_force != _IOC and time_in_force != _FOK and own.open_orders >= own.order_limit:
        return _OPEN_ORDER_LIMIT
    return refusal_of_more(own, side, size, (price if kind == _LIMIT else best_ask) * size)


@inlined
def refusal_of_more(own: Row, side: int, lots: int, cost: int) -> int:
    """Return the limit that so many more lots of a side would break, which cost so much if bought."""
    long = own.inventory + own.bid_lots
    short = own.ask_lots - own.inventory
    if (long + lots > own.position_limit) if side == _BUY else (short + lots > own.short_limit):
        return _POSITION_LIMIT
    if side == _BUY and own.cash - own.reserved + own.credit_limit < cost:
        return _CREDIT_LIMIT
    return _NONE


def values(agents: Array, markets: Array) -> Array:
    """Return (agents,) int64: twice the mark-to-market value, cash and inventory at the mid, in half ticks x lots."""
    mids: Array = markets["mid_twice"][agents["symbol"]]
    return np.asarray(2 * agents["cash"] + agents["inventory"] * mids)
