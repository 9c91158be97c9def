"""Calling the compiled book from Python."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import numpy as np

from simulator.matching.arrays import BookArrays
from simulator.matching.layout import Array
from simulator.matching.runner import AS_THEY_ARE, CALL, submit_commands
from simulator.matching.whole_numbers import WHOLE_NUMBER

_NAMES = ("books", "pool", "orders", "levels", "pages", "table", "directory", "ring")
BATCH = (AS_THEY_ARE, 0, 0, 0, 0, 0, 0)
"""The arguments of `submit_commands` that leave the commands as they are."""


class Call:
    """Where everything lies for calls of `submit_commands` on certain commands, whose memory it keeps in place.

    `address` stays the same for its whole life; `locate` must follow whenever an array of the book or the ring was replaced.
    """

    def __init__(self, arrays: BookArrays, ring: Array, commands: Array, symbol: int = 0, step: int = 0) -> None:
        """Note where everything lies. `commands` (n,) COMMAND, C-contiguous."""
        self._row = np.zeros(1, CALL)
        self.address: int = self._row.ctypes.data
        self._commands = commands
        self._row["commands_at"], self._row["commands_rows"], self._row["end"] = commands.ctypes.data, len(commands), len(commands)
        self._row["symbol"], self._row["step"] = symbol, step
        self.locate(arrays, ring)

    def locate(self, arrays: BookArrays, ring: Array) -> None:
        """Note where the arrays lie now, and keep them."""
        self._kept = (*arrays.args, ring)
        for name, array in zip(_NAMES, self._kept, strict=True):
            self._row[f"{name}_at"], self._row[f"{name}_rows"] = array.ctypes.data, len(array)

    def lose_ring(self) -> None:
        """Forget the ring while it moves: until `locate`, any command asks for room."""
        self._row["ring_rows"] = 0

    def __call__(self, begin: int = 0) -> int:
        """Apply the commands from `begin` on; see submit_commands for what is returned."""
        self._row["begin"] = begin
        return machine_code()(self.address, *BATCH)


@cache
def machine_code() -> Callable[..., int]:
    """Return `submit_commands` as it was compiled, without numba's look-up of types, which takes longer than an order."""
    dispatcher: Any = submit_commands
    dispatcher.compile((WHOLE_NUMBER,) * (1 + len(BATCH)))
    return cast(Callable[..., int], dispatcher.overloads[dispatcher.signatures[0]].entry_point)
