"""What a portfolio is worth and what it earned.

Every function works along the first axis (time) and keeps the others, so a column per agent costs nothing extra.
Money is ticks x lots unless the caller has converted it; the functions do not care.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def mark_to_market(cash: ArrayLike, inventory: ArrayLike, price: ArrayLike) -> NDArray[np.float64]:
    """Value of cash and inventory at `price`; the three broadcast against each other.

    >>> mark_to_market([1000, 400], [0, 6], 100).tolist()
    [1000.0, 1000.0]
    """
    held = np.asarray(inventory, dtype=np.float64) * np.asarray(price, dtype=np.float64)
    return np.asarray(cash, dtype=np.float64) + held


def profit_and_loss(values: ArrayLike) -> NDArray[np.float64]:
    """Profit since the first row: `values` is (steps, ...) and so is the answer, whose first row is 0.

    >>> profit_and_loss([100, 103, 98]).tolist()
    [0.0, 3.0, -2.0]
    """
    series = time_series(values)
    return np.asarray(series - series[:1])


def total_profit(values: ArrayLike) -> NDArray[np.float64]:
    """Last value less the first, (steps, ...) -> (...)."""
    series = time_series(values)
    return np.asarray(series[-1] - series[0])


def win_rate(profits: ArrayLike, opponents: ArrayLike) -> float:
    """Share of pairs in which a profit exceeds an opponent's; a draw counts one half.

    >>> win_rate([3.0, 1.0], [1.0, 0.0])
    0.875
    """
    mine, theirs = np.atleast_1d(np.asarray(profits, dtype=np.float64)), np.atleast_1d(np.asarray(opponents, dtype=np.float64))
    if mine.size == 0 or theirs.size == 0:
        raise ValueError(f"win rate of {mine.size} profits against {theirs.size} is undefined; pass at least one of each")
    return float(np.mean(won(mine.reshape(-1, 1) - theirs.reshape(1, -1))))


def won(differences: ArrayLike) -> NDArray[np.float64]:
    """1 where a profit exceeds an opponent's, one half for a draw, 0 where it is lower.

    >>> won([2.0, 0.0, -1.0]).tolist()
    [1.0, 0.5, 0.0]
    """
    found = np.asarray(differences, dtype=np.float64)
    return np.asarray((found > 0) + 0.5 * (found == 0))


def time_series(values: ArrayLike) -> NDArray[np.float64]:
    """`values` as float64 with time first.

    Raises ValueError without any row: no metric here has an answer for an empty history.
    """
    series = np.asarray(values, dtype=np.float64)
    if series.ndim == 0 or series.shape[0] == 0:
        raise ValueError(f"a history of shape {series.shape} has no steps; pass at least one row per step")
    return series
