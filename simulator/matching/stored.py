"""A book of the kernel's arrays as a BookState, and back: what Book and the world store and restore."""

from __future__ import annotations

import numpy as np

from simulator.matching.arrays import BookArrays
from simulator.matching.runner import gather_resting, put_resting
from simulator.matching.state import RESTING, BookState


def state_of(arrays: BookArrays, symbol: int) -> BookState:
    """Return the whole book of a symbol in canonical order."""
    books, _, orders, levels, pages = arrays.args[:5]
    book = books[symbol]
    resting = np.empty(int(book["orders"].sum()), RESTING)
    gather_resting(books, orders, levels, pages, symbol, resting)
    past = int(book["last"]), int(book["volume"]), int(book["trades"])
    return BookState(int(book["tick_size"]), int(book["lot_size"]), bool(book["halted"]), bool(book["in_call"]), *past, resting)


def put_state(arrays: BookArrays, symbol: int, state: BookState) -> None:
    """Make the empty book of a symbol that of a state; the arrays grow as they must."""
    book = arrays.books[symbol]
    book["tick_size"], book["lot_size"], book["halted"], book["in_call"] = state.tick_size, state.lot_size, state.halted, state.in_call
    book["last"], book["volume"], book["trades"] = state.last, state.volume, state.trades
    resting, begin = np.array(state.resting, RESTING), 0
    while code := put_resting(*arrays.args, symbol, resting, begin):
        begin = int(arrays.pool[0]["done"])
        arrays.grow(code)
