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
_PLACES = {name: place for place, name in enumerate(CALL.names or ())}
BATCH = (AS_THEY_ARE, 0, 0, 0, 0, 0, 0)
"""The arguments of `submit_commands` that leave the commands as they are."""


class Call:
    """Where everything lies for calls of `submit_commands`, whose memory it keeps in place.

    `address` stays the same for its whole life; `locate` must follow whenever an array of the book or the ring was replaced.
    """

    def __init__(self, arrays: BookArrays, ring: Array, commands: Array, symbol: int = 0) -> None:
        """Note where everything lies. `commands` (n,) COMMAND, C-contiguous."""
        words = np.zeros(len(_PLACES), np.int64)
        self.address: int = words.ctypes.data
        self._words = words.data  # single numbers are written several times faster through a memoryview
        self._words[_PLACES["symbol"]] = symbol
        self.locate(arrays, ring)
        self.take(commands)

    def locate(self, arrays: BookArrays, ring: Array) -> None:
        """Note where the arrays lie now, and keep them."""
        self._kept = (*arrays.args, ring)
        for name, array in zip(_NAMES, self._kept, strict=True):
            self._note(name, array)

    def take(self, commands: Array, step: int = 0) -> None:
        """Make these the commands of the next calls."""
        self._commands = commands
        self._note("commands", commands)
        self._words[_PLACES["end"]], self._words[_PLACES["step"]] = len(commands), step

    def lose_ring(self) -> None:
        """Forget the ring while it moves: until `locate`, any command asks for room."""
        self._words[_PLACES["ring_rows"]] = 0

    def __call__(self, begin: int = 0) -> int:
        """Apply the commands from `begin` on; see submit_commands for what is returned."""
        self._words[_PLACES["begin"]] = begin
        return machine_code()(self.address, *BATCH)

    def _note(self, name: str, array: Array) -> None:
        self._words[_PLACES[f"{name}_at"]] = array.__array_interface__["data"][0]
        self._words[_PLACES[f"{name}_rows"]] = len(array)


@cache
def machine_code() -> Callable[..., int]:
    """Return `submit_commands` as it was compiled, without numba's look-up of types, which takes longer than an order."""
    dispatcher: Any = submit_commands
    dispatcher.compile((WHOLE_NUMBER,) * (1 + len(BATCH)))
    return cast(Callable[..., int], dispatcher.overloads[dispatcher.signatures[0]].entry_point)
