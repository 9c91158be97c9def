"""The call auction: orders that come in only rest, and all that cross at its end trade at one price (the rules: reference.py)."""

from __future__ import annotations

from simulator.matching.compiled import called, i8, inlined, u1, u8
from simulator.matching.ladder import price_of, worse_level
from simulator.matching.layout import Array, Row
from simulator.matching.queues import leave, refresh_touch
from simulator.matching.rules import crosses
from simulator.matching.writing import emit
from simulator.types import Reason, RecordKind, TimeInForce

_FILLED, _CANCELLED, _PHASE = u1(RecordKind.FILLED), u1(RecordKind.CANCELLED), u1(RecordKind.PHASE)
_SELF_TRADE, _UNCROSSED = u1(Reason.SELF_TRADE), u1(Reason.UNCROSSED)
_GTC = u1(TimeInForce.GTC)
_BUY, _SELL = u8(0), u8(1)
_ZERO, _NOBODY = i8(0), i8(-1)
_LARGEST = i8(2**31 - 1)


@called
def cancel_own(
    books: Array,
    pool: Array,
    orders: Array,
    levels: Array,
    pages: Array,
    table: Array,
    ring: Array,
    symbol: int,
    step: int,
    side: int,
    limit: int,
    order_id: int,
    owner: int,
) -> None:
    """Cancel what an order that comes into the auction reaches of its own owner on the other side."""
    other_side = u8(1) - side
    level = books[symbol].level[other_side]
    while level != 0 and crosses(limit, price_of(pages, level), side):
        behind, slot = worse_level(pages, levels, level, other_side), levels[level].head
        while slot != 0:
            order, after = orders[slot], orders[slot].next
            if order.owner == owner:
                emit(ring, pool, symbol, step, _CANCELLED, other_side, _SELF_TRADE, _GTC, price_of(pages, level), i8(order.remaining),
                     _ZERO, owner, owner, i8(order.order_id), order_id)  # fmt: skip
                leave(books, pool, orders, levels, pages, table, symbol, slot)
            slot = after
        level = behind


@called
def uncross(
    books: Array,
    pool: Array,
    orders: Array,
    levels: Array,
    pages: Array,
    table: Array,
    ring: Array,
    symbol: int,
    step: int,
    owner: int,
    reference: int,
) -> None:
    """End the auction; the ring has room for a record per resting order and one more."""
    book = books[symbol]
    book.in_call = 0
    price, lots, imbalance = clearing(book, levels, pages, reference if reference > 0 else i8(book.last))
    side = _BUY if imbalance >= 0 else _SELL
    emit(ring, pool, symbol, step, _PHASE, side, _UNCROSSED, _GTC, price, min(lots, _LARGEST), min(abs(imbalance), _LARGEST),
         owner, _NOBODY, _NOBODY, _NOBODY)  # fmt: skip
    while lots > 0:
        bid_slot, ask_slot = levels[book.level[0]].head, levels[book.level[1]].head
        bid, ask = orders[bid_slot], orders[ask_slot]
        size = min(lots, min(i8(bid.remaining), i8(ask.remaining)))
        lots -= size
        bid.remaining -= size
        ask.remaining -= size
        levels[bid.level].quantity -= size
        levels[ask.level].quantity -= size
        book.last = price
        book.volume += size
        book.trades += 1
        emit(ring, pool, symbol, step, _FILLED, side, _UNCROSSED, _GTC, price, size, i8(ask.remaining), i8(ask.owner), i8(bid.owner),
             i8(ask.order_id), i8(bid.order_id))  # fmt: skip
        if bid.remaining == 0:
            leave(books, pool, orders, levels, pages, table, symbol, bid_slot)
        if ask.remaining == 0:
            leave(books, pool, orders, levels, pages, table, symbol, ask_slot)
    refresh_touch(book, levels)


@called
def clearing(book: Row, levels: Array, pages: Array, reference: int) -> tuple[int, int, int]:
    """Return (price, lots traded, lots bid minus lots offered) of an auction held now, zeros if nothing crosses.

    Trading the best against the best until they no longer cross gives the most lots, and the worst prices that took part: every
    price between them trades as many. What is left there on one side or the other is the imbalance.
    """
    tick = i8(book.tick_size)
    bid, ask = book.level[0], book.level[1]
    bid_left, ask_left = levels[bid].quantity, levels[ask].quantity
    low, high, lots = _ZERO, _ZERO, _ZERO
    while bid != 0 and ask != 0 and price_of(pages, bid) >= price_of(pages, ask):
        high, low = price_of(pages, bid), price_of(pages, ask)
        traded = min(bid_left, ask_left)
        lots += traded
        bid_left -= traded
        ask_left -= traded
        if bid_left == 0:
            bid = worse_level(pages, levels, bid, _BUY)
            bid_left = levels[bid].quantity
        if ask_left == 0:
            ask = worse_level(pages, levels, ask, _SELL)
            ask_left = levels[ask].quantity
    if lots == 0:
        return _ZERO, _ZERO, _ZERO
    bid_price, ask_price = _price_or(pages, bid, _ZERO), _price_or(pages, ask, _LARGEST + tick)
    from_here, up_to = max(low, bid_price + tick), min(high, ask_price - tick)
    if bid_price < high and ask_price > low and from_here <= up_to:
        return _nearest(from_here, up_to, tick, reference), lots, _ZERO
    at_bid = _nearest(max(low, _price_or(pages, worse_level(pages, levels, bid, _BUY), _ZERO) + tick), bid_price, tick, reference)
    if ask_price > low and (bid_price >= high or bid_left < ask_left):
        return at_bid, lots, bid_left
    at_ask = _nearest(
        ask_price, min(high, _price_or(pages, worse_level(pages, levels, ask, _SELL), _LARGEST + tick) - tick), tick, reference
    )
    if ask_price > low and bid_left == ask_left and abs(at_bid - reference) <= abs(at_ask - reference):
        return at_bid, lots, bid_left
    return at_ask, lots, -ask_left


@inlined
def _price_or(pages: Array, level: int, without: int) -> int:
    return price_of(pages, level) if level != 0 else without


@inlined
def _nearest(low: int, high: int, tick: int, reference: int) -> int:
    """Return the multiple of the tick size from low to high, both multiples, that is nearest to the reference, the lower of two."""
    if reference <= low:
        return low
    if reference >= high:
        return high
    below = reference - reference % tick
    return below if reference - below <= below + tick - reference else below + tick
