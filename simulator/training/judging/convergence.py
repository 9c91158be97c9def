"""Whether a training curve has settled."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator import seeding
from simulator.metrics import price_trend

LEAST = 18
"""Different returns that a curve needs, so that its last third has six."""

TOLERANCE = 0.1
"""Share of the whole curve's range that a settled last third may still move."""

_RESAMPLES = 1000


class Settled(Enum):
    """What a curve says."""

    YES = "settled"
    NO = "still moving"
    UNKNOWN = "too noisy to tell"
    SHORT = "too short to tell"


class Convergence(NamedTuple):
    """The verdict, and how far the fitted line moves over the last third, with its interval, in the curve's unit."""

    verdict: Settled
    move: float
    low: float
    high: float


def converged(curve: Sequence[float], tolerance: float = TOLERANCE) -> Convergence:
    """Judge a curve of returns, one a rollout; repeated ones (no episode ended in between) count once.

    A line is fitted to the last third. Its move over that third has an interval by resampling what the line leaves over, in blocks of
    neighbours. Settled: the whole interval lies within `tolerance` of the curve's range around zero. Still moving: it lies outside zero.
    Otherwise noise hides which. So a noisy curve is not called settled for its noise.
    """
    whole = np.array([value for place, value in enumerate(curve) if place == 0 or value != curve[place - 1]])
    if len(whole) < LEAST:
        return Convergence(Settled.SHORT, float("nan"), float("nan"), float("nan"))
    last = whole[-(len(whole) // 3) :]
    move, (low, high) = _move(last), _between(last)
    allowed = tolerance * float(np.ptp(whole))
    if -allowed <= low and high <= allowed:
        return Convergence(Settled.YES, move, low, high)
    return Convergence(Settled.NO if low > 0.0 or high < 0.0 else Settled.UNKNOWN, move, low, high)


def _move(values: NDArray[np.float64]) -> float:
    return price_trend(values).slope * (len(values) - 1)


def _between(values: NDArray[np.float64]) -> tuple[float, float]:
    """Interval of the move: the line, and blocks of what it leaves over in another order."""
    count = len(values)
    line = values.mean() + price_trend(values).slope * (np.arange(count) - (count - 1) / 2)
    left = values - line
    block = round(sqrt(count))  # long: a return is a mean over the latest episodes, so that neighbours are alike
    rng = seeding.generator(0, "bootstrap", "convergence")
    starts = rng.integers(0, count, (_RESAMPLES, -(-count // block)))
    drawn = left[(starts[:, :, np.newaxis] + np.arange(block)) % count].reshape(_RESAMPLES, -1)[:, :count]
    low, high = np.quantile([_move(line + noise) for noise in drawn], [0.025, 0.975])
    return float(low), float(high)
