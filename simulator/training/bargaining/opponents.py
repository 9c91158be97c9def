"""Whom a learner meets: a strategy over a grid, or a negotiator."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulator import seeding
from simulator.bargaining.best_response import GridStrategy
from simulator.bargaining.draws import begin
from simulator.bargaining.negotiators.negotiator import Negotiator
from simulator.bargaining.playing import Match, choose_rows
from simulator.bargaining.protocol import Rows, game_of, step_rows
from simulator.bargaining.rules import ActionType, Outcome, Rules
from simulator.training.bargaining.tables import Table, bucket_of

Moves = tuple[NDArray[np.int64], NDArray[np.float64]]
"""(n,) ActionTypes and (n,) prices."""


class Opponent(Protocol):
    """Decides for the party to act in each of (n,) NEGOTIATION that run; uniform (n,) in [0, 1) is chance of its own."""

    def moves(self, rows: Rows, uniform: NDArray[np.float64]) -> Moves:
        """What it does in each."""
        ...


class NegotiatorOpponent:
    """A negotiator of the registry, compiled or in Python; it draws from the negotiation's own stream."""

    def __init__(self, rules: Rules, negotiator: Negotiator, learn: float = 0.3, settle: float = 0.1) -> None:
        self._match = Match(rules, negotiator, negotiator, learn, settle)

    def moves(self, rows: Rows, uniform: NDArray[np.float64]) -> Moves:
        """Compiled at once, or one by one in Python."""
        match, kinds, prices = self._match, np.zeros(len(rows), np.int64), np.zeros(len(rows))
        if match.codes.all():
            choose_rows(match.codes, match.game, rows, match.numbers, kinds, prices)
            return kinds, prices
        for place in range(len(rows)):
            kinds[place], prices[place] = match.decision(rows[place : place + 1])
        return kinds, prices


class GridOpponent:
    """A strategy over a grid of prices."""

    def __init__(self, strategy: GridStrategy, prices: NDArray[np.float64]) -> None:
        self._strategy, self._prices = strategy, prices

    def moves(self, rows: Rows, uniform: NDArray[np.float64]) -> Moves:
        """Accept by its chance, walk away by its chance, offer otherwise."""
        turn, price = rows["offers"], index_of(rows, self._prices)
        accept, walk_away = self._strategy.accept[turn, price], self._strategy.walk_away[turn, price]
        kinds = np.where(
            uniform < accept, ActionType.ACCEPT, np.where(uniform < accept + walk_away, ActionType.WALK_AWAY, ActionType.COUNTER)
        )
        counter = self._strategy.counter[turn, price]
        if counter.ndim == 2:
            rest = np.clip((uniform - accept - walk_away) / np.maximum(1.0 - accept - walk_away, 1e-12), 0.0, 1.0)
            counter = np.minimum((counter.cumsum(axis=1) <= rest[:, None]).sum(axis=1), len(self._prices) - 1)
        return kinds.astype(np.int64), self._prices[counter.astype(np.int64)]


class TableOpponent:
    """The greedy strategy of a table, for either party, with its valuation."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def moves(self, rows: Rows, uniform: NDArray[np.float64]) -> Moves:
        """Look it up."""
        table, turn = self.table, rows["turn"]
        bucket = bucket_of(table.rules, turn, rows["value"][np.arange(len(rows)), turn], table.buckets)
        return table.meant(table.greedy[table.states(bucket, rows["offers"], index_of(rows, table.prices))])


def index_of(rows: Rows, prices: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return (n,) the indices of the nearest grid prices to standing offers; 0 where there is none."""
    nearest = np.rint((rows["price"] - prices[0]) / (prices[1] - prices[0])).astype(np.int64)
    return np.where(rows["standing"] >= 0, np.clip(nearest, 0, len(prices) - 1), 0)


def played(rules: Rules, sides: tuple[Opponent, Opponent], seed: int, count: int) -> tuple[Rows, NDArray[np.float64]]:
    """Return `count` negotiations of a seed played to their ends by supplier and retailer, and (n, 2) what they were worth."""
    rows, rewards = begin(rules, seed, count), np.zeros((count, 2))
    game, chance, step = game_of(rules), seeding.generator(seed, "played"), np.zeros((count, 2))
    while (running := rows["outcome"] == Outcome.RUNNING).any():
        kinds, prices = np.zeros(count, np.int64), np.zeros(count)
        for party, side in enumerate(sides):
            mine = np.flatnonzero(running & (rows["turn"] == party))
            if len(mine):
                sitting = rows[mine]
                kinds[mine], prices[mine] = side.moves(sitting, chance.random(len(mine)))
                rows["random"][mine] = sitting["random"]
        step_rows(game, rows, kinds, prices, step)
        rewards += step
    return rows, rewards
