"""A table of Q(state, action) for a negotiation over a grid of prices: states, actions, and the update.

A state is (own valuation's bucket, turn, index of the standing price). A turn belongs to one party, so one table holds both parties'
rows and no row is shared. Actions: 0 accepts, 1..prices offer a price, the last one walks away; the order is that in which
`best_response` chooses among equals. What the protocol does not allow has the value -inf.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.bargaining.best_response import GridStrategy
from simulator.bargaining.rules import ActionType, Rules
from simulator.bargaining.subgame_perfect import price_grid

Values = NDArray[np.float64]
Whole = NDArray[np.int64]

ACCEPT, FIRST_PRICE = 0, 1


def bucket_of(rules: Rules, party: Whole, value: Values, buckets: int) -> Whole:
    """Return (n,) which of equal parts of its party's range each valuation lies in.

    >>> bucket_of(Rules(), np.array([0, 1]), np.array([4999.0, 9000.0]), 4).tolist()
    [1, 3]
    """
    if buckets == 1:
        return np.zeros(len(party), np.int64)
    least, most = np.array([rules.supplier, rules.retailer])[party].T
    share = np.divide(value - least, most - least, out=np.zeros(len(value)), where=most > least)
    return np.asarray(np.minimum((share * buckets).astype(np.int64), buckets - 1))


class Table:
    """Q-values of all states.

    Parameters
    ----------
    rules, step : the game and its grid.
    buckets : of the own valuation.
    power : the n-th update of an entry has the step size n ** -power.
    """

    def __init__(self, rules: Rules, step: float, buckets: int, power: float) -> None:
        self.rules, self.prices, self.buckets, self.power = rules, price_grid(rules, step), buckets, power
        self.turns = rules.offers + int(rules.answer_last)
        self.actions = len(self.prices) + 2
        self.legal = self._legal()
        self.values = np.where(self.legal[None, :, None, :], 0.0, -np.inf) + np.zeros((buckets, self.turns, len(self.prices), 1))
        self.visits = np.zeros(self.values.size, np.int64)
        self.best = self.values.max(axis=-1).reshape(-1)  # (states,) of the best action
        self.greedy = self.values.argmax(axis=-1).reshape(-1)

    def _legal(self) -> NDArray[np.bool_]:
        """(turns, actions): nothing to accept at first; where only an answer is left, one offer stands for letting time run out."""
        legal = np.ones((self.turns, self.actions), np.bool_)
        legal[0, ACCEPT] = False
        legal[self.rules.offers :, FIRST_PRICE + 1 : -1] = False
        return legal

    def states(self, bucket: Whole, turn: Whole, price: Whole) -> Whole:
        """Return (n,) the numbers of states."""
        return (bucket * self.turns + turn) * len(self.prices) + price

    def explored(self, turn: Whole, uniform: Values) -> Whole:
        """Return (n,) legal actions, each as likely, by numbers in [0, 1)."""
        count = self.legal.sum(axis=1)
        options = np.argsort(~self.legal, axis=1, kind="stable")
        return np.asarray(options[turn, (uniform * count[turn]).astype(np.int64)], dtype=np.int64)

    def meant(self, actions: Whole) -> tuple[Whole, Values]:
        """Return (n,) ActionTypes and (n,) prices of actions."""
        kinds = np.where(
            actions == ACCEPT, ActionType.ACCEPT, np.where(actions == self.actions - 1, ActionType.WALK_AWAY, ActionType.COUNTER)
        )
        return kinds.astype(np.int64), self.prices[np.clip(actions - FIRST_PRICE, 0, len(self.prices) - 1)]

    def update(self, states: Whole, actions: Whole, targets: Values) -> None:
        """Move Q(s, a) towards (n,) targets; several of one entry count as that many steps towards their mean."""
        if not len(states):
            return
        entries, place, count = np.unique(states * self.actions + actions, return_inverse=True, return_counts=True)
        mean = np.bincount(place, weights=targets) / count
        self.visits[entries] += count
        flat = self.values.reshape(-1)
        share = 1.0 - (1.0 - self.visits[entries] ** -self.power) ** count
        flat[entries] += share * (mean - flat[entries])
        changed = np.unique(entries // self.actions)
        rows = self.values.reshape(-1, self.actions)[changed]
        self.greedy[changed] = rows.argmax(axis=1)
        self.best[changed] = rows.max(axis=1)

    def strategy(self, bucket: int = 0) -> GridStrategy:
        """Return the greedy strategy of a bucket, of both parties in their own turns."""
        chosen = self.greedy.reshape(self.buckets, self.turns, -1)[bucket]
        accept, walk_away = (chosen == ACCEPT) * 1.0, (chosen == self.actions - 1) * 1.0
        return GridStrategy(accept, walk_away, np.clip(chosen - FIRST_PRICE, 0, len(self.prices) - 1))
