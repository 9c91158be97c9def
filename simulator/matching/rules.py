"""The checks a command must pass, in the order in which the specification (reference.py) makes them."""

from __future__ import annotations

from simulator.matching.compiled import i4, inlined, u1
from simulator.matching.layout import Row
from simulator.types import CommandKind, Reason, TimeInForce

_MARKET, _MODIFY = u1(CommandKind.MARKET), u1(CommandKind.MODIFY)
_IOC, _FOK, _POST_ONLY = u1(TimeInForce.IOC), u1(TimeInForce.FOK), u1(TimeInForce.POST_ONLY)
_NONE = u1(Reason.NONE)
_HALTED = u1(Reason.HALTED)
_INVALID_PRICE, _OFF_TICK = u1(Reason.INVALID_PRICE), u1(Reason.OFF_TICK)
_INVALID_SIZE, _OFF_LOT = u1(Reason.INVALID_SIZE), u1(Reason.OFF_LOT)
_INVALID_SIDE, _INVALID_TIME_IN_FORCE, _INVALID_ID = u1(Reason.INVALID_SIDE), u1(Reason.INVALID_TIME_IN_FORCE), u1(Reason.INVALID_ID)


@inlined
def refusal(book: Row, kind: int, side: int, time_in_force: int, price: int, size: int, order_id: int) -> int:
    """Return the reason to refuse a limit, market or modify command by its own fields and the phase, 0 if there is none."""
    if book.halted != 0:
        return _HALTED
    if kind != _MODIFY and side > 1:
        return _INVALID_SIDE
    if kind != _MARKET and (time_in_force > _POST_ONLY or (kind == _MODIFY and (time_in_force == _IOC or time_in_force == _FOK))):
        return _INVALID_TIME_IN_FORCE
    if size <= 0:
        return _INVALID_SIZE
    if book.lot_size != 1 and i4(size) % book.lot_size != 0:
        return _OFF_LOT
    if kind != _MARKET:
        if price <= 0:
            return _INVALID_PRICE
        if book.tick_size != 1 and i4(price) % book.tick_size != 0:
            return _OFF_TICK
    if order_id < 0:
        return _INVALID_ID
    return _NONE


@inlined
def crosses(price: int, best: int, side: int) -> bool:
    """Say whether an incoming price of a side reaches the best opposite price, which is 0 if there is none."""
    return best != 0 and (price >= best if side == 0 else price <= best)
