"""The memory of the fast books: a few flat arrays, shared by all symbols of a world, that grow and never shrink.

Nothing in them is allocated by compiled code: growing is to allocate zeros and copy what was there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.matching.ids import move_table
from simulator.matching.ladder import give_back_pages
from simulator.matching.layout import (
    BOOK,
    ENTRY,
    LEVEL,
    ORDER,
    PAGE,
    PAGE_LEVELS,
    PAGES_PER_PRICE,
    PAGES_WITHIN_REACH,
    POOL,
    Array,
    Grow,
    Row,
)
from simulator.types import RECORD

__all__ = ["BookArrays", "Array", "Grow", "Row", "aligned_zeros", "ring_of"]

_CACHE_LINE = 64  # bytes


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
        self._sizes = tick_size, lot_size
        self.books = aligned_zeros(symbols, BOOK)
        self.pool = aligned_zeros(1, POOL)
        self.orders = aligned_zeros(1 + orders, ORDER)
        self.table = aligned_zeros(_table_rows(orders), ENTRY)
        self.pages = aligned_zeros(1 + symbols + pages, PAGE)
        self.levels = aligned_zeros(len(self.pages) * PAGE_LEVELS, LEVEL)
        self.directory = np.zeros(symbols * PAGES_WITHIN_REACH, np.uint32)
        self._begin()

    def clear(self) -> None:
        """Make the books empty again, in the memory that they have; what was never used is left alone."""
        orders, pages = int(self.pool["fresh_order"][0]), int(self.pool["fresh_page"][0])
        used = self.orders[:orders], self.pages[:pages], self.levels[: pages * PAGE_LEVELS]
        for array in (self.books, self.pool, self.table, self.directory, *used):
            array.view(np.uint8)[:] = 0
        self._begin()

    def _begin(self) -> None:
        symbols = len(self.books)
        self.pages["key"] = -1
        self.books["tick_size"], self.books["lot_size"] = self._sizes
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
        capacity = 2 * (len(self.orders) - 1)
        self.orders = _extended(self.orders, 1 + capacity)
        rows = _table_rows(capacity)
        if rows != len(self.table):
            old, self.table = self.table, aligned_zeros(rows, ENTRY)
            move_table(old, self.table)

    def _grow_pages(self) -> None:
        used = len(self.pages)
        give_back_pages(self.pages, self.levels, self.pool)
        if 2 * int(self.pool[0]["used_pages"]) + PAGES_PER_PRICE <= used:
            return
        self.pages = _extended(self.pages, used + max(used, PAGES_PER_PRICE))
        self.pages["key"][used:] = -1
        self.levels = _extended(self.levels, len(self.pages) * PAGE_LEVELS)


def aligned_zeros(rows: int, dtype: np.dtype[Any]) -> Array:
    """Return zeroed rows that begin at a cache line, so that no row of 16, 32 or 64 bytes lies across two."""
    memory = np.zeros(rows * dtype.itemsize + _CACHE_LINE, np.uint8)
    skipped = -memory.ctypes.data % _CACHE_LINE
    return memory[skipped : skipped + rows * dtype.itemsize].view(dtype)


def _extended(array: Array, rows: int) -> Array:
    longer = aligned_zeros(rows, array.dtype)
    longer.view(np.uint8)[: array.nbytes] = array.view(np.uint8)  # as rows of fields the copy takes 25 times as long
    return longer


def _table_rows(orders: int) -> int:
    """At most half of the table is ever in use, so that a search ends after a few places."""
    return max(16, 1 << (2 * orders - 1).bit_length())
