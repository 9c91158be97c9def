"""Risk of a history of values: Sharpe ratio, drawdown, value at risk, realised volatility."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.metrics.profit import time_series


def sharpe_ratio(values: ArrayLike, *, periods: float = 1.0, risk_free: float = 0.0) -> NDArray[np.float64]:
    """Mean over standard deviation of the steps' changes in value, times the root of `periods`.

    Changes in money rather than relative returns: an account that starts with borrowed inventory may pass through zero.

    Parameters
    ----------
    values : (steps, ...) value of the portfolio.
    periods : steps per period that the ratio is quoted for (1: per step).
    risk_free : change in value per step that costs no risk.

    Returns
    -------
    (...) ratio; 0 where the value never varied. Source: Sharpe (1966), "Mutual Fund Performance".
    """
    changes = np.diff(time_series(values), axis=0) - risk_free
    if changes.shape[0] < 2:
        return np.zeros(changes.shape[1:])
    spread = changes.std(axis=0, ddof=1)
    # Equal floats leave a spread of rounding size; dividing by it would answer a huge ratio for a riskless account.
    flat = spread <= 1e-12 * np.maximum(np.abs(changes).max(axis=0), 1.0)
    ratio = changes.mean(axis=0) / np.where(flat, 1.0, spread)
    return np.asarray(np.where(flat, 0.0, ratio) * np.sqrt(periods))


def max_drawdown(values: ArrayLike) -> NDArray[np.float64]:
    """Greatest fall from an earlier high, in money, (steps, ...) -> (...) and never negative.

    >>> float(max_drawdown([100, 120, 90, 130, 115]))
    30.0
    """
    series = time_series(values)
    return np.asarray((np.maximum.accumulate(series, axis=0) - series).max(axis=0))


def value_at_risk(values: ArrayLike, *, level: float = 0.95) -> NDArray[np.float64]:
    """Historical value at risk: the loss per step that is exceeded in at most 1 - `level` of the steps.

    Returns
    -------
    (...) loss as a positive number, 0 where even that quantile is a gain or there is but one row.

    Raises
    ------
    ValueError : level is not inside (0, 1).
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"level {level} is not between 0 and 1; use 0.95 for the loss exceeded in one step of twenty")
    changes = np.diff(time_series(values), axis=0)
    if changes.shape[0] == 0:
        return np.zeros(changes.shape[1:])
    return np.maximum(-np.quantile(changes, 1.0 - level, axis=0, method="lower"), 0.0)


def realised_volatility(prices: ArrayLike) -> NDArray[np.float64]:
    """Root of the sum of squared log returns, (steps, ...) -> (...).

    Steps without a price (not positive) are skipped, so the return over a gap counts once, when trading resumes.
    Source: Andersen and Bollerslev (1998), "Answering the Skeptics".
    """
    series = time_series(prices)
    columns = series.reshape(series.shape[0], -1)
    answer = np.array([_column_volatility(columns[:, i]) for i in range(columns.shape[1])])
    return answer.reshape(series.shape[1:])


def _column_volatility(prices: NDArray[np.float64]) -> float:
    returns = np.diff(np.log(prices[prices > 0.0]))
    return float(np.sqrt(np.sum(returns * returns)))
