"""Comparing a store of live state with what silver says the state has come to: books level by level, last ticks, accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Protocol

import numpy as np

from pipelines.workers.reconcile.books import Rebuilder
from pipelines.workers.reconcile.lake import Lake
from pipelines.workers.reconcile.silver import rows_in_order
from pipelines.workers.registry import WorldResult

Row = dict[str, Any]
Level = tuple[int, int]
"""(symbol, side)."""


class State(Protocol):
    """The present of a world as a store tells it."""

    @property
    def ticks(self) -> Mapping[int, Row]:
        """The last tick by symbol."""

    @property
    def levels(self) -> Mapping[Level, Mapping[int, int]]:
        """Lots by price; no entry for a side without orders."""

    @property
    def accounts(self) -> Mapping[tuple[int, int], Row]:
        """The last account by agent and symbol."""


class LiveReader(Protocol):
    """Reads the present of worlds."""

    def state(self, run_id: str, world_id: int) -> State:
        """All of a world at one moment; ValueError if the store has nothing of it."""

    def close(self) -> None:
        """Let go of connections; a second call does nothing."""


def live_differences(name: str, reader: LiveReader, lake: Lake, run_id: str, results: Sequence[WorldResult]) -> list[str]:
    """What differs between the store and silver at the end of a run, in words."""
    worlds = {result.world_id: result for result in results if result.books}
    ticks, accounts = last_rows(lake, "ticks", run_id, ("symbol",)), last_rows(lake, "agents", run_id, ("agent", "symbol"))
    levels = dict(book_levels(lake, run_id, worlds))
    found: list[str] = []
    for world_id in worlds:
        place = f"world {world_id}, {name}"
        try:
            state = reader.state(run_id, world_id)
        except ValueError as error:
            found.append(f"{place}: {error}")
            continue
        found += different(f"{place}, last tick of symbol", {key[0]: row for key, row in ticks.get(world_id, {}).items()}, state.ticks)
        found += different(f"{place}, account of agent and symbol", accounts.get(world_id, {}), state.accounts)
        found += different(f"{place}, book of symbol and side", levels.get(world_id, {}), state.levels)
    return found


def different(place: str, expected: Mapping[Any, Any], found: Mapping[Any, Any]) -> list[str]:
    """What of two mappings differs, in words."""
    keys = sorted({*expected, *found})
    return [f"{place} {key}: {found.get(key)} where silver has {expected.get(key)}" for key in keys if expected.get(key) != found.get(key)]


def last_rows(lake: Lake, event: str, run_id: str, by: tuple[str, ...]) -> dict[int, dict[tuple[int, ...], Row]]:
    """For each world the last row of each value of some columns."""
    found: dict[int, dict[tuple[int, ...], Row]] = {}
    for world_id, columns in rows_in_order(lake, event, run_id):
        keys = np.stack([np.asarray(columns[name], np.int64) for name in by])[:, ::-1]
        for place in np.unique(keys, axis=1, return_index=True)[1].tolist():
            last = keys.shape[1] - 1 - place
            row = {name: int(values[last]) for name, values in columns.items()}
            found.setdefault(world_id, {})[tuple(row[name] for name in by)] = row
    return found


def book_levels(lake: Lake, run_id: str, worlds: Mapping[int, WorldResult]) -> Iterator[tuple[int, dict[Level, dict[int, int]]]]:
    """For each world the lots at each price of its books, rebuilt from silver.orders by the matching core."""
    for world_id, parts in groupby(rows_in_order(lake, "orders", run_id), key=lambda item: item[0]):
        if world_id in worlds:
            rebuilder = Rebuilder(list(worlds[world_id].books))
            for _, columns in parts:
                rebuilder.add(columns)
            levels: dict[Level, dict[int, int]] = {}
            for symbol, state in enumerate(rebuilder.states().values()):
                for side, price, lots in zip(state.resting["side"], state.resting["price"], state.resting["remaining"], strict=True):
                    level = levels.setdefault((symbol, int(side)), {})
                    level[int(price)] = level.get(int(price), 0) + int(lots)
            yield world_id, levels
