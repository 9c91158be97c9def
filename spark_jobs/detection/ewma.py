"""Outliers against an exponentially weighted mean and variance, one state per series.

Recursions: West (1979), "Updating mean and variance estimates", with exponential weights: with a = alpha and the
difference d of a value to the mean, mean' = mean + a d and variance' = (1 - a) (variance + a d^2).
"""

from __future__ import annotations

import msgspec
import numpy as np
from numba import njit
from numpy.typing import NDArray


class EwmaState(msgspec.Struct, frozen=True):
    """One series so far. `previous` is the last raw value, `quiet_until` the step until which nothing more is raised."""

    seen: int = 0
    mean: float = 0.0
    variance: float = 0.0
    previous: float = 0.0
    quiet_until: int = -1


class EwmaRule(msgspec.Struct, frozen=True):
    """When a value is an outlier: after `warm_up` values, `threshold` standard deviations from the mean.

    `alpha` weighs the newest value; `floor` is the smallest standard deviation that is believed, in units of the
    value; after an outlier nothing more is raised for `quiet` steps.
    """

    alpha: float
    warm_up: int
    threshold: float
    floor: float
    quiet: int


@njit(cache=True)
def scores(
    values: NDArray[np.float64], mean: float, variance: float, seen: int, alpha: float, floor: float, out: NDArray[np.float64]
) -> tuple[float, float]:
    """Write each value's distance in standard deviations from what came before it; the mean and variance after the last."""
    for i in range(values.shape[0]):
        difference = values[i] - mean
        out[i] = difference / max(np.sqrt(variance), floor)
        weight = max(alpha, 1.0 / (seen + i + 1))  # a plain mean until there are enough values
        mean += weight * difference
        variance = (1.0 - weight) * (variance + weight * difference * difference)
    return mean, variance


def update(
    state: EwmaState, rule: EwmaRule, values: NDArray[np.float64], steps: NDArray[np.int64]
) -> tuple[EwmaState, list[tuple[int, float]]]:
    """The state after the values, and the outliers as (index, score)."""
    out = np.empty(len(values))
    mean, variance = scores(values, state.mean, state.variance, state.seen, rule.alpha, rule.floor, out)
    warm = np.arange(len(values)) + state.seen >= rule.warm_up
    quiet_until, outliers = state.quiet_until, []
    for index in np.flatnonzero(warm & (np.abs(out) >= rule.threshold)):
        if steps[index] > quiet_until:
            outliers.append((int(index), float(out[index])))
            quiet_until = int(steps[index]) + rule.quiet
    return EwmaState(state.seen + len(values), float(mean), float(variance), state.previous, quiet_until), outliers
