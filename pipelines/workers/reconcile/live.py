"""Comparing live state with what the same world's events come to, read from a store that keeps them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from pipelines.sinks.live_world import Row, last_rows
from pipelines.sinks.redis_reader import State
from pipelines.workers.reconcile.books import Rebuilder
from pipelines.workers.reconcile.lake import Lake
from pipelines.workers.reconcile.silver import rows_in_order
from pipelines.workers.registry import WorldResult

Rows = Callable[[str], Iterable[tuple[int, Mapping[str, Any]]]]
"""World and columns of all events of a type, each world's in the order of seq, in pieces."""
EVENTS = ("orders", "ticks", "agents")
SHOWN = 3


class LiveReader(Protocol):
    """Reads the present of worlds from a store."""

    def state(self, run_id: str, world_id: int) -> State:
        """All of a world at one moment; ValueError if the store has nothing of it."""

    def close(self) -> None:
        """Let go of connections; a second call does nothing."""


class Last:
    """The last row of each value of some columns, and the last seq of all."""

    def __init__(self, *by: str) -> None:
        self.rows: dict[tuple[int, ...], Row] = {}
        self.seq = -1
        self._by = by

    def add(self, columns: Mapping[str, Any]) -> None:
        """Take the next rows."""
        plain = {name: np.asarray(values).tolist() for name, values in columns.items()}
        self.rows |= last_rows(plain, self._by)
        self.seq = plain["seq"][-1]


class Come:
    """What the events of a world come to.

    The books are rebuilt by the matching engine, which knows nothing of how the live ones are kept.
    """

    def __init__(self, symbols: Sequence[str]) -> None:
        self.books, self.last_order = Rebuilder(symbols), -1
        self.ticks, self.accounts = Last("symbol"), Last("agent", "symbol")
        self.problem = ""  # of the log itself

    def add(self, event: str, columns: Mapping[str, Any]) -> None:
        """Take the next events of a type."""
        if event == "orders":
            self._orders(columns)
        else:
            (self.ticks if event == "ticks" else self.accounts).add(columns)

    def _orders(self, columns: Mapping[str, Any]) -> None:
        self.last_order = int(columns["seq"][-1])
        if not self.problem:
            try:
                self.books.add(columns)
            except ValueError as error:
                self.problem = str(error)


def present_differences(name: str, reader: LiveReader, lake: Lake, run_id: str, results: Sequence[WorldResult]) -> list[str]:
    """What differs between a store of live state and silver at the end of a run, world by world, in words."""
    symbols = {result.world_id: list(result.books) for result in results if result.books}
    found: list[str] = []
    for world_id, come in come_to(symbols, lambda event: rows_in_order(lake, event, run_id)).items():
        place = f"world {world_id}, {name}"
        try:
            found += live_differences(place, reader.state(run_id, world_id), come)
        except ValueError as error:
            found.append(f"{place}: {error}")
    return found


def come_to(symbols: Mapping[int, Sequence[str]], rows: Rows) -> dict[int, Come]:
    """What the events of some worlds come to; `symbols` by world. The rows are read once."""
    found = {world_id: Come(names) for world_id, names in symbols.items()}
    for event in EVENTS:
        for world_id, columns in rows(event):
            if world_id in found:
                found[world_id].add(event, columns)
    return found


def live_differences(place: str, state: State, come: Come) -> list[str]:
    """What differs between live state and the events, in words; `place` begins each."""
    if come.problem:
        return [f"{place}: {come.problem}"]
    found = []
    for name, live, wanted in (
        ("seq of orders", state.heads.orders, come.last_order),
        ("seq of ticks", state.heads.ticks, come.ticks.seq),
        ("seq of agents", state.heads.agents, come.accounts.seq),
    ):
        if live != wanted:
            found.append(f"{place}: stands at {name} {live}, the last one is {wanted}")
    if state.heads.orders_since != -1:
        found.append(f"{place}: the books were followed from seq {state.heads.orders_since} only, so what rested before is not in them")
    found += _of_entries(place, "levels of symbol and side", state.levels, come.books.levels())
    found += _of_entries(place, "last tick of symbol", {(symbol,): row for symbol, row in state.ticks.items()}, come.ticks.rows)
    return found + _of_entries(place, "account of agent and symbol", state.accounts, come.accounts.rows)


def _of_entries(place: str, what: str, live: Mapping[Any, Any], wanted: Mapping[Any, Any]) -> list[str]:
    differing = sorted(key for key in live.keys() | wanted.keys() if live.get(key) != wanted.get(key))
    first = [f"{place}: {what} {key} is {live.get(key)} where the events give {wanted.get(key)}" for key in differing[:SHOWN]]
    return first + ([f"{place}: {len(differing) - SHOWN} more of {what} differ"] if len(differing) > SHOWN else [])
