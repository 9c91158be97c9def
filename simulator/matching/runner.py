"""The compiled loops that Python calls: many commands, the whole book out and in, and a book from its log."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from simulator.matching.compiled import called, compiled, i4, i8, inlined, u4, u8
from simulator.matching.kernel import submit
from simulator.matching.ladder import price_of, worse_level
from simulator.matching.layout import BOOK, ENTRY, LEVEL, ORDER, PAGE, PAGES_PER_PRICE, POOL, Array, Grow, Row
from simulator.matching.native import as_integer, call_with, error_occurred, from_integer, item_of, restore_error
from simulator.matching.pointers import rows_of
from simulator.matching.queues import refresh_touch, rest
from simulator.types import COMMAND, RECORD, CommandKind

_DONE, _ORDERS, _PAGES = int(Grow.DONE), int(Grow.ORDERS), int(Grow.PAGES)


CALL = np.dtype(
    [
        *((f"{name}_{what}", "i8") for name in ("books", "pool", "orders", "levels", "pages", "table", "directory", "ring", "commands")
          for what in ("at", "rows")),
        ("begin", "i8"),  # first command to apply
        ("end", "i8"),
        ("symbol", "i8"),
        ("step", "i8"),
    ]
)  # fmt: skip
"""Where everything lies that `give` works on."""

_calls, _books, _pool, _orders, _levels = rows_of(CALL), rows_of(BOOK), rows_of(POOL), rows_of(ORDER), rows_of(LEVEL)
_pages, _table, _directory, _ring = rows_of(PAGE), rows_of(ENTRY), rows_of(np.dtype("u4")), rows_of(RECORD)
_commands = rows_of(COMMAND, aligned=False)


class Form(IntEnum):
    """What a callable made of `give` takes."""

    BATCH = 0  # nothing: the commands are those of the CALL
    FIELDS = 1  # the seven fields of COMMAND
    PLACE = 2  # side, price, size, order_id, owner=0, time_in_force=GTC
    MARKET = 3  # side, size, order_id, owner=0
    CANCEL = 4  # order_id


MISFIT = -1000
"""The result for a number that its field of COMMAND cannot hold, or what is no whole number."""

_BATCH, _FIELDS, _PLACE, _MARKET_FORM, _CANCEL_FORM = (int(form) for form in Form)
_LIMIT, _MARKET, _CANCEL = int(CommandKind.LIMIT), int(CommandKind.MARKET), int(CommandKind.CANCEL)
_words_at = rows_of(np.dtype("i8"))


def give(own: int, arguments: int, count: int, names: int) -> int:
    """Apply commands to one book: a native.ENTRY, whose `own` is (address of a CALL, Form, slow, what to keep alive).

    Gives how many records that wrote. Where that did not go plainly, BATCH and FIELDS give MISFIT, or minus the code of what must
    grow (see Grow; `pool.done` then says from where to go on), and the other forms leave the arguments to `slow`.
    """
    form = as_integer(item_of(own, 1))
    plain, kind, side, time_in_force, price, size, order_id, owner = _read(form, _words_at(arguments, count), count, names)
    code = i8(MISFIT)
    if plain:
        code = _apply(as_integer(item_of(own, 0)), form, kind, side, time_in_force, price, size, order_id, owner)
    if code < 0 and form > _FIELDS:
        return call_with(item_of(own, 2), arguments, count, names)
    return from_integer(code)


@inlined
def _read(form: int, given: Array, count: int, names: int) -> tuple[bool, int, int, int, int, int, int, int]:
    """Return whether the arguments are plain whole numbers in their places, and the fields of the command that they make."""
    kind, side, time_in_force, price, size, order_id, owner = i8(0), i8(0), i8(0), i8(0), i8(0), i8(0), i8(0)
    if form == _PLACE and 4 <= count <= 6:
        kind, side, price, size, order_id = i8(_LIMIT), _number(given, 0), _number(given, 1), _number(given, 2), _number(given, 3)
        owner = _number(given, 4) if count > 4 else i8(0)
        time_in_force = _number(given, 5) if count > 5 else i8(0)
    elif form == _MARKET_FORM and 3 <= count <= 4:
        kind, side, size, order_id = i8(_MARKET), _number(given, 0), _number(given, 1), _number(given, 2)
        owner = _number(given, 3) if count > 3 else i8(0)
    elif form == _CANCEL_FORM and count == 1:
        kind, order_id = i8(_CANCEL), _number(given, 0)
    elif form == _FIELDS and count == 7:
        kind, side, time_in_force, price = _number(given, 0), _number(given, 1), _number(given, 2), _number(given, 3)
        size, order_id, owner = _number(given, 4), _number(given, 5), _number(given, 6)
    elif form != _BATCH or count != 0:
        names = i8(1)
    plain = names == 0
    if (kind == -1 or side == -1 or time_in_force == -1 or price == -1 or size == -1 or order_id == -1 or owner == -1) and (
        error_occurred() != 0
    ):
        restore_error(0, 0, 0)
        plain = False
    return plain, kind, side, time_in_force, price, size, order_id, owner


@inlined
def _number(given: Array, place: int) -> int:
    return as_integer(given[u8(place)])


@inlined
def _apply(address: int, form: int, kind: int, side: int, time_in_force: int, price: int, size: int, order_id: int, owner: int) -> int:
    """Apply commands `begin..end` of the CALL at an address; unless the form is BATCH, the fields are written over the first before."""
    call = _calls(address, 1)[0]
    books, pool, orders = _books(call.books_at, call.books_rows), _pool(call.pool_at, 1), _orders(call.orders_at, call.orders_rows)
    levels, pages = _levels(call.levels_at, call.levels_rows), _pages(call.pages_at, call.pages_rows)
    table, directory = _table(call.table_at, call.table_rows), _directory(call.directory_at, call.directory_rows)
    ring, commands = _ring(call.ring_at, call.ring_rows), _commands(call.commands_at, call.commands_rows)
    if form != _BATCH and not _write(commands[0], kind, side, time_in_force, price, size, order_id, owner):
        return i8(MISFIT)
    before = i8(pool[0].cursor)
    for index in range(u8(call.begin), u8(call.end)):
        command = commands[index]
        code = submit(books, pool, orders, levels, pages, table, directory, ring, call.symbol, call.step, command.kind, command.side,
                      command.time_in_force, command.price, command.size, command.order_id, command.owner)  # fmt: skip
        if code != _DONE:
            pool[0].done = index
            return -code
    pool[0].done = call.end
    return i8(pool[0].cursor) - before


@inlined
def _write(command: Row, kind: int, side: int, time_in_force: int, price: int, size: int, order_id: int, owner: int) -> bool:
    """Write a command; say whether every number fits its field."""
    command.kind = kind
    command.side = side
    command.time_in_force = time_in_force
    command.price = price
    command.size = size
    command.order_id = order_id
    command.owner = owner
    small = (kind | side | time_in_force) & ~i8(255)
    wide = (i8(i4(price)) ^ price) | (i8(i4(size)) ^ size) | (i8(i4(owner)) ^ owner)
    return (small | wide) == 0


@called
def room_to_rest(pool: Array, orders: Array, pages: Array) -> int:
    """Return what must grow before one more order can rest, DONE if nothing."""
    if pool[0].live + 2 > len(orders):
        return _ORDERS
    return _PAGES if pool[0].used_pages + PAGES_PER_PRICE > len(pages) else _DONE


@compiled
def put_resting(
    books: Array,
    pool: Array,
    orders: Array,
    levels: Array,
    pages: Array,
    table: Array,
    directory: Array,
    symbol: int,
    resting: Array,
    begin: int,
) -> int:
    """Rest the orders of `resting` (RESTING, canonical order) from row `begin` on; return DONE, or what must grow before `pool.done`."""
    for index in range(begin, len(resting)):
        code = room_to_rest(pool, orders, pages)
        if code != _DONE:
            pool[0].done = index
            return code
        row = resting[index]
        rest(books, pool, orders, levels, pages, table, directory, u4(symbol), u8(row.side), i8(row.price),
             i8(row.remaining), i8(row.order_id), i8(row.owner))  # fmt: skip
    refresh_touch(books[symbol], levels)
    return _DONE


@compiled
def gather_resting(books: Array, orders: Array, levels: Array, pages: Array, symbol: int, resting: Array) -> int:
    """Write all orders of a book into `resting` (RESTING, as many rows as orders) in canonical order; return how many."""
    count = 0
    for side in range(2):
        level = books[symbol].level[side]
        while level != 0:
            slot = levels[level].head
            while slot != 0:
                row, order = resting[count], orders[slot]
                row.side = side
                row.price = price_of(pages, level)
                row.remaining = order.remaining
                row.owner = order.owner
                row.order_id = order.order_id
                count += 1
                slot = order.next
            level = worse_level(pages, levels, level, u8(side))
    return count


@compiled
def gather_levels(books: Array, orders: Array, levels: Array, pages: Array, symbol: int, side: int, out: Array) -> int:
    """Write (price, lots, orders) of the best levels of a side into `out` (levels, 3) int64; return how many there were."""
    level, count = books[symbol].level[side], 0
    while level != 0 and count < len(out):
        number, slot = 0, levels[level].head
        while slot != 0:
            number += 1
            slot = orders[slot].next
        out[count, 0] = price_of(pages, level)
        out[count, 1] = levels[level].quantity
        out[count, 2] = number
        count += 1
        level = worse_level(pages, levels, level, u8(side))
    return count
