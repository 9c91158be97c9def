"""Comparing live state with what the same world's events come to, read from a store that keeps them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np

from pipelines.sinks.redis_reader import State
from pipelines.workers.reconcile.books import Rebuilder
from pipelines.workers.reconcile.lake import Lake
from pipelines.workers.reconcile.silver import rows_in_order
from pipelines.workers.registry import WorldResult

Rows = Callable[[str], Iterable[Mapping[str, Any]]]
"""The columns of all events of a type of one world, in the order of seq, in pieces."""
SHOWN = 3


class LiveReader(Protocol):
    """Reads the present of worlds from a store."""

    def state(self, run_id: str, world_id: int) -> State:
        """All of a world at one moment; ValueError if the store has nothing of it."""

    def close(self) -> None:
        """Let go of connections; a second call does nothing."""


def present_differences(name: str, reader: LiveReader, lake: Lake, run_id: str, results: Sequence[WorldResult]) -> list[str]:
    """What differs between a store of live state and silver at the end of a run, world by world, in words."""
    found: list[str] = []
    for result in results:
        place = f"world {result.world_id}, {name}"
        if not result.books:
            continue
        try:
            rows = partial(_of_world, lake, run_id, result.world_id)
            found += live_differences(place, reader.state(run_id, result.world_id), rows, list(result.books))
        except ValueError as error:
            found.append(f"{place}: {error}")
    return found


def _of_world(lake: Lake, run_id: str, world_id: int, event: str) -> Iterator[Mapping[str, Any]]:
    return (columns for world, columns in rows_in_order(lake, event, run_id) if world == world_id)


def live_differences(place: str, state: State, rows: Rows, symbols: Sequence[str]) -> list[str]:
    """What differs between live state and the events, in words; `place` begins each.

    The books are rebuilt by the matching engine, which knows nothing of how the live ones are kept.
    """
    rebuilder, last_order = Rebuilder(symbols), -1
    for columns in rows("orders"):
        rebuilder.add(columns)
        last_order = int(columns["seq"][-1])
    ticks, last_tick = last_rows(rows("ticks"), ("symbol",))
    accounts, last_account = last_rows(rows("agents"), ("agent", "symbol"))
    found = []
    for name, live, wanted in (
        ("seq of orders", state.heads.orders, last_order),
        ("seq of ticks", state.heads.ticks, last_tick),
        ("seq of agents", state.heads.agents, last_account),
    ):
        if live != wanted:
            found.append(f"{place}: stands at {name} {live}, the last one is {wanted}")
    if state.heads.orders_since != -1:
        found.append(f"{place}: the books were followed from seq {state.heads.orders_since} only, so what rested before is not in them")
    found += _of_entries(place, "levels of symbol and side", state.levels, rebuilder.levels())
    found += _of_entries(place, "last tick of symbol", {(symbol,): row for symbol, row in state.ticks.items()}, ticks)
    return found + _of_entries(place, "account of agent and symbol", state.accounts, accounts)


def last_rows(pieces: Iterable[Mapping[str, Any]], by: tuple[str, ...]) -> tuple[dict[tuple[int, ...], dict[str, int]], int]:
    """The last row of each value of some columns, and the last seq of all."""
    found: dict[tuple[int, ...], dict[str, int]] = {}
    last = -1
    for columns in pieces:
        plain = {name: np.asarray(values).tolist() for name, values in columns.items()}
        places = {key: place for place, key in enumerate(zip(*(plain[name] for name in by), strict=True))}
        found |= {key: {name: values[place] for name, values in plain.items()} for key, place in places.items()}
        last = plain["seq"][-1]
    return found, last


def _of_entries(place: str, what: str, live: Mapping[Any, Any], wanted: Mapping[Any, Any]) -> list[str]:
    differing = sorted(key for key in live.keys() | wanted.keys() if live.get(key) != wanted.get(key))
    first = [f"{place}: {what} {key} is {live.get(key)} where the events give {wanted.get(key)}" for key in differing[:SHOWN]]
    return first + ([f"{place}: {len(differing) - SHOWN} more of {what} differ"] if len(differing) > SHOWN else [])
