"""One book over the kernel's arrays: the engine `kernel` of Book and replay."""

from __future__ import annotations

import numpy as np

from simulator.matching.arrays import BookArrays, Grow
from simulator.matching.calls import Call
from simulator.matching.log_runner import apply_log, new_pending
from simulator.matching.runner import Form, gather_levels
from simulator.matching.state import Array, BookState
from simulator.matching.stored import put_state, state_of
from simulator.types import COMMAND, RECORD

_LIKELY_RECORDS = 2  # per command; should there be more, the ring grows


class KernelBook:
    """See engines.Engine. `orders`, `pages` and `ring_rows` are the capacities it begins with; all of them grow.

    Memory is only taken as it is used. A ring with room for a record per resting order spares the kernel a look ahead.
    """

    def __init__(self, tick_size: int = 1, lot_size: int = 1, orders: int = 4096, pages: int = 64, ring_rows: int = 65536) -> None:
        """Make an empty book."""
        self.arrays = BookArrays(1, tick_size, lot_size, orders, pages)
        self._memory, self.ring = _memory_of(ring_rows)
        self._one, self._many = (Call(self.arrays, self.ring, np.zeros(1, COMMAND)) for _ in range(2))
        self.apply, self.callable = self._one.callable(Form.FIELDS), self._one.callable

    def expect(self, commands: int) -> None:
        """Set aside a ring for the records of so many commands. Memory is taken as it is written, so expecting too many costs nothing."""
        rows = commands * _LIKELY_RECORDS
        if self.arrays.pool[0]["cursor"] == 0 and rows > len(self.ring):
            self._memory, self.ring = _memory_of(rows)
            self._locate()

    def submit_all(self, commands: Array, step: int = 0) -> None:
        """Apply commands in order."""
        self._many.take(commands, step)
        begin = 0
        while (written := self._many(begin)) < 0:
            begin = int(self.arrays.pool[0]["done"])
            self.make_room(-written)

    def make_room(self, code: int) -> None:
        """Grow what `submit` asked for; records are kept."""
        if code == Grow.RING:
            cursor, needed = int(self.arrays.pool[0]["cursor"]), int(self.arrays.pool[0]["needed"])
            self._resize_ring(cursor + needed + len(self.ring) // 4)
        else:
            self.arrays.grow(code)
        self._locate()

    def _locate(self) -> None:
        self._one.locate(self.arrays, self.ring)
        self._many.locate(self.arrays, self.ring)

    def take_records(self, copy: bool = True) -> Array:
        """Return the records written since the last call and forget them; without a copy they are overwritten by the next command."""
        used = int(self.arrays.pool[0]["cursor"]) * RECORD.itemsize
        self.arrays.pool[0]["cursor"] = 0
        taken = self._memory[:used]
        return (taken.copy() if copy else taken).view(RECORD)

    def give_records(self) -> Array:
        """Return the records written since the last call without a copy: the ring itself, cut to size, and take a new one."""
        self._resize_ring(int(self.arrays.pool[0]["cursor"]))
        records = self.ring
        self._memory, self.ring = _memory_of(1)
        self.arrays.pool[0]["cursor"] = 0
        self._locate()
        return records

    def _resize_ring(self, rows: int) -> None:
        """Make the ring longer or shorter where it lies, as far as the system can: a copy would hold it twice."""
        self._one.lose_ring()
        self._many.lose_ring()
        self._memory.resize(rows * RECORD.itemsize, refcheck=False)
        self.ring = self._memory.view(RECORD)

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
        return state_of(self.arrays, 0)

    def load(self, state: BookState) -> None:
        """Become the book of `state`, with fresh arrays; records written before are kept."""
        cursor = self.arrays.pool[0]["cursor"]
        self.arrays = BookArrays(1, state.tick_size, state.lot_size, max(4096, 2 * len(state.resting)))
        self.arrays.pool[0]["cursor"] = cursor
        put_state(self.arrays, 0, state)
        self._locate()

    def follow(self, records: Array, symbol: int) -> int:
        """Apply a log to the empty book; return -1, or the row of the first record that cannot come next."""
        begin, pending = 0, new_pending()
        while code := apply_log(*self.arrays.args, pending, records, begin, symbol):
            begin = int(self.arrays.pool[0]["done"])
            if code < 0:
                return begin
            self.arrays.grow(code)
        self._locate()
        return -1


def _memory_of(rows: int) -> tuple[Array, Array]:
    """Return a ring and its bytes: numpy resizes and copies bytes many times faster than rows of fields."""
    memory = np.zeros(rows * RECORD.itemsize, np.uint8)
    return memory, memory.view(RECORD)
