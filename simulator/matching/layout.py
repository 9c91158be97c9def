"""The rows of the arrays in which the fast books live.

Row 0 of `orders`, `levels` and `pages` stands for "none", so zeroed memory is valid memory.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Row = Any  # one row of a structured array, by reference

PAGE_PRICES = 64  # prices in a page, pages in a page of the floor above
PAGE_LEVELS = 2 * PAGE_PRICES  # rows of `levels` a page: one per side and price, since both sides may rest at a price in an auction
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
        ("in_call", "i4"),  # 1 during a call auction
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
"""One side of one price; above the lowest floor `head` of the first side is the page below and the rest is unused."""

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
