"""What few runs tell: the interquartile mean, how often one beats another, the spread of scores, each with a bootstrap interval.

Source: Agarwal, Schwarzer, Castro, Courville and Bellemare, "Deep reinforcement learning at the edge of the statistical precipice",
NeurIPS 2021. There every game of a run is trained for itself, and runs are drawn anew within each game (its stratum). Here one trained
policy plays all markets, so that a policy that is lucky in one is lucky in all; and markets of all seeds are of one kind, so that strata of
a few markets each would only hide how different markets are. The interval therefore draws whole runs, and whole markets for all runs
alike, as the crossed bootstrap of Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1 (2007), does: it is not too narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator import seeding
from simulator.metrics.profit import won

Scores = NDArray[np.float64]
"""(runs, seeds, episodes): one number for each market that each trained policy played."""

Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Of the last axis."""

FEW = 5
"""With fewer seeds an interval means little."""

_TRIMMED = 0.25  # of each end: what is left is the interquartile mean
_RESAMPLES = 2000
_AT_ONCE = 2_000_000  # numbers held while resampling


class Interval(NamedTuple):
    """An estimate and its bootstrap interval."""

    value: float
    low: float
    high: float

    @property
    def above_zero(self) -> bool:
        """Whether all of it lies above zero."""
        return self.low > 0.0

    @property
    def below_zero(self) -> bool:
        """Whether all of it lies below zero."""
        return self.high < 0.0


def middles(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of the middle half along the last axis."""
    ordered, cut = np.sort(numbers, axis=-1), int(_TRIMMED * numbers.shape[-1])
    return np.asarray(ordered[..., cut : numbers.shape[-1] - cut].mean(axis=-1))


def means(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean along the last axis."""
    return np.asarray(numbers.mean(axis=-1))


def interquartile_mean(numbers: ArrayLike) -> float:
    """Mean of the middle half of all numbers.

    >>> interquartile_mean([0, 1, 3, 1000])
    2.0
    """
    return float(middles(np.asarray(numbers, dtype=np.float64).ravel()))


def interval(scores: ArrayLike, statistic: Statistic = middles, level: float = 0.95) -> Interval:
    """Estimate a statistic of (runs, seeds, episodes), or of (episodes,) of one run; always the same for the same numbers."""
    found = np.asarray(scores, dtype=np.float64)
    return of_pairs(found.reshape(1, 1, 1, -1) if found.ndim == 1 else found[:, np.newaxis], statistic, level)


def of_pairs(pairs: NDArray[np.float64], statistic: Statistic = middles, level: float = 0.95) -> Interval:
    """Estimate a statistic of (runs, other's runs, seeds, episodes), a number for each two runs in each market.

    Resampled are the runs of both sides, and the markets, for all runs the same. Raises ValueError without a number.
    """
    if pairs.size == 0:
        raise ValueError(f"scores of shape {pairs.shape} hold no number; evaluate in at least one market")
    drawn = np.concatenate([statistic(rows) for rows in _resampled(pairs)])
    low, high = np.quantile(drawn, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return Interval(float(statistic(pairs.ravel())), float(low), float(high))


def _resampled(pairs: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
    """Resamples (n, numbers), as many at a time as fit."""
    rng = seeding.generator(0, "bootstrap")
    runs, others, markets = pairs.shape[0], pairs.shape[1], pairs.shape[2] * pairs.shape[3]
    numbers = pairs.reshape(runs, others, markets)
    left, at_once = _RESAMPLES, max(1, _AT_ONCE // pairs.size)
    while left > 0:
        count = min(left, at_once)
        drawn = rng.integers(0, markets, (count, 1, 1, markets))
        rows = rng.integers(0, runs, (count, runs, 1, 1)) if runs > 1 else 0
        columns = rng.integers(0, others, (count, 1, others, 1)) if others > 1 else 0
        yield numbers[rows, columns, drawn].reshape(count, -1)
        left -= count


def apart(ours: ArrayLike, theirs: ArrayLike, level: float = 0.95) -> Interval:
    """Difference of the interquartile means of two sets of numbers that do not pair, each drawn for itself."""
    first, second = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    rng = seeding.generator(0, "bootstrap", "apart")
    drawn = [
        middles(first[rng.integers(0, first.size, first.size)]) - middles(second[rng.integers(0, second.size, second.size)])
        for _ in range(_RESAMPLES // 2)
    ]
    low, high = np.quantile(drawn, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return Interval(float(middles(first) - middles(second)), float(low), float(high))


def differences(ours: Scores, theirs: Scores) -> NDArray[np.float64]:
    """(runs, other's runs, seeds, episodes) by how much each of ours earned more than each of theirs in the same market.

    Raises ValueError for other markets.
    """
    if ours.shape[1:] != theirs.shape[1:]:
        raise ValueError(f"markets {ours.shape[1:]} and {theirs.shape[1:]} do not pair; evaluate both in the same ones")
    return np.asarray(ours[:, np.newaxis] - theirs[np.newaxis])


def by_seed(ours: Scores, theirs: Scores) -> list[Interval]:
    """By how much ours earned more than theirs, in the markets of each seed for themselves. Raises ValueError for other markets."""
    found = differences(ours, theirs)
    return [of_pairs(found[:, :, seed : seed + 1]) for seed in range(found.shape[2])]


def seeds_ahead(found: Sequence[Interval]) -> str:
    """In how many seeds of markets the whole interval lies above zero.

    >>> seeds_ahead([Interval(2.0, 1.0, 3.0), Interval(1.0, -1.0, 3.0)])
    '1 of 2'
    """
    return f"{sum(one.above_zero for one in found)} of {len(found)}"


def probability_of_improvement(ours: Scores, theirs: Scores) -> Interval:
    """How often one of ours earned more than one of theirs in the same market; a draw counts one half."""
    return of_pairs(won(differences(ours, theirs)), means)


def performance_profile(scores: Scores, levels: ArrayLike) -> NDArray[np.float64]:
    """(levels, 3): share of all scores above each level, with its interval.

    >>> performance_profile(np.array([[[1.0, 2.0, 3.0, 4.0]]]), [2.5])[:, 0].tolist()
    [0.5]
    """
    return np.array([interval((scores > level).astype(np.float64), means) for level in np.asarray(levels, dtype=np.float64)])
