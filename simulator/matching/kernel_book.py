"""One book over the kernel's arrays, with the same methods as the reference book."""

from __future__ import annotations

import numpy as np

from simulator.matching.arrays import BookArrays, Grow, ring_of
from simulator.matching.runner import gather_levels, gather_resting, put_resting, submit_commands
from simulator.matching.state import RESTING, Array, BookState
from simulator.types import COMMAND


class KernelBook:
    """One symbol's book. `orders`, `pages` and `ring_rows` are the capacities it begins with; all of them grow."""

    def __init__(self, tick_size: int = 1, lot_size: int = 1, orders: int = 4096, pages: int = 64, ring_rows: int = 4096) -> None:
        """Make an empty book."""
        self.arrays = BookArrays(1, tick_size, lot_size, orders, pages)
        self.ring = ring_of(ring_rows)

    def submit_all(self, commands: Array, step: int = 0) -> None:
        """Apply commands (COMMAND, C-contiguous); their records are appended to the ring, which grows as it must."""
        done, code = 0, int(Grow.DONE)
        while done < len(commands) or code != Grow.DONE:
            done, code = submit_commands(*self.arrays.args, self.ring, commands, done, len(commands), 0, step)
            if code != Grow.DONE:
                self.make_room(code)

    def make_room(self, code: int) -> None:
        """Grow what `submit` asked for; records are kept."""
        if code != Grow.RING:
            self.arrays.grow(code)
            return
        cursor, needed = int(self.arrays.pool[0]["cursor"]), int(self.arrays.pool[0]["needed"])
        self.ring.resize(cursor + needed + len(self.ring) // 4, refcheck=False)

    def best(self, side: int) -> int:
        """Return the best price of a side in ticks, 0 if none."""
        return int(self.arrays.books[0]["best"][side])

    def levels(self, side: int, depth: int | None = None) -> list[tuple[int, int, int]]:
        """Return (price, lots, orders) of the best `depth` prices of a side, best first; all of them without `depth`."""
        books, _, orders, levels, pages = self.arrays.args[:5]
        rows = int(books[0]["orders"][side])
        out = np.empty((rows if depth is None else min(rows, depth), 3), np.int64)
        count = gather_levels(books, orders, levels, pages, 0, side, out)
        return [(price, lots, number) for price, lots, number in out[:count].tolist()]

    def state(self) -> BookState:
        """Return the whole book in canonical order."""
        books, _, orders, levels, pages = self.arrays.args[:5]
        book = books[0]
        resting = np.empty(int(book["orders"].sum()), RESTING)
        gather_resting(books, orders, levels, pages, 0, resting)
        past = int(book["last"]), int(book["volume"]), int(book["trades"])
        return BookState(int(book["tick_size"]), int(book["lot_size"]), bool(book["halted"]), *past, resting)

    def load(self, state: BookState) -> None:
        """Become the book of `state`, with fresh arrays; the ring is kept."""
        cursor = self.arrays.pool[0]["cursor"]
        self.arrays = BookArrays(1, state.tick_size, state.lot_size, max(4096, 2 * len(state.resting)))
        book = self.arrays.books[0]
        book["halted"], book["last"], book["volume"], book["trades"] = state.halted, state.last, state.volume, state.trades
        self.arrays.pool[0]["cursor"] = cursor
        done, code = 0, int(Grow.DONE)
        resting = np.ascontiguousarray(state.resting, RESTING)
        while done < len(resting) or code != Grow.DONE:
            done, code = put_resting(*self.arrays.args, 0, resting, done)
            if code != Grow.DONE:
                self.arrays.grow(code)


__all__ = ["COMMAND", "KernelBook"]
