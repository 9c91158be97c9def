"""Calling the compiled book from Python."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.matching.arrays import BookArrays
from simulator.matching.compiled import compiled_entry
from simulator.matching.layout import Array
from simulator.matching.native import ENTRY, callable_of
from simulator.matching.runner import CALL, Form, give

_NAMES = ("books", "pool", "orders", "levels", "pages", "table", "directory", "ring")
_PLACES = {name: place for place, name in enumerate(CALL.names or ())}


class Call:
    """Where everything lies for calls of `give`, whose memory it keeps in place.

    `locate` must follow whenever an array of the book or the ring was replaced.
    """

    def __init__(self, arrays: BookArrays, ring: Array, commands: Array, symbol: int = 0) -> None:
        """Note where everything lies. `commands` (n,) COMMAND, C-contiguous."""
        words = np.zeros(len(_PLACES), np.int64)
        self._address: int = words.ctypes.data
        self._words = words.data  # single numbers are written several times faster through a memoryview
        self._words[_PLACES["symbol"]] = symbol
        self.locate(arrays, ring)
        self.take(commands)
        self._apply = self._entry(Form.BATCH, None, self._words, "")

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
        """Apply the commands from `begin` on; see `give` for what is returned."""
        self._words[_PLACES["begin"]] = begin
        return self._apply()

    def callable(self, form: Form, slow: Callable[..., int] | None = None, doc: str = "") -> Callable[..., int]:
        """Return what applies one command straight from Python; see `give` for its arguments and for `slow`."""
        return self._entry(form, slow, self, doc)

    def _entry(self, form: Form, slow: Callable[..., int] | None, kept: object, doc: str) -> Callable[..., int]:
        """Return a callable that keeps something alive: not its own owner, whose memory would then wait for the garbage collector."""
        return callable_of(compiled_entry(give, ENTRY), form.name.lower(), (self._address, int(form), slow, kept), doc)

    def _note(self, name: str, array: Array) -> None:
        self._words[_PLACES[f"{name}_at"]] = array.__array_interface__["data"][0]
        self._words[_PLACES[f"{name}_rows"]] = len(array)
