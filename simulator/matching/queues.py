"""Orders in their queues: resting, leaving, and the best price that follows from it.

Side and price are looked up by index (`word[side]`, `best[side]`) rather than by a branch per side: the side of the next
command cannot be predicted.
"""

from __future__ import annotations

from simulator.matching.compiled import inlined, u4, u8
from simulator.matching.ids import add_entry, remove_entry, tag_of
from simulator.matching.ladder import best_after, level_of, mark, price_of, unmark
from simulator.matching.layout import Array, Row


@inlined
def take_order(pool: Array, orders: Array) -> int:
    """Return a free order row; the caller has made sure of room."""
    slot: int = pool[0].free_order
    if slot == 0:
        slot = pool[0].fresh_order
        pool[0].fresh_order = slot + u4(1)
    else:
        pool[0].free_order = orders[slot].next
    return slot


@inlined
def better(price: int, other: int, side: int) -> bool:
    """Say whether a price of a side comes before another one, which is 0 if there is none."""
    return price > other if side == 0 else (price < other or other == 0)


@inlined
def rest(
    books: Array,
    pool: Array,
    orders: Array,
    levels: Array,
    pages: Array,
    table: Array,
    directory: Array,
    symbol: int,
    side: int,
    price: int,
    size: int,
    order_id: int,
    owner: int,
) -> None:
    """Put a new order at the back of the queue of its price."""
    book = books[symbol]
    level = level_of(pages, levels, directory, book, pool, symbol, side, price)
    slot = take_order(pool, orders)
    order, row = orders[slot], levels[level]
    order.next = 0
    order.prev = row.tail
    order.level = level
    order.side = side
    order.remaining = size
    order.owner = owner
    order.order_id = order_id
    if row.tail == 0:
        row.head = slot
        mark(pages, level, side)
        if better(price, book.best[side], side):
            book.best[side] = price
            book.level[side] = level
    else:
        orders[row.tail].next = slot
    row.tail = slot
    row.quantity += size
    add_entry(table, tag_of(symbol, order_id), slot)
    book.orders[side] += 1
    pool[0].live += 1


@inlined
def leave(books: Array, pool: Array, orders: Array, levels: Array, pages: Array, table: Array, symbol: int, slot: int) -> None:
    """Take a resting order out of its queue, its level's quantity and the table; give its row back."""
    order = orders[slot]
    row = levels[order.level]
    row.quantity -= order.remaining
    if order.prev == 0:
        row.head = order.next
    else:
        orders[order.prev].next = order.next
    if order.next == 0:
        row.tail = order.prev
    else:
        orders[order.next].prev = order.prev
    side = u8(order.side)
    if row.head == 0:
        close_level(books[symbol], levels, pages, order.level, side)
    remove_entry(table, tag_of(symbol, order.order_id), slot)
    books[symbol].orders[side] -= 1
    pool[0].live -= 1
    order.next = pool[0].free_order
    pool[0].free_order = slot


@inlined
def close_level(book: Row, levels: Array, pages: Array, level: int, side: int) -> None:
    """Forget a level that lost its last order, and find the best price anew if it was the best."""
    unmark(pages, level, side)
    if level == book.level[side]:
        best = best_after(pages, levels, book, level, side)
        book.level[side] = best
        book.best[side] = price_of(pages, best)


@inlined
def refresh_touch(book: Row, levels: Array) -> None:
    """Write the lots at both best prices where views read them."""
    book.size[0] = levels[book.level[0]].quantity
    book.size[1] = levels[book.level[1]].quantity
