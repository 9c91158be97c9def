"""What strategies of a negotiation over a grid of prices are worth, exactly, and how much one could gain by another strategy.

Both valuations are known. A state is the turn and the index of the standing offer; index 0 stands for "none yet" in turn 0. Turns are those
of `subgame_perfect`. An array over states is (turns, prices).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.bargaining.rules import Party, Rules
from simulator.bargaining.subgame_perfect import Course, TieRule, price_grid, subgame_perfect

Values = NDArray[np.float64]


@dataclass(frozen=True)
class GridGame:
    """A negotiation between known valuations over a grid of prices. Raises ValueError for a step that does not fit the prices."""

    rules: Rules
    supplier_value: float
    retailer_value: float
    step: float

    def __post_init__(self) -> None:
        """Check the step."""
        price_grid(self.rules, self.step)

    @cached_property
    def prices(self) -> Values:
        """(prices,) the grid, lowest first."""
        return price_grid(self.rules, self.step)

    @property
    def turns(self) -> int:
        """How many turns there are at most."""
        return self.rules.offers + int(self.rules.answer_last)

    def deal(self, party: Party, turn: int) -> Values:
        """Return (prices,) what a party has if the offer standing in a turn is accepted; 0 in the first, where there is none."""
        if turn == 0:
            return np.zeros(len(self.prices))
        gain = self.prices - self.supplier_value if party is Party.SUPPLIER else self.retailer_value - self.prices
        return np.asarray(gain * self.rules.left(turn - 1) + self.rules.bonus(turn - 1))


@dataclass(frozen=True)
class GridStrategy:
    """What one party does in every state; rows of turns in which the other moves are not read. Raises ValueError for what cannot be.

    What is left beside accepting and walking away is the probability of an offer, and in a turn for an answer only, of doing nothing.
    """

    accept: Values
    """(turns, prices) probability of accepting the standing offer; 0 in turn 0."""

    walk_away: Values
    """(turns, prices) probability of walking away."""

    counter: NDArray[np.int64] | Values
    """(turns, prices) int64, index of the price offered; or (turns, prices, prices) float64, its distribution (last axis)."""

    def __post_init__(self) -> None:
        """Check shapes and probabilities."""
        shape = self.accept.shape
        mixed = self.counter.ndim == 3
        if len(shape) != 2 or self.walk_away.shape != shape or self.counter.shape != ((*shape, shape[1]) if mixed else shape):
            raise ValueError(
                f"accept {shape}, walk_away {self.walk_away.shape} and counter {self.counter.shape} are not of one (turns, prices); "
                "give all the same shape, counter with prices once more if it is a distribution"
            )
        for name, odds in (("accept", self.accept), ("walk_away", self.walk_away), ("accept + walk_away", self.accept + self.walk_away)):
            if not ((odds >= -1e-9) & (odds <= 1.0 + 1e-9)).all():
                raise ValueError(f"{name} has {odds.min()} to {odds.max()}, which are no probabilities; keep them in 0..1")
        if mixed and not ((self.counter >= -1e-9).all() and np.allclose(self.counter.sum(axis=2), 1.0, rtol=0.0, atol=1e-9)):
            raise ValueError("counter has a row that is no distribution; make each of its last axis positive with sum 1")
        if not mixed and not (np.issubdtype(self.counter.dtype, np.integer) and ((self.counter >= 0) & (self.counter < shape[1])).all()):
            raise ValueError(f"counter of dtype {self.counter.dtype} has what is no index of {shape[1]} prices; give whole numbers from 0")


Strategies = tuple[GridStrategy, GridStrategy]
"""Of the supplier, of the retailer."""


def _check(game: GridGame, strategies: Strategies) -> None:
    shape = (game.turns, len(game.prices))
    for strategy, name in zip(strategies, ("supplier", "retailer"), strict=True):
        if strategy.accept.shape != shape:
            raise ValueError(f"{name}'s strategy is for {strategy.accept.shape} turns and prices, the game has {shape}; make them agree")
    if strategies[game.rules.first].accept[0, 0] > 0.0:
        raise ValueError(f"turn 0 accepts with {strategies[game.rules.first].accept[0, 0]}, but nothing stands yet; let it be 0")


def _going_on(game: GridGame, turn: int, following: Values) -> Values:
    """Return (prices,) what each offer of a turn is worth, given the values of the next turn's states; time runs out in the last."""
    return np.full(len(game.prices), game.rules.timeout) if turn == game.turns - 1 else following


def _followed(game: GridGame, strategy: GridStrategy, party: Party, turn: int, following: Values) -> Values:
    """Return (prices,) what a turn's states are worth to a party if the mover follows its strategy."""
    offers, counter = _going_on(game, turn, following), strategy.counter[turn]
    further = offers[counter] if counter.ndim == 1 else counter @ offers
    accept, walk_away = strategy.accept[turn], strategy.walk_away[turn]
    value = accept * game.deal(party, turn) + walk_away * game.rules.walk_away + (1.0 - accept - walk_away) * further
    return np.asarray(value, dtype=np.float64)


def state_payoffs(game: GridGame, strategies: Strategies, party: Party) -> Values:
    """Return (turns, prices) what every state is worth to a party if both follow their strategies from there on."""
    _check(game, strategies)
    table = np.zeros((game.turns, len(game.prices)))
    following = table[-1]
    for turn in reversed(range(game.turns)):
        following = table[turn] = _followed(game, strategies[game.rules.proposer(turn)], party, turn, following)
    return table


def expected_payoffs(game: GridGame, strategies: Strategies) -> tuple[float, float]:
    """Return what the whole negotiation is worth to supplier and retailer."""
    supplier, retailer = (float(state_payoffs(game, strategies, party)[0, 0]) for party in Party)
    return supplier, retailer


def best_response(game: GridGame, strategies: Strategies, party: Party) -> tuple[GridStrategy, Values]:
    """Return a party's best strategy against the other's, from every state, and (turns, prices) what the states are worth to it then.

    The party's own strategy in `strategies` plays no part. Of equally good actions it accepts first, makes an offer next.
    """
    _check(game, strategies)
    rules, shape = game.rules, (game.turns, len(game.prices))
    accept, walk_away, counter, table = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=np.int64), np.zeros(shape)
    following = table[-1]
    for turn in reversed(range(game.turns)):
        if rules.proposer(turn) is not party:
            following = table[turn] = _followed(game, strategies[party.other], party, turn, following)
            continue
        offers = _going_on(game, turn, following)
        deal = game.deal(party, turn) if turn else np.full(shape[1], -np.inf)
        without = max(float(offers.max()), rules.walk_away)
        accept[turn] = deal >= without
        walk_away[turn] = (deal < without) & (float(offers.max()) < rules.walk_away)
        counter[turn] = int(np.argmax(offers))
        following = table[turn] = np.maximum(deal, without)
    return GridStrategy(accept, walk_away, counter), table


def deviation_gains(game: GridGame, strategies: Strategies) -> tuple[float, float]:
    """Return how much supplier and retailer could gain by another strategy, each alone: both 0 in a Nash equilibrium."""
    both = expected_payoffs(game, strategies)
    supplier, retailer = (float(best_response(game, strategies, party)[1][0, 0]) - both[party] for party in Party)
    return supplier, retailer


def nash_conv(game: GridGame, strategies: Strategies) -> float:
    """Return the sum of both gains of deviating.

    Source: Lanctot and others, "A unified game-theoretic approach to multiagent reinforcement learning", NeurIPS (2017).
    """
    return sum(deviation_gains(game, strategies))


def largest_subgame_gain(game: GridGame, strategies: Strategies) -> float:
    """Return the most that a party could gain by another strategy from any state, reached or not: 0 in a subgame-perfect equilibrium."""
    gains = [best_response(game, strategies, party)[1] - state_payoffs(game, strategies, party) for party in Party]
    return float(max(max(gain[0, 0], gain[1:].max(initial=0.0)) for gain in gains))


def equilibrium_strategies(game: GridGame, tie: TieRule = TieRule.ACCEPT_WHEN_EQUAL) -> Strategies:
    """Return the subgame-perfect strategies over the grid."""
    found = subgame_perfect(game.rules, game.supplier_value, game.retailer_value, game.step, tie)
    prices, turns = game.prices, np.arange(game.turns)
    movers = np.array([game.rules.proposer(turn) for turn in range(game.turns)])[:, None]
    limit = found.threshold[:, None]
    takes = np.where(movers == Party.SUPPLIER, prices >= limit, prices <= limit) & (turns[:, None] > 0)
    walks = ~takes & (found.course[:, None] == Course.WALK_AWAY)
    offered = np.searchsorted(prices, np.where(np.isnan(found.price), prices[0], found.price))
    strategy = GridStrategy(takes.astype(np.float64), walks.astype(np.float64), np.repeat(offered[:, None], len(prices), axis=1))
    return strategy, strategy
