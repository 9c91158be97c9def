"""The memory of the fast books: a few flat arrays, shared by all symbols of a world, that grow and never shrink.

Nothing in them is allocated by compiled code. Row 0 of `orders`, `levels` and `pages` stands for "none", so zeroed memory
is valid memory and growing is: allocate zeros, copy what was there.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np

from simulator.types import RECORD

Array = np.ndarray[Any, Any]
Row = Any  # one row of a structured array, by reference

PAGE_PRICES = 64  # prices in a page, pages in a page of the floor above
TOP_FLOOR = 5  # 64 ** 5 < 2 ** 31 <= 64 ** 6: six floors of pages reach every price
PAGES_PER_PRICE = TOP_FLOOR  # a new price needs at most this many new pages; the root of a book is always there
PAGES_WITHIN_REACH = 64  # pages that the directory finds in one load, per symbol

BOOK = np.dtype(
    [
        ("best", "i4", (2,)),  # best bid, best ask in ticks, 0 if none
        ("orders", "i4", (2,)),  # resting orders, bids and asks
        ("size", "i8", (2,)),  # lots at the best bid, at the best ask
        ("volume", "i8"),  # lots traded since the book began
        ("trades", "i8"),  # fills since the book began
        ("last", "i4"),  # price of the last fill in ticks, 0 if none
        ("halted", "i4"),  # 1 while halted
        ("tick_size", "i4"),  # legal prices are its multiples
        ("lot_size", "i4"),  # legal sizes are its multiples
        ("level", "u4", (2,)),  # rows of the best levels
        ("root", "u4"),  # top page of the ladder
    ],
    align=True,
)
"""What a view needs of one symbol, as plain fields: `books[symbol].best[Side.BUY]`, `.size[side]`, `.last`, `.orders[side]`."""

POOL = np.dtype(
    [
        ("cursor", "i8"),  # records in the ring; whoever writes or drains the ring moves it
        ("needed", "i8"),  # free rows that the ring must have, after Grow.RING
        ("done", "i8"),  # of a batch of commands, how many took effect
        ("live", "i8"),  # resting orders of all symbols
        ("used_pages", "i8"),  # pages in use, row 0 included
        ("free_order", "u4"),  # last order row given back; the next ones hang on its `next`
        ("fresh_order", "u4"),  # first order row never used
        ("free_page", "u4"),
        ("fresh_page", "u4"),
    ],
    align=True,
)

ORDER = np.dtype(
    [
        ("next", "u4"),  # towards the back of the queue
        ("prev", "u4"),
        ("level", "u4"),
        ("side", "u4"),
        ("remaining", "i4"),
        ("owner", "i4"),
        ("order_id", "i8"),
    ],
    align=True,
)

LEVEL = np.dtype([("head", "u4"), ("tail", "u4"), ("quantity", "i8")], align=True)
"""One price; above the lowest floor `head` is the page below and the rest is unused."""

PAGE = np.dtype(
    [
        ("word", "u8", (2,)),  # one bit per row in use, bids and asks
        ("key", "i8"),  # symbol and number of a page of the lowest floor, otherwise -1
        ("parent", "u4"),
        ("number", "u4"),  # price // 64 ** (floor + 1)
    ],
    align=True,
)

ENTRY = np.dtype([("tag", "u4"), ("slot", "u4")], align=True)
"""One place of the table from order id to order row; slot 0 is a free place."""


class Grow(IntEnum):
    """What `submit` asks for. Nothing was changed yet: make room and submit the same command again."""

    DONE = 0
    ORDERS = 1  # arrays.grow(code)
    PAGES = 2  # arrays.grow(code)
    RING = 3  # drain the ring (pool.cursor = 0), or replace it by one with pool.needed free rows


def ring_of(rows: int) -> Array:
    """Return a ring for `rows` records; its cursor is `pool.cursor` of the books that write into it."""
    return np.zeros(rows, RECORD)


class BookArrays:
    """The arrays of the books of `symbols` symbols.

    `books` (symbols,) BOOK is what views read. Pass `*arrays.args` to the compiled functions, anew after each `grow`.
    Capacities are only where it begins: `orders` and `pages` double whenever `submit` asks.
    """

    def __init__(self, symbols: int = 1, tick_size: int = 1, lot_size: int = 1, orders: int = 4096, pages: int = 64) -> None:
        """Make empty books. Raises ValueError for sizes below one."""
        for name, value in (("symbols", symbols), ("tick_size", tick_size), ("lot_size", lot_size), ("orders", orders), ("pages", pages)):
            if not 1 <= value < 2**31:
                raise ValueError(f"{name} {value} is not in 1..2^31-1; choose a positive whole number")
        self.books = np.zeros(symbols, BOOK)
        self.pool = np.zeros(1, POOL)
        self.orders = np.zeros(1 + orders, ORDER)
        self.table = np.zeros(_table_rows(orders), ENTRY)
        self.pages = np.zeros(1 + symbols + pages, PAGE)
        self.levels = np.zeros(len(self.pages) * PAGE_PRICES, LEVEL)
        self.directory = np.zeros(symbols * PAGES_WITHIN_REACH, np.uint32)
        self.pages["key"] = -1
        self.books["tick_size"], self.books["lot_size"] = tick_size, lot_size
        self.books["root"] = np.arange(1, symbols + 1)
        self.pool["used_pages"] = self.pool["fresh_page"] = 1 + symbols
        self.pool["fresh_order"] = 1

    @property
    def args(self) -> tuple[Array, Array, Array, Array, Array, Array, Array]:
        """The arrays in the order in which every compiled function takes them: books, pool, orders, levels, pages, table, directory."""
        return self.books, self.pool, self.orders, self.levels, self.pages, self.table, self.directory

    def grow(self, code: int) -> None:
        """Make room after `submit` returned Grow.ORDERS or Grow.PAGES; the ring is the caller's. Raises ValueError otherwise."""
        if code == Grow.ORDERS:
            self._grow_orders()
        elif code == Grow.PAGES:
            self._grow_pages()
        else:
            raise ValueError(f"code {code} is not Grow.ORDERS or Grow.PAGES; a full ring is drained by its owner")

    def _grow_orders(self) -> None:
        from simulator.matching.ids import move_table

        capacity = 2 * (len(self.orders) - 1)
        self.orders = _extended(self.orders, 1 + capacity)
        rows = _table_rows(capacity)
        if rows != len(self.table):
            old, self.table = self.table, np.zeros(rows, ENTRY)
            move_table(old, self.table)

    def _grow_pages(self) -> None:
        used = len(self.pages)
        self.pages = _extended(self.pages, used + max(used, PAGES_PER_PRICE))
        self.pages["key"][used:] = -1
        self.levels = _extended(self.levels, len(self.pages) * PAGE_PRICES)


def _extended(array: Array, rows: int) -> Array:
    longer = np.zeros(rows, array.dtype)
    longer[: len(array)] = array
    return longer


def _table_rows(orders: int) -> int:
    """At most half of the table is ever in use, so that a search ends after a few places."""
    return max(16, 1 << (2 * orders - 1).bit_length())
