"""A book from its log alone, compiled: each record is applied as a fact, no rule of matching is used.

An order that comes in is held back as *pending* while records of its own command follow (they name it as `other_id`), and rests
with what they left of it: only then is it sure that the other side of its price is empty.
"""

from __future__ import annotations

import numpy as np

from simulator.matching.compiled import called, compiled, i8, inlined, u4
from simulator.matching.ids import find_slot
from simulator.matching.ladder import price_of
from simulator.matching.layout import Array, Grow, Row
from simulator.matching.queues import leave, refresh_touch, rest
from simulator.matching.runner import room_to_rest
from simulator.types import Reason, RecordKind, TimeInForce

PENDING = np.dtype([("left", "i8"), ("order_id", "i8"), ("price", "i4"), ("owner", "i4"), ("side", "u8")], align=True)

_DONE = int(Grow.DONE)
_LAST_OF_BOOK = int(RecordKind.PHASE)
_CONTRADICTION = -1
_ACCEPTED, _FILLED, _CANCELLED = int(RecordKind.ACCEPTED), int(RecordKind.FILLED), int(RecordKind.CANCELLED)
_MODIFIED, _HALTED, _RESUMED = int(RecordKind.MODIFIED), int(RecordKind.HALTED), int(RecordKind.RESUMED)
_UNFILLED, _SELF_TRADE, _KEPT_PLACE = int(Reason.UNFILLED), int(Reason.SELF_TRADE), int(Reason.KEPT_PLACE)
_PHASE, _CALL_BEGAN, _UNCROSSED = int(RecordKind.PHASE), int(Reason.CALL_BEGAN), int(Reason.UNCROSSED)
_GTC, _POST_ONLY = int(TimeInForce.GTC), int(TimeInForce.POST_ONLY)


def new_pending() -> Array:
    """Return the memory of `apply_log` between two calls: no order is pending."""
    return np.zeros(1, PENDING)


@compiled
def apply_log(
    books: Array,
    pool: Array,
    orders: Array,
    levels: Array,
    pages: Array,
    table: Array,
    directory: Array,
    pending: Array,
    log: Array,
    begin: int,
    symbol: int,
) -> int:
    """Apply a symbol's records to the only book from row `begin` on. Return DONE, what must grow, or -1: row `pool.done` contradicts it."""
    book, waiting, wanted, symbol = books[0], pending[0], symbol, u4(0)
    for index in range(begin, len(log) + 1):
        elsewhere = index < len(log) and (log[index].symbol != wanted or log[index].kind > _LAST_OF_BOOK)
        of_command = elsewhere or (index < len(log) and log[index].other_id == waiting.order_id)
        code = _DONE
        if waiting.left > 0 and not of_command:
            code = room_to_rest(pool, orders, pages)
            if code == _DONE:
                rest(books, pool, orders, levels, pages, table, directory, symbol, waiting.side, i8(waiting.price), waiting.left,
                     waiting.order_id, waiting.owner)  # fmt: skip
                waiting.left = 0
        if code == _DONE and index < len(log) and not elsewhere:
            code = _apply(books, pool, orders, levels, pages, table, waiting, log[index], symbol)
        if code != _DONE:
            pool[0].done = index
            return code
    refresh_touch(book, levels)
    return _DONE


@inlined
def _apply(
    books: Array, pool: Array, orders: Array, levels: Array, pages: Array, table: Array, waiting: Row, record: Row, symbol: int
) -> int:
    """Apply one record; return DONE or -1."""
    kind, fits = record.kind, True
    if kind == _ACCEPTED:
        if record.time_in_force == _GTC or record.time_in_force == _POST_ONLY:
            fits = find_slot(orders, table, symbol, record.order_id) == 0
            _wait(waiting, record)
    elif kind == _FILLED and record.reason == _UNCROSSED:
        fits = _fill_in_auction(books, pool, orders, levels, pages, table, record, symbol)
    elif kind == _FILLED:
        fits = _fill(books, pool, orders, levels, pages, table, waiting, record, symbol)
    elif kind == _CANCELLED:
        if record.reason != _UNFILLED:
            fits = _remove(books, pool, orders, levels, pages, table, record, symbol, True)
    elif kind == _MODIFIED:
        if record.reason == _KEPT_PLACE:
            fits = _reduce(orders, levels, pages, table, record, symbol)
        else:
            fits = _remove(books, pool, orders, levels, pages, table, record, symbol, False)
            _wait(waiting, record)
    elif kind == _HALTED or kind == _RESUMED:
        books[symbol].halted = 1 if kind == _HALTED else 0
    elif kind == _PHASE:
        books[symbol].in_call = 1 if record.reason == _CALL_BEGAN else 0
    return _DONE if fits else _CONTRADICTION


@inlined
def _wait(waiting: Row, record: Row) -> None:
    waiting.left = record.size
    waiting.order_id = record.order_id
    waiting.price = record.price
    waiting.owner = record.owner
    waiting.side = record.side


@called
def _fill(
    books: Array, pool: Array, orders: Array, levels: Array, pages: Array, table: Array, waiting: Row, record: Row, symbol: int
) -> bool:
    """Apply a FILLED record to the resting order, which must be the first at its price, and to the pending one."""
    slot = find_slot(orders, table, symbol, record.order_id)
    if slot == 0:
        return False
    order = orders[slot]
    row, left = levels[order.level], i8(order.remaining) - record.size
    if row.head != slot or left < 0 or left != record.remaining or price_of(pages, order.level) != record.price:
        return False
    if waiting.left > 0:
        waiting.left -= record.size
        if waiting.left < 0:
            return False
    book = books[symbol]
    book.last = record.price
    book.volume += record.size
    book.trades += 1
    _take_lots(books, pool, orders, levels, pages, table, symbol, slot, i8(record.size))
    return True


@called
def _fill_in_auction(books: Array, pool: Array, orders: Array, levels: Array, pages: Array, table: Array, record: Row, symbol: int) -> bool:
    """Apply a FILLED record of a call auction to both resting orders, each of which must be the first of its side."""
    ask, bid = find_slot(orders, table, symbol, record.order_id), find_slot(orders, table, symbol, record.other_id)
    book, size = books[symbol], i8(record.size)
    if ask == 0 or bid == 0 or levels[book.level[0]].head != bid or levels[book.level[1]].head != ask:
        return False
    ask_left, bid_left = i8(orders[ask].remaining) - size, i8(orders[bid].remaining) - size
    if ask_left != record.remaining or ask_left < 0 or bid_left < 0:
        return False
    if price_of(pages, orders[ask].level) > record.price or price_of(pages, orders[bid].level) < record.price:
        return False
    book.last = record.price
    book.volume += size
    book.trades += 1
    _take_lots(books, pool, orders, levels, pages, table, symbol, ask, size)
    _take_lots(books, pool, orders, levels, pages, table, symbol, bid, size)
    return True


@inlined
def _take_lots(
    books: Array, pool: Array, orders: Array, levels: Array, pages: Array, table: Array, symbol: int, slot: int, size: int
) -> None:
    """Take lots off a resting order, and the order out with its last one."""
    order = orders[slot]
    if i8(order.remaining) == size:
        leave(books, pool, orders, levels, pages, table, symbol, slot)
    else:
        order.remaining -= size
        levels[order.level].quantity -= size


@called
def _remove(
    books: Array, pool: Array, orders: Array, levels: Array, pages: Array, table: Array, record: Row, symbol: int, whole: bool
) -> bool:
    """Take the record's order out; `whole` says that the record's size must be all that was left of it."""
    slot = find_slot(orders, table, symbol, record.order_id)
    if slot == 0 or (whole and orders[slot].remaining != record.size):
        return False
    leave(books, pool, orders, levels, pages, table, symbol, slot)
    return True


@called
def _reduce(orders: Array, levels: Array, pages: Array, table: Array, record: Row, symbol: int) -> bool:
    """Make the record's order smaller where it stands."""
    slot = find_slot(orders, table, symbol, record.order_id)
    if slot == 0 or orders[slot].remaining <= record.size:
        return False
    levels[orders[slot].level].quantity -= orders[slot].remaining - record.size
    orders[slot].remaining = record.size
    return True
