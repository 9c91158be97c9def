"""How much of what will happen to a price can be seen in its past: variance ratio and trend; and how far it lies from its value."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class Trend(NamedTuple):
    """A straight line through prices."""

    slope: float  # ticks a step
    t_statistic: float  # of the slope; far from 0 the steps are no random walk around a level


def variance_ratio(prices: ArrayLike, steps: int) -> float:
    """Return the variance of changes over `steps` steps over `steps` times that of one step: 1 for a random walk, more for trends.

    Source: Lo and MacKinlay, "Stock market prices do not follow random walks", Review of Financial Studies 1 (1988), with
    overlapping changes. nan for a price that never moves. Raises ValueError for fewer than two steps, or too few prices.

    >>> variance_ratio([0, 1, 0, 1, 0, 1, 0, 1, 0], 2)
    0.0
    """
    price = np.asarray(prices, dtype=np.float64)
    if steps < 2 or len(price) <= steps + 1:
        raise ValueError(f"a variance ratio over {steps} steps needs 2 steps and more than {steps + 1} prices, not {len(price)}; pass more")
    once = float(np.mean((np.diff(price) - np.diff(price).mean()) ** 2))
    if once == 0.0:
        return float("nan")
    many = price[steps:] - price[:-steps]
    return float(np.mean((many - steps * np.diff(price).mean()) ** 2)) / (steps * once)


def price_efficiency(prices: ArrayLike, steps: int = 10) -> float:
    """Return 1 - |1 - variance ratio|, at least 0: 1 where the past tells nothing of the future."""
    return max(0.0, 1.0 - abs(1.0 - variance_ratio(prices, steps)))


def pricing_error(prices: ArrayLike, values: ArrayLike) -> float:
    """Return the root mean squared distance of prices from their values, as a share of the mean value.

    >>> pricing_error([101, 99], [100, 100])
    0.01
    """
    price, value = np.asarray(prices, dtype=np.float64), np.asarray(values, dtype=np.float64)
    return float(np.sqrt(np.mean((price - value) ** 2)) / value.mean())


def price_trend(prices: ArrayLike) -> Trend:
    """Fit a line by least squares. Raises ValueError for fewer than three prices."""
    price = np.asarray(prices, dtype=np.float64)
    if len(price) < 3:
        raise ValueError(f"{len(price)} prices have no trend; pass at least three")
    step = np.arange(len(price)) - (len(price) - 1) / 2
    slope = float((step * price).sum() / (step**2).sum())
    rest = price - price.mean() - slope * step
    deviation = float(np.sqrt((rest**2).sum() / (len(price) - 2) / (step**2).sum()))
    return Trend(slope, slope / deviation if deviation > 0.0 else float(np.sign(slope)) * float("inf") if slope else 0.0)
