"""Rebuilding a world's order books from rows of silver.orders alone, to compare their hashes with the simulator's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from pipelines.events.from_simulator import Records, to_records
from pipelines.workers.reconcile.lake import Lake
from pipelines.workers.reconcile.silver import rows_in_order
from pipelines.workers.registry import WorldResult
from simulator.matching.engines import new_engine
from simulator.matching.state import BookState
from simulator.types import RECORD


class Rebuilder:
    """Follows the log of a world's books piece by piece.

    Parameters
    ----------
    symbols : their names, by id.
    """

    def __init__(self, symbols: Sequence[str]) -> None:
        self._engines = [(name, new_engine("kernel", 1, 1)) for name in symbols]
        self._tail = np.empty(0, RECORD)
        self._followed = 0

    def add(self, columns: Mapping[str, Any]) -> None:
        """Follow further rows. Raises ValueError naming the first that cannot follow the ones before it."""
        waiting = np.concatenate([self._tail, to_records("orders", columns)])
        cut = int(np.searchsorted(waiting["step"], waiting["step"][-1])) if len(waiting) else 0
        self._follow(waiting[:cut])  # a command never crosses the end of a step, so the cut is safe
        self._tail = waiting[cut:]

    def states(self) -> dict[str, BookState]:
        """Each book after all rows."""
        self._follow(self._tail)
        self._tail = np.empty(0, RECORD)
        return {name: engine.state() for name, engine in self._engines}

    def hashes(self) -> dict[str, str]:
        """The hash of each book after all rows."""
        return {name: state.hash() for name, state in self.states().items()}

    def levels(self) -> dict[tuple[int, int], dict[int, int]]:
        """Lots by price after all rows, of every symbol (its number) and side that has orders."""
        found: dict[tuple[int, int], dict[int, int]] = {}
        for symbol, state in enumerate(self.states().values()):
            for side, price, lots in zip(*(state.resting[name].tolist() for name in ("side", "price", "remaining")), strict=True):
                level = found.setdefault((symbol, side), {})
                level[price] = level.get(price, 0) + lots
        return found

    def _follow(self, records: Records) -> None:
        log = np.ascontiguousarray(records)
        for symbol, (name, engine) in enumerate(self._engines):
            row = engine.follow(log, symbol)
            if row >= 0:
                raise ValueError(
                    f"row {self._followed + row} of silver.orders cannot follow the rows before it in the book of {name}: {log[row]}"
                )
        self._followed += len(log)


def book_differences(lake: Lake, run_id: str, results: Sequence[WorldResult]) -> list[str]:
    """What differs between the books rebuilt from silver.orders and the simulator's, in words."""
    expected, differences = {result.world_id: result for result in results if result.books}, list[str]()
    rows = groupby(rows_in_order(lake, "orders", run_id), key=lambda item: item[0])
    for world_id, parts in rows:
        if world_id in expected:
            differences += _of_world(expected.pop(world_id), (columns for _, columns in parts))
    for result in expected.values():
        differences += _of_world(result, iter(()))
    return differences


def _of_world(result: WorldResult, parts: Iterator[dict[str, Any]]) -> list[str]:
    rebuilder, place = Rebuilder(list(result.books)), f"world {result.world_id}, books"
    try:
        for columns in parts:
            rebuilder.add(columns)
        found = rebuilder.hashes()
    except ValueError as error:
        return [f"{place}: {error}"]
    return [
        f"{place}: {name} rebuilt from silver.orders has hash {found[name]} where the simulator's is {expected}"
        for name, expected in result.books.items()
        if found[name] != expected
    ]
