"""An incoming order against the resting ones: matching, and the two looks ahead that must change nothing."""

from __future__ import annotations

from simulator.matching.arrays import Array, Row
from simulator.matching.compiled import called, i8, inlined, u8
from simulator.matching.ladder import price_of, worse_level
from simulator.matching.queues import leave
from simulator.matching.rules import crosses
from simulator.matching.writing import emit
from simulator.types import Reason, RecordKind

_FILLED, _CANCELLED = int(RecordKind.FILLED), int(RecordKind.CANCELLED)
_NONE, _SELF_TRADE = int(Reason.NONE), int(Reason.SELF_TRADE)


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
    price: int,
    size: int,
    order_id: int,
    owner: int,
) -> int:
    """Fill an incoming order against the best opposite orders up to `price`; return what is left of it."""
    book, other_side = books[symbol], u8(1) - side
    while size > 0 and crosses(price, book.best[other_side], side):
        at = i8(book.best[other_side])
        row = levels[book.level[other_side]]
        slot = row.head
        order = orders[slot]
        if order.owner == owner:
            emit(ring, pool, symbol, step, _CANCELLED, other_side, _SELF_TRADE, 0, at, order.remaining, 0,
                 order.owner, owner, order.order_id, order_id)  # fmt: skip
            leave(books, pool, orders, levels, pages, table, symbol, slot)
            continue
        traded = min(size, i8(order.remaining))
        left = i8(order.remaining) - traded
        emit(ring, pool, symbol, step, _FILLED, side, _NONE, 0, at, traded, left, order.owner, owner, order.order_id, order_id)
        size -= traded
        book.last = at
        book.volume += traded
        book.trades += 1
        if left == 0:
            leave(books, pool, orders, levels, pages, table, symbol, slot)
        else:
            order.remaining = left
            row.quantity -= traded
    return size


@called
def records_ahead(orders: Array, levels: Array, pages: Array, book: Row, side: int, price: int, size: int, owner: int) -> int:
    """Return how many records `match` would write, by walking without a change."""
    other_side, records = u8(1) - side, 0
    level = book.level[other_side]
    while level != 0 and crosses(price, price_of(pages, level), side):
        slot = levels[level].head
        while slot != 0:
            if size <= 0:
                return records
            records += 1
            if orders[slot].owner != owner:
                size -= orders[slot].remaining
            slot = orders[slot].next
        level = worse_level(pages, levels, level, other_side)
    return records


@called
def fillable(orders: Array, levels: Array, pages: Array, book: Row, side: int, price: int, size: int, owner: int) -> bool:
    """Say whether others' orders up to `price` can fill the whole size."""
    other_side = u8(1) - side
    level = book.level[other_side]
    while level != 0 and crosses(price, price_of(pages, level), side):
        slot = levels[level].head
        while slot != 0:
            if orders[slot].owner != owner:
                size -= orders[slot].remaining
                if size <= 0:
                    return True
            slot = orders[slot].next
        level = worse_level(pages, levels, level, other_side)
    return False
