"""Cross-play: two policies seated in one market, each in half of the seats, and what each earns beside the other.

Policies that learned in one market together may rely on each other's habits; seated beside a policy of another training seed they cannot.
Source of the comparison: Hu, Lerer, Peysakhovich and Foerster, "Other-play for zero-shot coordination", ICML 2020.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from simulator import seeding
from simulator.envs.market.scenario import MarketScenario
from simulator.traders.trader import Trader
from simulator.training.judging.seating import play
from simulator.training.judging.statistics import Interval, interval, middles

Payoffs = NDArray[np.float64]
"""(players, players, seeds, episodes): what the row earned a seat beside the column."""

_RESAMPLES = 1000


def cross_play(
    market: MarketScenario, players: Sequence[Trader], seeds: Sequence[int], episodes: int, tell: Callable[[], None] = lambda: None
) -> Payoffs:
    """Seat every two players, and each with itself, in the same markets: as many seats as there are learners, an even number of them.

    tell is called after each market.
    """
    shared = market.with_learners(2 * max(1, market.learners // 2))
    found = np.empty((len(players), len(players), len(seeds), episodes))
    for row, column in combinations_with_replacement(range(len(players)), 2):
        for place in np.ndindex(found.shape[2:]):
            ours, theirs = play(shared, [players[row], players[column]], seeds[place[0]], place[1])
            if row == column:
                found[row, row][place] = np.concatenate([ours.scores, theirs.scores]).mean()
            else:
                found[row, column][place], found[column, row][place] = ours.scores.mean(), theirs.scores.mean()
            tell()
    return found


def games(players: int) -> int:
    """Pairs of so many players, each with itself among them."""
    return players * (players + 1) // 2


def cells(payoffs: Payoffs) -> list[list[Interval]]:
    """Interquartile mean of each cell over its markets, with its interval."""
    return [[interval(payoffs[row, column][np.newaxis]) for column in range(len(payoffs))] for row in range(len(payoffs))]


def gap(payoffs: Payoffs) -> Interval:
    """By how much self-play earns more than cross-play: interquartile means of the diagonal and of the rest.

    Resampled are the players, and the markets. Raises ValueError for fewer than two players.
    """
    players = len(payoffs)
    if players < 2:
        raise ValueError(f"{players} policy has nobody to be seated with; train one more with another seed")
    by_market = payoffs.reshape(players, players, -1)
    rng, drawn = seeding.generator(0, "bootstrap", "cross-play"), list[float]()
    while len(drawn) < _RESAMPLES:
        chosen = np.asarray(rng.integers(0, players, players))
        markets = rng.integers(0, by_market.shape[2], by_market.shape[2])
        if len(set(chosen.tolist())) > 1:
            drawn.append(_gap(by_market[:, :, markets], chosen))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(_gap(payoffs, np.arange(players)), float(low), float(high))


def _gap(payoffs: Payoffs, chosen: NDArray[np.int64]) -> float:
    """Of these players, drawn perhaps more than once: one beside itself is self-play, whoever was drawn."""
    rows, columns = (each.ravel() for each in np.meshgrid(chosen, chosen, indexing="ij"))
    itself = rows == columns
    alone, crossed = payoffs[chosen, chosen], payoffs[rows[~itself], columns[~itself]]
    return float(middles(alone.ravel()) - middles(crossed.ravel()))


def told(found: Interval) -> str:
    """The gap in one line."""
    size = f"{abs(found.value):,.2f} a seat ({found.low:,.2f} to {found.high:,.2f})"
    if found.above_zero:
        return f"self-play earns more than cross-play by {size}: these policies rely on partners that learned with them"
    if found.below_zero:
        return f"cross-play earns more than self-play by {size}: these policies do best beside others than themselves"
    return f"self-play and cross-play differ by {found.value:,.2f} a seat ({found.low:,.2f} to {found.high:,.2f}), which may be chance"
