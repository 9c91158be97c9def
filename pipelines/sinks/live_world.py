"""The present of one world, brought up to date by blocks: books, last ticks, accounts, recent trades; and what a batch changed of them.

No event counts twice and none takes the present back: a row counts only beyond the last seq that its part of the present stands for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import nlargest, nsmallest
from typing import Any

import numpy as np

from pipelines.events.block import Block, Columns
from pipelines.sinks.live_book import LiveBook, OrderRow

Row = dict[str, Any]
Account = tuple[int, int]
"""(agent, symbol of its inventory)."""


@dataclass
class Heads:
    """The last seq of each event type that the present stands for, -1 before the first.

    `orders_since` is the seq after which the books were followed: -1 if from their beginning, more if orders before it were lost to the
    store (the state had expired, or a hole was given up); the depth then lacks what had rested there.
    """

    orders: int = -1
    ticks: int = -1
    trades: int = -1
    agents: int = -1
    orders_since: int = -1


@dataclass
class LiveWorld:
    """The present of one world. `changed_*` is what a batch touched; `written` forgets it."""

    recent: int  # trades of a symbol that are kept
    heads: Heads = field(default_factory=Heads)
    books: dict[int, LiveBook] = field(default_factory=dict)  # by symbol
    ticks: dict[int, Row] = field(default_factory=dict)  # by symbol
    accounts: dict[Account, Row] = field(default_factory=dict)
    trades: dict[int, list[Row]] = field(default_factory=dict)  # by symbol: those of this batch, newest last
    changed_ticks: set[int] = field(default_factory=set)
    changed_accounts: set[Account] = field(default_factory=set)

    def take(self, block: Block) -> None:
        """Take a block of orders, ticks, trades or agents; of one that was taken before, nothing counts."""
        name, columns = block.event.name, block.columns
        if name == "trades":  # each has its own place in the list, whenever it comes
            self._take_trades(columns)
        elif block.head.last_seq > getattr(self.heads, name):
            {"orders": self._take_orders, "ticks": self._take_ticks, "agents": self._take_agents}[name](block)
        setattr(self.heads, name, max(getattr(self.heads, name), block.head.last_seq))

    @property
    def symbols(self) -> set[int]:
        """Those that it tells something of."""
        return set(self.books) | set(self.ticks) | set(self.trades)

    def written(self) -> None:
        """What changed is in the store."""
        self.trades, self.changed_ticks, self.changed_accounts = {}, set(), set()

    def leaders(self, count: int) -> list[tuple[int, int]]:
        """The richest agents and their wealth (ticks x lots): cash, and inventory at the last price. Of equals, those of lower number."""
        latest: dict[int, tuple[int, int]] = {}  # agent -> (seq, cash)
        worth: dict[int, int] = {}
        for (agent, symbol), row in self.accounts.items():
            tick = self.ticks.get(symbol)
            worth[agent] = worth.get(agent, 0) + row["inventory"] * (tick["last"] if tick else 0)
            latest[agent] = max(latest.get(agent, (-1, 0)), (row["seq"], row["cash"]))
        for agent, (_, cash) in latest.items():
            worth[agent] += cash
        return nsmallest(count, worth.items(), key=lambda item: (-item[1], item[0]))

    def _take_orders(self, block: Block) -> None:
        if block.head.prev_seq > self.heads.orders:
            self.heads.orders_since = block.head.prev_seq
        columns = from_seq(block.columns, self.heads.orders)
        rows = zip(*(columns[name] for name in OrderRow._fields), strict=True)
        by_symbol: dict[int, list[tuple[int, ...]]] = {}
        for symbol, row in zip(columns["symbol"], rows, strict=True):
            by_symbol.setdefault(symbol, []).append(row)
        for symbol, own in by_symbol.items():
            self.books.setdefault(symbol, LiveBook()).follow(own)

    def _take_ticks(self, block: Block) -> None:
        for symbol, row in last_rows(from_seq(block.columns, self.heads.ticks), ("symbol",)).items():
            self.ticks[symbol[0]] = row
            self.changed_ticks.add(symbol[0])

    def _take_agents(self, block: Block) -> None:
        for (agent, symbol), row in last_rows(from_seq(block.columns, self.heads.agents), ("agent", "symbol")).items():
            self.accounts[agent, symbol] = row
            self.changed_accounts.add((agent, symbol))

    def _take_trades(self, columns: Columns) -> None:
        plain = from_seq(columns, -1)
        places: dict[int, list[int]] = {}
        for place, symbol in enumerate(plain["symbol"]):
            places.setdefault(symbol, []).append(place)
        for symbol, own in places.items():
            rows = self.trades.get(symbol, []) + [row_at(plain, place) for place in own[-self.recent :]]
            self.trades[symbol] = nlargest(self.recent, rows, key=lambda row: row["seq"])[::-1]


def from_seq(columns: Columns, seq: int) -> dict[str, list[Any]]:
    """The columns as plain lists, rows after a seq only."""
    first = int(np.searchsorted(np.asarray(columns["seq"]), seq, side="right"))
    return {name: (values if isinstance(values, list) else values.tolist())[first:] for name, values in columns.items()}


def row_at(columns: Mapping[str, list[Any]], place: int) -> Row:
    """One row of columns."""
    return {name: values[place] for name, values in columns.items()}


def last_rows(columns: Mapping[str, list[Any]], by: tuple[str, ...]) -> dict[tuple[int, ...], Row]:
    """The last row of each value of some columns."""
    places = {key: place for place, key in enumerate(zip(*(columns[name] for name in by), strict=True))}
    return {key: row_at(columns, place) for key, place in places.items()}
