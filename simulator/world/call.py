"""Calling the compiled loop with one argument: the address of a row that says where every array of a world lies.

To hand over the arrays themselves costs more than to play a step with a hundred agents.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numba
import numpy as np

from simulator.matching.layout import BOOK, ENTRY, LEVEL, ORDER, PAGE, POOL
from simulator.matching.pointers import rows_of
from simulator.types import RECORD
from simulator.world.layout import COMMANDS, DECLARED, MARKET, OWN, QUEUED, STATE, SYMBOL, TURN, Array
from simulator.world.party_rows import ALLIANCE, DEAL, LETTER, MECHANISMS, PARTY, PUBLIC, RESOURCE_STATE, SEALED, TRUST

_LAYOUTS: dict[str, np.dtype[Any]] = {
    "books": BOOK, "pool": POOL, "orders": ORDER, "levels": LEVEL, "pages": PAGE, "table": ENTRY, "directory": np.dtype("u4"),
    "ring": RECORD, "words": np.dtype("u8"), "states": STATE, "markets": MARKET, "symbols": SYMBOL, "agents": OWN,
    "agenda": np.dtype("i8"), "ends": np.dtype("i8"), "addresses": np.dtype("u8"), "commands": COMMANDS, "queued": QUEUED, "turns": TURN,
    "dirty": np.dtype("i4"), "saved": np.dtype("f8"), "chains": np.dtype("u8"),
    "parties": PARTY, "publics": PUBLIC, "letters": LETTER, "trust": TRUST, "deals": DEAL, "sealed": SEALED, "wheel": np.dtype("i8"),
    "alliances": ALLIANCE, "resources": RESOURCE_STATE, "suspended": np.dtype("i8"), "mechanisms": MECHANISMS,
    "declared": DECLARED, "neighbours": np.dtype("i8"), "mediators": np.dtype("i8"), "beyond": np.dtype("u8"),
}  # fmt: skip

CALL = np.dtype([(f"{name}_{what}", "i8") for name in _LAYOUTS for what in ("at", "rows")], align=True)
"""Where the arrays lie and how many rows they have."""

call_at, CALL_TYPE = rows_of(CALL), numba.from_dtype(CALL)
books_at, pool_at, orders_at, levels_at = rows_of(BOOK), rows_of(POOL), rows_of(ORDER), rows_of(LEVEL)
pages_at, table_at, ring_at, states_at = rows_of(PAGE), rows_of(ENTRY), rows_of(RECORD), rows_of(STATE)
declared_at = rows_of(DECLARED)
markets_at, symbols_at, agents_at = rows_of(MARKET), rows_of(SYMBOL), rows_of(OWN)
commands_at, queued_rows_at, turns_at = rows_of(COMMANDS), rows_of(QUEUED), rows_of(TURN)
parties_at, publics_at, letters_at, trust_at = rows_of(PARTY), rows_of(PUBLIC), rows_of(LETTER), rows_of(TRUST)
deals_at, sealed_at, alliances_at = rows_of(DEAL), rows_of(SEALED), rows_of(ALLIANCE)
resources_at, mechanisms_at = rows_of(RESOURCE_STATE), rows_of(MECHANISMS)
u8_at, i8_at, u4_at, i4_at, f8_at = (rows_of(np.dtype(kind)) for kind in ("u8", "i8", "u4", "i4", "f8"))


class Stop(IntEnum):
    """Why the loop returned, beyond simulator.matching's Grow codes."""

    QUEUE = 8  # more commands than the queue has rows
    PYTHON = 9  # the agent at state.position is to decide in Python
    DECLARED = 10  # more declarations than there are rows


class Call:
    """The arrays of a world, kept alive and in place. Make a new one when one of them was replaced."""

    def __init__(self, **arrays: Array) -> None:
        """Note where they lie. Raises ValueError for a missing array or one of another layout."""
        if set(arrays) != set(_LAYOUTS):
            raise ValueError(f"arrays {sorted(set(arrays) ^ set(_LAYOUTS))} are missing or unknown; pass {', '.join(_LAYOUTS)}")
        self._kept, self._row = arrays, np.zeros(1, CALL)
        for name, array in arrays.items():
            if array.dtype != _LAYOUTS[name] or not array.flags.c_contiguous:
                raise ValueError(f"array {name} is {array.dtype}, not contiguous rows of {_LAYOUTS[name]}; pass one that is")
            self._row[f"{name}_at"], self._row[f"{name}_rows"] = array.ctypes.data, array.size

    @property
    def address(self) -> int:
        """Where the row lies."""
        return int(self._row.ctypes.data)
