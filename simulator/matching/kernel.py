"""The fast book: the same commands, records and state as reference.py, over flat arrays, compiled.

For compiled callers only (Python uses Book, replay or calls.Call; a direct call from Python crashes, there is no wrapper)::

    # books, pool, orders, levels, pages, table, directory are BookArrays(symbols=S).args; ring is ring_of(32768)
    code = submit(books, pool, orders, levels, pages, table, directory, ring, symbol, step, kind, side, time_in_force, price, size,
                  order_id, owner)

Return codes (`Grow`): 0 DONE, the command took effect and its records were appended at `arrays.pool[0].cursor`, which moved on.
Any other code means that nothing at all was changed; make room and submit the same command again:

- 1 ORDERS, 2 PAGES: `arrays.grow(code)`, then pass `*arrays.args` anew, because the arrays were replaced;
- 3 RING: drain the ring and set `arrays.pool[0].cursor = 0`; if the ring is still shorter than `arrays.pool[0].needed`
  rows (a command may write as many records as it meets orders), replace it by one that is not.

The ring belongs to the caller, who may append its own records at the same cursor between two commands. A command that is
refused by the rules is DONE: its record says REJECTED. Values must fit the fields of COMMAND; `symbol` must be a row of `books`.

What a view reads without a call: `books[symbol]` (see arrays.BOOK): best[side], size[side], orders[side], last, volume, trades,
halted, in_call. Of one order: `find`, then `order_side`, `order_price`, `order_remaining`, `order_owner` of the slot; they hold until the
next `submit`. Everything here is compiled without reference counting (`_nrt=False`): nothing is allocated.
"""

from __future__ import annotations

from simulator.matching.auction import cancel_own, uncross
from simulator.matching.compiled import called, i8, inlined, u1, u4, u8
from simulator.matching.crossing import look_ahead, match
from simulator.matching.ids import find_slot
from simulator.matching.ladder import price_of
from simulator.matching.layout import PAGES_PER_PRICE, Array, Grow, Row
from simulator.matching.queues import leave, refresh_touch, rest
from simulator.matching.rules import crosses, refusal
from simulator.matching.writing import emit
from simulator.types import CommandKind, Reason, RecordKind, TimeInForce

_LIMIT, _MARKET, _CANCEL, _MODIFY = u1(CommandKind.LIMIT), u1(CommandKind.MARKET), u1(CommandKind.CANCEL), u1(CommandKind.MODIFY)
_HALT, _RESUME, _CALL = u1(CommandKind.HALT), u1(CommandKind.RESUME), u1(CommandKind.CALL)
_UNCROSS = u1(CommandKind.UNCROSS)
_GTC, _IOC, _FOK, _POST_ONLY = u1(TimeInForce.GTC), u1(TimeInForce.IOC), u1(TimeInForce.FOK), u1(TimeInForce.POST_ONLY)
_ACCEPTED, _REJECTED, _CANCELLED = u1(RecordKind.ACCEPTED), u1(RecordKind.REJECTED), u1(RecordKind.CANCELLED)
_MODIFIED, _HALTED, _RESUMED = u1(RecordKind.MODIFIED), u1(RecordKind.HALTED), u1(RecordKind.RESUMED)
_NONE, _INVALID_KIND = u1(Reason.NONE), u1(Reason.INVALID_KIND)
_DUPLICATE_ID, _UNKNOWN_ORDER = u1(Reason.DUPLICATE_ID), u1(Reason.UNKNOWN_ORDER)
_WOULD_TRADE, _NOT_FILLABLE = u1(Reason.WOULD_TRADE), u1(Reason.NOT_FILLABLE)
_IN_CALL, _ALREADY_IN_CALL, _NOT_IN_CALL = u1(Reason.IN_CALL), u1(Reason.ALREADY_IN_CALL), u1(Reason.NOT_IN_CALL)
_PHASE, _CALL_BEGAN, _HALTED_REASON = u1(RecordKind.PHASE), u1(Reason.CALL_BEGAN), u1(Reason.HALTED)
_NOT_HALTED, _ALREADY_HALTED = u1(Reason.NOT_HALTED), u1(Reason.ALREADY_HALTED)
_BY_OWNER, _UNFILLED = u1(Reason.BY_OWNER), u1(Reason.UNFILLED)
_KEPT_PLACE, _REQUEUED = u1(Reason.KEPT_PLACE), u1(Reason.REQUEUED)
_DONE, _ORDERS, _PAGES, _RING = i8(Grow.DONE), i8(Grow.ORDERS), i8(Grow.PAGES), i8(Grow.RING)

_ZERO, _NOBODY = i8(0), i8(-1)
_HIGHEST_PRICE = i8(2**31 - 1)
_OWN_RECORDS = i8(2)  # what a command writes beside one record per order it meets: ACCEPTED or MODIFIED, and CANCELLED of the rest


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
    symbol, kind, side, time_in_force = u4(symbol), u1(kind), u8(side), u1(time_in_force)
    step, price, size, order_id, owner = i8(step), i8(price), i8(size), i8(order_id), i8(owner)
    if kind > _MODIFY:
        return _set_phase(books, pool, orders, levels, pages, table, ring, symbol, step, kind, side, time_in_force,
                          price, size, order_id, owner)  # fmt: skip
    code = _room(books, pool, orders, levels, pages, table, ring, symbol, kind, side, price, size, order_id, owner)
    if code != _DONE:
        return code
    book, slot = books[symbol], find_slot(orders, table, symbol, order_id)
    reason, as_side, as_owner = _standing(book, orders, slot, kind, side, time_in_force, price, size, order_id, owner)
    limit = _limit(kind, as_side, price)
    if reason == _NONE and book.in_call != 0:
        if kind == _MARKET or (kind != _CANCEL and (time_in_force == _IOC or time_in_force == _FOK)):
            reason = _IN_CALL
    elif reason == _NONE and kind != _MARKET and kind != _CANCEL and time_in_force >= _FOK:
        reason = _condition(book, orders, levels, pages, as_side, time_in_force, limit, size, as_owner)
    if reason != _NONE:
        emit(ring, pool, symbol, step, _REJECTED, side, reason, time_in_force, price, size, _ZERO, owner, _NOBODY, order_id, _NOBODY)
        return _DONE
    if kind == _MODIFY and size < orders[slot].remaining and price == order_price(orders, pages, slot):
        _reduce(pool, orders, levels, ring, symbol, step, slot, time_in_force, price, size)
    else:
        if slot != 0:
            _step_out(books, pool, orders, levels, pages, table, ring, symbol, step, kind, slot)
        if kind != _CANCEL:
            _enter(books, pool, orders, levels, pages, table, directory, ring, symbol, step, kind, as_side, time_in_force,
                   limit, price, size, order_id, as_owner)  # fmt: skip
    refresh_touch(book, levels)
    return _DONE


@called
def _set_phase(
    books: Array,
    pool: Array,
    orders: Array,
    levels: Array,
    pages: Array,
    table: Array,
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
    """Halt, resume, begin or end a call auction, or refuse a command of no kind."""
    book = books[symbol]
    needed = i8(1) if kind <= _CALL else i8(1) + i8(book.orders[0]) + i8(book.orders[1])
    if len(ring) - pool[0].cursor < needed:
        pool[0].needed = needed
        return _RING
    reason = _refusal_of_phase(book, kind)
    if reason != _NONE:
        emit(ring, pool, symbol, step, _REJECTED, side, reason, time_in_force, price, size, _ZERO, owner, _NOBODY, order_id, _NOBODY)
        return _DONE
    if kind > _CALL:
        uncross(books, pool, orders, levels, pages, table, ring, symbol, step, owner, price)
        return _DONE
    if kind == _CALL:
        book.in_call = 1
        emit(ring, pool, symbol, step, _PHASE, u8(0), _CALL_BEGAN, _GTC, _ZERO, _ZERO, _ZERO, owner, _NOBODY, _NOBODY, _NOBODY)
        return _DONE
    book.halted = 1 if kind == _HALT else 0
    emit(ring, pool, symbol, step, _HALTED if kind == _HALT else _RESUMED, u8(0), _NONE, _GTC, _ZERO, _ZERO, _ZERO,
         owner, _NOBODY, _NOBODY, _NOBODY)  # fmt: skip
    return _DONE


@inlined
def _refusal_of_phase(book: Row, kind: int) -> int:
    """Return the reason to refuse a command about the phase, NONE if there is none."""
    if kind > _UNCROSS:
        return _INVALID_KIND
    if kind == _HALT:
        return _ALREADY_HALTED if book.halted == 1 else _NONE
    if kind == _RESUME:
        return _NOT_HALTED if book.halted == 0 else _NONE
    if book.halted == 1:
        return _HALTED_REASON
    if kind == _CALL:
        return _ALREADY_IN_CALL if book.in_call == 1 else _NONE
    return _NOT_IN_CALL if book.in_call == 0 else _NONE


@inlined
def _limit(kind: int, side: int, price: int) -> int:
    """Return the worst price a command may trade at."""
    if kind == _MARKET:
        return _HIGHEST_PRICE if side == 0 else _ZERO
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
    """Return the code of what might run out under a command, DONE if nothing can."""
    if pool[0].live + 2 > len(orders) and kind == _LIMIT:
        return _ORDERS
    if pool[0].used_pages + PAGES_PER_PRICE > len(pages) and kind != _MARKET and kind != _CANCEL:
        return _PAGES
    book = books[symbol]
    free = len(ring) - pool[0].cursor
    if free >= _OWN_RECORDS + i8(book.orders[0]) + i8(book.orders[1]):
        return _DONE
    if free >= _OWN_RECORDS and (
        kind == _CANCEL or (kind == _LIMIT and side <= 1 and not crosses(price, i8(book.best[u8(1) - side]), side))
    ):
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
    """Return how many records a command may write at most."""
    if kind == _MODIFY:
        slot = find_slot(orders, table, symbol, order_id)
        if slot == 0:
            return _OWN_RECORDS
        side, owner = u8(orders[slot].side), i8(orders[slot].owner)
    if kind == _CANCEL or side > 1:
        return _OWN_RECORDS
    if book.in_call != 0:  # an order meets all that it reaches
        size = i8(2**62)
    records, _ = look_ahead(orders, levels, pages, book, side, _limit(kind, side, price), size, owner)
    return _OWN_RECORDS + records


@inlined
def _standing(
    book: Row,
    orders: Array,
    slot: int,
    kind: int,
    side: int,
    time_in_force: int,
    price: int,
    size: int,
    order_id: int,
    owner: int,
) -> tuple[int, int, int]:
    """Return (reason to refuse or NONE, side, owner) by what a command says and what rests under its id, whose side and owner count."""
    if kind == _CANCEL:
        reason = _NONE if slot != 0 else _UNKNOWN_ORDER
    else:
        reason = refusal(book, kind, side, time_in_force, price, size, order_id)
        if reason == _NONE and (slot != 0) != (kind == _MODIFY):
            reason = _UNKNOWN_ORDER if kind == _MODIFY else _DUPLICATE_ID
    if slot != 0:
        return reason, u8(orders[slot].side), i8(orders[slot].owner)
    return reason, side, owner


@inlined
def _condition(
    book: Row, orders: Array, levels: Array, pages: Array, side: int, time_in_force: int, limit: int, size: int, owner: int
) -> int:
    """Return the reason to refuse a post-only or fill-or-kill order by what rests on the other side, NONE if there is none."""
    if time_in_force == _POST_ONLY:
        return _WOULD_TRADE if crosses(limit, i8(book.best[u8(1) - side]), side) else _NONE
    _, left = look_ahead(orders, levels, pages, book, side, limit, size, owner)
    return _NONE if left <= 0 else _NOT_FILLABLE


@inlined
def _reduce(
    pool: Array, orders: Array, levels: Array, ring: Array, symbol: int, step: int, slot: int, time_in_force: int, price: int, size: int
) -> None:
    """Make a resting order smaller where it stands."""
    order = orders[slot]
    levels[order.level].quantity -= order.remaining - size
    order.remaining = size
    emit(ring, pool, symbol, step, _MODIFIED, u8(order.side), _KEPT_PLACE, time_in_force, price, size, size,
         i8(order.owner), _NOBODY, i8(order.order_id), _NOBODY)  # fmt: skip


@inlined
def _step_out(
    books: Array,
    pool: Array,
    orders: Array,
    levels: Array,
    pages: Array,
    table: Array,
    ring: Array,
    symbol: int,
    step: int,
    kind: int,
    slot: int,
) -> None:
    """Take a resting order out, for good or, when modified, to come in anew."""
    if kind == _CANCEL:
        order = orders[slot]
        emit(ring, pool, symbol, step, _CANCELLED, u8(order.side), _BY_OWNER, _GTC, price_of(pages, order.level), i8(order.remaining),
             _ZERO, i8(order.owner), _NOBODY, i8(order.order_id), _NOBODY)  # fmt: skip
    leave(books, pool, orders, levels, pages, table, symbol, slot)


@inlined
def _enter(
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
    limit: int,
    price: int,
    size: int,
    order_id: int,
    owner: int,
) -> None:
    """Let an order in: match it, and rest or cancel what is left."""
    modified = kind == _MODIFY
    if kind == _MARKET:
        time_in_force, price = _IOC, _ZERO
    emit(ring, pool, symbol, step, _MODIFIED if modified else _ACCEPTED, side, _REQUEUED if modified else _NONE, time_in_force, price,
         size, size, owner, _NOBODY, order_id, _NOBODY)  # fmt: skip
    if books[symbol].in_call != 0:
        cancel_own(books, pool, orders, levels, pages, table, ring, symbol, step, side, limit, order_id, owner)
        rest(books, pool, orders, levels, pages, table, directory, symbol, side, price, size, order_id, owner)
        return
    left = match(books, pool, orders, levels, pages, table, ring, symbol, step, side, limit, size, order_id, owner)
    if left == 0:
        return
    if time_in_force == _GTC or time_in_force == _POST_ONLY:
        rest(books, pool, orders, levels, pages, table, directory, symbol, side, price, left, order_id, owner)
    else:
        emit(ring, pool, symbol, step, _CANCELLED, side, _UNFILLED, _GTC, price, left, _ZERO, owner, _NOBODY, order_id, _NOBODY)
