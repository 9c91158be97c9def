"""The compiled loops that Python calls: many commands, the whole book out and in, and a book from its log."""

from __future__ import annotations

from simulator.matching.compiled import called, compiled, i8, u4, u8
from simulator.matching.kernel import submit
from simulator.matching.ladder import price_of, worse_level
from simulator.matching.layout import PAGES_PER_PRICE, Array, Grow
from simulator.matching.queues import refresh_touch, rest

_DONE, _ORDERS, _PAGES = int(Grow.DONE), int(Grow.ORDERS), int(Grow.PAGES)


@compiled
def submit_commands(
    books: Array,
    pool: Array,
    orders: Array,
    levels: Array,
    pages: Array,
    table: Array,
    directory: Array,
    ring: Array,
    commands: Array,
    begin: int,
    end: int,
    symbol: int,
    step: int,
) -> int:
    """Apply `commands[begin:end]` to one book; return how many records that wrote.

    A negative result is minus the code of what must grow (see Grow); `pool.done` then says from where to go on.
    """
    before = i8(pool[0].cursor)
    for index in range(begin, end):
        command = commands[index]
        code = submit(books, pool, orders, levels, pages, table, directory, ring, symbol, step, command.kind, command.side,
                      command.time_in_force, command.price, command.size, command.order_id, command.owner)  # fmt: skip
        if code != _DONE:
            pool[0].done = index
            return -code
    pool[0].done = end
    return i8(pool[0].cursor) - before


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
