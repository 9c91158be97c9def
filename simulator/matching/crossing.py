"""An incoming order against the resting ones: matching, and the two looks ahead that must change nothing."""

from __future__ import annotations

from simulator.matching.compiled import called, i8, inlined, u1, u8
from simulator.matching.ladder import price_of, worse_level
from simulator.matching.layout import Array, Row
from simulator.matching.queues import leave
from simulator.matching.rules import crosses
from simulator.matching.writing import emit
from simulator.types import Reason, RecordKind, TimeInForce

_FILLED, _CANCELLED = u1(RecordKind.FILLED), u1(RecordKind.CANCELLED)
_NONE, _SELF_TRADE = u1(Reason.NONE), u1(Reason.SELF_TRADE)
_GTC = u1(TimeInForce.GTC)


@inlined
def match(
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
    size: int,
    order_id: int,
    owner: int,
) -> int:
    """Fill an incoming order against the best opposite orders up to `limit`; return what is left of it."""
    book, other_side = books[symbol], u8(1) - side
    while size > 0 and crosses(limit, i8(book.best[other_side]), side):
        at = i8(book.best[other_side])
        slot = levels[book.level[other_side]].head
        order = orders[slot]
        own = order.owner == owner
        open_size = i8(order.remaining)
        traded = i8(0) if own else min(size, open_size)
        left = open_size - traded
        emit(ring, pool, symbol, step, _CANCELLED if own else _FILLED, other_side if own else side, _SELF_TRADE if own else _NONE, _GTC,
             at, open_size if own else traded, i8(0) if own else left, i8(order.owner), owner, i8(order.order_id), order_id)  # fmt: skip
        if not own:
            size -= traded
            book.last = at
            book.volume += traded
            book.trades += 1
        if own or left == 0:
            leave(books, pool, orders, levels, pages, table, symbol, slot)
        else:
            order.remaining = left
            levels[order.level].quantity -= traded
    return size


@called
def look_ahead(orders: Array, levels: Array, pages: Array, book: Row, side: int, limit: int, size: int, owner: int) -> tuple[int, int]:
    """Return (records that `match` would write, lots that it would leave), by walking without a change."""
    other_side, records = u8(1) - side, i8(0)
    level = book.level[other_side]
    while size > 0 and level != 0 and crosses(limit, price_of(pages, level), side):
        slot = levels[level].head
        while size > 0 and slot != 0:
            records += 1
            if orders[slot].owner != owner:
                size -= orders[slot].remaining
            slot = orders[slot].next
        level = worse_level(pages, levels, level, other_side)
    return records, size
