"""Sums, means, deviations and medians by agent, of rows in any order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = np.ndarray[Any, Any]
Numbers = NDArray[np.float64]


def total(agents: Array, count: int, values: Array | None = None) -> Numbers:
    """Sum of the values of each of `count` agents, or how many rows each has, (count,)."""
    return np.bincount(agents, values, count).astype(np.float64)


def ratio(above: Array, below: Array) -> Numbers:
    """Quotients, NaN where nothing is below."""
    return np.asarray(np.divide(above, below, out=np.full(np.shape(above), np.nan), where=np.asarray(below) != 0))


def mean(agents: Array, count: int, values: Array, weights: Array | None = None) -> Numbers:
    """Weighted mean by agent, NaN for one without rows."""
    weighted = values if weights is None else values * weights
    return ratio(total(agents, count, weighted), total(agents, count, weights))


def deviation(agents: Array, count: int, values: Array) -> Numbers:
    """Standard deviation by agent, NaN for one without rows."""
    apart = values - mean(agents, count, values)[agents]
    return np.sqrt(mean(agents, count, apart * apart))


def median(agents: Array, count: int, values: Array) -> Numbers:
    """Median by agent, NaN for one without rows."""
    order = np.lexsort((values, agents))
    rows = np.bincount(agents, minlength=count)
    begins, found = np.cumsum(rows) - rows, np.full(count, np.nan)
    some = rows > 0
    low, high = (begins + (rows - 1) // 2)[some], (begins + rows // 2)[some]
    found[some] = 0.5 * (values[order[low]] + values[order[high]])
    return found
