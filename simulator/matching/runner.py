"""The compiled loops that Python calls: many commands, the whole book out and in, and a book from its log."""

from __future__ import annotations

import numpy as np

from simulator.matching.compiled import called, compiled, i4, i8, inlined, u4, u8
from simulator.matching.kernel import submit
from simulator.matching.ladder import price_of, worse_level
from simulator.matching.layout import BOOK, ENTRY, LEVEL, ORDER, PAGE, PAGES_PER_PRICE, POOL, Array, Grow, Row
from simulator.matching.pointers import rows_of
from simulator.matching.queues import refresh_touch, rest
from simulator.matching.whole_numbers import as_integer
from simulator.types import COMMAND, RECORD

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
"""Where everything lies that `submit_commands` works on; one row of it is its only argument."""

_calls, _books, _pool, _orders, _levels = rows_of(CALL), rows_of(BOOK), rows_of(POOL), rows_of(ORDER), rows_of(LEVEL)
_pages, _table, _directory, _ring = rows_of(PAGE), rows_of(ENTRY), rows_of(np.dtype("u4")), rows_of(RECORD)
_commands = rows_of(COMMAND, aligned=False)


AS_THEY_ARE = -(2**63)
"""The `kind` of a call of `submit_commands` that leaves the commands as they are."""
MISFIT = -1000
"""What `submit_commands` returns when a number is too large for its field of COMMAND."""


@compiled
def submit_commands(address: int, kind: int, side: int, time_in_force: int, price: int, size: int, order_id: int, owner: int) -> int:
    """Apply commands `begin..end` of the CALL at an address to one book; return how many records that wrote.

    All arguments are of type WholeNumber. Unless `kind` is AS_THEY_ARE, the others are written over the first command before.
    A negative result is MISFIT, or minus the code of what must grow (see Grow); `pool.done` then says from where to go on.
    """
    call = _calls(as_integer(address), 1)[0]
    books, pool, orders = _books(call.books_at, call.books_rows), _pool(call.pool_at, 1), _orders(call.orders_at, call.orders_rows)
    levels, pages = _levels(call.levels_at, call.levels_rows), _pages(call.pages_at, call.pages_rows)
    table, directory = _table(call.table_at, call.table_rows), _directory(call.directory_at, call.directory_rows)
    ring, commands = _ring(call.ring_at, call.ring_rows), _commands(call.commands_at, call.commands_rows)
    if as_integer(kind) != AS_THEY_ARE and not _write(
        commands[0], as_integer(kind), as_integer(side), as_integer(time_in_force), as_integer(price), as_integer(size),
        as_integer(order_id), as_integer(owner),
    ):  # fmt: skip
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
