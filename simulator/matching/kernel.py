"""The fast book: the same commands, records and state as reference.py, over flat arrays, compiled.

How to call it from a compiled loop or from Python::

    arrays, ring = BookArrays(symbols=S), ring_of(32768)
    code = submit(*arrays.args, ring, symbol, step, kind, side, time_in_force, price, size, order_id, owner)

Return codes (`Grow`): 0 DONE, the command took effect and its records were appended at `arrays.pool[0].cursor`, which moved on.
Any other code means that nothing at all was changed; make room and submit the same command again:

- 1 ORDERS, 2 PAGES: `arrays.grow(code)`, then pass `*arrays.args` anew, because the arrays were replaced;
- 3 RING: drain the ring and set `arrays.pool[0].cursor = 0`; if the ring is still shorter than `arrays.pool[0].needed`
  rows (a command may write as many records as it meets orders), replace it by one that is not.

The ring belongs to the caller, who may append its own records at the same cursor between two commands. A command that is
refused by the rules is DONE: its record says REJECTED. Values must fit the fields of COMMAND; `symbol` must be a row of `books`.

What a view reads without a call: `books[symbol]` (see arrays.BOOK): best[side], size[side], orders[side], last, volume, trades,
halted. Of one order: `find`, then `order_side`, `order_price`, `order_remaining`, `order_owner` of the slot; they hold until the
next `submit`. Everything here is compiled without reference counting (`_nrt=False`): nothing is allocated.
"""

from __future__ import annotations

from simulator.matching.arrays import PAGES_PER_PRICE, Array, Grow, Row
from simulator.matching.compiled import called, i8, inlined, u1, u4, u8
from simulator.matching.crossing import fillable, match, records_ahead
from simulator.matching.ids import find_slot
from simulator.matching.ladder import price_of
from simulator.matching.queues import leave, refresh_touch, rest
from simulator.matching.rules import crosses, refusal
from simulator.matching.writing import emit
from simulator.types import CommandKind, Reason, RecordKind, TimeInForce

_LIMIT, _MARKET, _CANCEL, _MODIFY = int(CommandKind.LIMIT), int(CommandKind.MARKET), int(CommandKind.CANCEL), int(CommandKind.MODIFY)
_HALT, _RESUME = int(CommandKind.HALT), int(CommandKind.RESUME)
_GTC, _IOC, _FOK, _POST_ONLY = int(TimeInForce.GTC), int(TimeInForce.IOC), int(TimeInForce.FOK), int(TimeInForce.POST_ONLY)
_ACCEPTED, _REJECTED, _CANCELLED = int(RecordKind.ACCEPTED), int(RecordKind.REJECTED), int(RecordKind.CANCELLED)
_MODIFIED, _HALTED, _RESUMED = int(RecordKind.MODIFIED), int(RecordKind.HALTED), int(RecordKind.RESUMED)
_NONE, _INVALID_KIND = int(Reason.NONE), int(Reason.INVALID_KIND)
_DUPLICATE_ID, _UNKNOWN_ORDER = int(Reason.DUPLICATE_ID), int(Reason.UNKNOWN_ORDER)
_WOULD_TRADE, _NOT_FILLABLE = int(Reason.WOULD_TRADE), int(Reason.NOT_FILLABLE)
_NOT_HALTED, _ALREADY_HALTED = int(Reason.NOT_HALTED), int(Reason.ALREADY_HALTED)
_BY_OWNER, _UNFILLED = int(Reason.BY_OWNER), int(Reason.UNFILLED)
_KEPT_PLACE, _REQUEUED = int(Reason.KEPT_PLACE), int(Reason.REQUEUED)
_DONE, _ORDERS, _PAGES, _RING = int(Grow.DONE), int(Grow.ORDERS), int(Grow.PAGES), int(Grow.RING)

_HIGHEST_PRICE = 2**31 - 1
_OWN_RECORDS = 2  # what a command writes beside one record per order it meets: ACCEPTED or MODIFIED, and CANCELLED of the rest


@inlined
def find(orders: Array, table: Array, symbol: int, order_id: int) -> int:
    """Return the slot of a resting order, 0 if none of that id rests in the symbol's book."""
    return find_slot(orders, table, symbol, order_id)


@inlined
def order_price(orders: Array, pages: Array, slot: int) -> int:
    """Return the price of the order in a slot, in ticks."""
    return price_of(pages, orders[slot].level)


@inlined
def order_remaining(orders: Array, slot: int) -> int:
    """Return the open lots of the order in a slot."""
    remaining: int = orders[slot].remaining
    return remaining


@inlined
def order_owner(orders: Array, slot: int) -> int:
    """Return the owner of the order in a slot."""
    owner: int = orders[slot].owner
    return owner


@inlined
def order_side(orders: Array, slot: int) -> int:
    """Return the side of the order in a slot."""
    side: int = orders[slot].side
    return side


@inlined
def submit(
    books: Array,
    pool: Array,
    orders: Array,
    levels: Array,
    pages: Array,
    table: Array,
    directory: Array,
    ring: Array,
    symbol: int,
    step: int,
    kind: int,
    side: int,
    time_in_force: int,
    price: int,
    size: int,
    order_id: int,
    owner: int,
) -> int:
    """Apply one command to the book of a symbol; see the module for the arrays, the codes and what to do about them."""
    symbol, kind, side = u4(symbol), u1(kind), u8(side)
    time_in_force, price, size, order_id = u1(time_in_force), i8(price), i8(size), i8(order_id)
    if kind == _CANCEL or kind > _MODIFY:
        if pool[0].cursor >= len(ring):
            pool[0].needed = 1
            return _RING
        if kind == _CANCEL:
            _cancel(books, pool, orders, levels, pages, table, ring, symbol, step, side, time_in_force, price, size, order_id, owner)
        else:
            _set_phase(books, pool, ring, symbol, step, kind, side, time_in_force, price, size, order_id, owner)
        return _DONE
    room = _room(books, pool, orders, levels, pages, table, ring, symbol, kind, side, price, size, order_id, owner)
    if room != _DONE:
        return room
    slot = find_slot(orders, table, symbol, order_id)
    standing, own_side, own_owner = _standing(orders, slot, kind, side, owner)
    reason = refusal(books[symbol], kind, side, time_in_force, price, size, order_id)
    if reason == _NONE:
        reason = standing
    limit = _limit(kind, own_side, price)
    if reason == _NONE and time_in_force >= _FOK and kind != _MARKET:
        reason = _condition(books[symbol], orders, levels, pages, own_side, time_in_force, limit, size, own_owner)
    if reason != _NONE:
        emit(ring, pool, symbol, step, _REJECTED, side, reason, time_in_force, price, size, 0, owner, -1, order_id, -1)
        return _DONE
    side, owner = own_side, own_owner
    if kind == _MARKET:
        time_in_force, price = u1(_IOC), i8(0)
    if kind == _MODIFY:
        if order_price(orders, pages, slot) == price and size < orders[slot].remaining:
            _reduce(books[symbol], pool, orders, levels, ring, symbol, step, slot, time_in_force, price, size)
            return _DONE
        leave(books, pool, orders, levels, pages, table, symbol, slot)
        emit(ring, pool, symbol, step, _MODIFIED, side, _REQUEUED, time_in_force, price, size, size, owner, -1, order_id, -1)
    else:
        emit(ring, pool, symbol, step, _ACCEPTED, side, _NONE, time_in_force, price, size, size, owner, -1, order_id, -1)
    left = match(books, pool, orders, levels, pages, table, ring, symbol, step, side, limit, size, order_id, owner)
    if left > 0:
        if time_in_force == _GTC or time_in_force == _POST_ONLY:
            rest(books, pool, orders, levels, pages, table, directory, symbol, side, price, left, order_id, owner)
        else:
            emit(ring, pool, symbol, step, _CANCELLED, side, _UNFILLED, 0, price, left, 0, owner, -1, order_id, -1)
    refresh_touch(books[symbol], levels)
    return _DONE


@inlined
def _limit(kind: int, side: int, price: int) -> int:
    """Return the worst price a command may trade at."""
    if kind == _MARKET:
        return i8(_HIGHEST_PRICE) if side == 0 else i8(0)
    return price


@inlined
def _room(
    books: Array,
    pool: Array,
    orders: Array,
    levels: Array,
    pages: Array,
    table: Array,
    ring: Array,
    symbol: int,
    kind: int,
    side: int,
    price: int,
    size: int,
    order_id: int,
    owner: int,
) -> int:
    """Return the code of what might run out under a limit, market or modify command, DONE if nothing can."""
    if pool[0].live + 2 > len(orders):
        return _ORDERS
    if pool[0].used_pages + PAGES_PER_PRICE > len(pages):
        return _PAGES
    book = books[symbol]
    free = len(ring) - pool[0].cursor
    if free >= _OWN_RECORDS + i8(book.orders[0]) + i8(book.orders[1]):
        return _DONE
    needed = _needed(book, orders, levels, pages, table, symbol, kind, side, price, size, order_id, owner)
    pool[0].needed = needed
    return _DONE if free >= needed else _RING


@called
def _needed(
    book: Row,
    orders: Array,
    levels: Array,
    pages: Array,
    table: Array,
    symbol: int,
    kind: int,
    side: int,
    price: int,
    size: int,
    order_id: int,
    owner: int,
) -> int:
    """Return how many records a limit, market or modify command may write at most."""
    if kind == _MODIFY:
        slot = find_slot(orders, table, symbol, order_id)
        if slot == 0:
            return _OWN_RECORDS
        side, owner = u8(orders[slot].side), i8(orders[slot].owner)
    if side > 1 or size <= 0:
        return _OWN_RECORDS
    return _OWN_RECORDS + records_ahead(orders, levels, pages, book, side, _limit(kind, side, price), size, owner)


@inlined
def _standing(orders: Array, slot: int, kind: int, side: int, owner: int) -> tuple[int, int, int]:
    """Return (reason to refuse, side, owner), given what rests under the command's id: a modification acts as the resting order."""
    if kind == _MODIFY:
        if slot == 0:
            return _UNKNOWN_ORDER, side, owner
        return _NONE, u8(orders[slot].side), i8(orders[slot].owner)
    return (_DUPLICATE_ID if slot != 0 else _NONE), side, owner


@inlined
def _condition(
    book: Row, orders: Array, levels: Array, pages: Array, side: int, time_in_force: int, limit: int, size: int, owner: int
) -> int:
    """Return the reason to refuse a post-only or fill-or-kill order by what rests on the other side, 0 if there is none."""
    if time_in_force == _POST_ONLY:
        return _WOULD_TRADE if crosses(limit, book.best[u8(1) - side], side) else _NONE
    return _NONE if fillable(orders, levels, pages, book, side, limit, size, owner) else _NOT_FILLABLE


@inlined
def _reduce(
    book: Row,
    pool: Array,
    orders: Array,
    levels: Array,
    ring: Array,
    symbol: int,
    step: int,
    slot: int,
    time_in_force: int,
    price: int,
    size: int,
) -> None:
    """Make a resting order smaller where it stands."""
    order = orders[slot]
    levels[order.level].quantity -= order.remaining - size
    order.remaining = size
    refresh_touch(book, levels)
    emit(ring, pool, symbol, step, _MODIFIED, order.side, _KEPT_PLACE, time_in_force, price, size, size,
         order.owner, -1, order.order_id, -1)  # fmt: skip


@inlined
def _cancel(
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
    time_in_force: int,
    price: int,
    size: int,
    order_id: int,
    owner: int,
) -> None:
    """Cancel a resting order, whoever asks: who may is for the world to say."""
    slot = find_slot(orders, table, symbol, order_id)
    if slot == 0:
        emit(ring, pool, symbol, step, _REJECTED, side, _UNKNOWN_ORDER, time_in_force, price, size, 0, owner, -1, order_id, -1)
        return
    order = orders[slot]
    emit(ring, pool, symbol, step, _CANCELLED, order.side, _BY_OWNER, 0, price_of(pages, order.level), order.remaining, 0,
         order.owner, -1, order_id, -1)  # fmt: skip
    leave(books, pool, orders, levels, pages, table, symbol, slot)
    refresh_touch(books[symbol], levels)


@inlined
def _set_phase(
    books: Array,
    pool: Array,
    ring: Array,
    symbol: int,
    step: int,
    kind: int,
    side: int,
    time_in_force: int,
    price: int,
    size: int,
    order_id: int,
    owner: int,
) -> None:
    """Halt, resume, or refuse a command of no kind."""
    halted = books[symbol].halted
    reason = _NONE
    if kind > _RESUME:
        reason = _INVALID_KIND
    elif kind == _HALT and halted == 1:
        reason = _ALREADY_HALTED
    elif kind == _RESUME and halted == 0:
        reason = _NOT_HALTED
    if reason != _NONE:
        emit(ring, pool, symbol, step, _REJECTED, side, reason, time_in_force, price, size, 0, owner, -1, order_id, -1)
        return
    books[symbol].halted = 1 if kind == _HALT else 0
    emit(ring, pool, symbol, step, _HALTED if kind == _HALT else _RESUMED, 0, _NONE, 0, 0, 0, 0, owner, -1, -1, -1)
