"""What returns and order flow of real markets look like, as numbers.

The facts and how they are measured: Cont, "Empirical properties of asset returns: stylized facts and statistical issues",
Quantitative Finance 1 (2001). Series are 1-D and in order of time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FEWEST = 10  # numbers that any of these figures is worth telling of


def autocorrelation(series: ArrayLike, lags: int) -> NDArray[np.float64]:
    """Return the correlation of a series with itself 1..lags places later, (lags,); 0 for a series that does not move.

    Raises ValueError for a series that is not longer than lags.

    >>> autocorrelation([1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1], 2).round(2).tolist()
    [-0.92, 0.83]
    """
    values = _series(series)
    if not 1 <= lags < len(values):
        raise ValueError(f"lags {lags} is not in 1..{len(values) - 1}; ask for fewer, or give a longer series")
    centred = values - values.mean()
    total = float(centred @ centred)
    if total == 0.0:
        return np.zeros(lags)
    return np.array([float(centred[lag:] @ centred[:-lag]) / total for lag in range(1, lags + 1)])


def tail_index(returns: ArrayLike, share: float = 0.05) -> float:
    """Return the exponent with which the largest absolute returns become rare; nan if too few of them move.

    `share` of the returns are taken as the tail. Markets show 2 to 5, a normal distribution far more.
    Source: Hill, "A simple general approach to inference about the tail of a distribution", Annals of Statistics 3 (1975).
    """
    if not 0 < share < 1:
        raise ValueError(f"share {share} is not between 0 and 1; choose a small one such as 0.05")
    sizes = np.sort(np.abs(_series(returns)))[::-1]
    tail = max(int(share * len(sizes)), FEWEST)
    if tail >= len(sizes) or sizes[tail] <= 0:
        return float("nan")
    excess = float(np.log(sizes[:tail] / sizes[tail]).mean())
    return 1.0 / excess if excess > 0 else float("nan")


def decay_exponent(correlations: ArrayLike) -> float:
    """Return b of the power law lag^-b that fits correlations at lags 1, 2, ...; nan where they do not last.

    Fitted by least squares in logarithms over the means of octaves (lag 1, 2 to 3, 4 to 7, ...), which must all be positive: correlations
    that are gone after a few lags are no power law. Sizes of returns decay with 0.1 to 0.6; signs of trades with less than 1
    (Lillo and Farmer, "The long memory of the efficient market", Studies in Nonlinear Dynamics and Econometrics 8, 2004).
    """
    values = _series(correlations)
    lags = np.arange(1, len(values) + 1)
    octave = np.log2(lags).astype(np.int64)
    number = np.bincount(octave)
    means, places = np.bincount(octave, values) / number, np.bincount(octave, np.log(lags)) / number
    if (means <= 0).any():
        return float("nan")
    slope, _ = np.polyfit(places, np.log(means), 1)
    return float(-slope)


def impact_exponent(signed_volume: ArrayLike, moves: ArrayLike, groups: int = 10) -> float:
    """Return d of the law |volume|^d that the mean move in the direction of the volume follows; nan if it does not move with it.

    Both series (n,) are per interval: volume bought less sold by those who came in, and the price's move. The intervals are put into
    `groups` of equal number by the size of their volume; d is fitted in logarithms over the groups whose mean move is positive.
    Source: Bouchaud, Farmer and Lillo, "How markets slowly digest changes in supply and demand", section 4 (2009).
    """
    volume, move = _series(signed_volume), _series(moves)
    if len(volume) != len(move):
        raise ValueError(f"{len(volume)} volumes with {len(move)} moves; give one of each per interval")
    traded = volume != 0
    sizes, towards = np.abs(volume[traded]), (np.sign(volume) * move)[traded]
    if len(sizes) < FEWEST * groups:
        return float("nan")
    order = np.argsort(sizes, kind="stable")
    means = np.array([(sizes[part].mean(), towards[part].mean()) for part in np.array_split(order, groups)])
    rising = means[means[:, 1] > 0]
    if len(rising) <= groups // 2 or np.ptp(rising[:, 0]) == 0:
        return float("nan")
    slope, _ = np.polyfit(np.log(rising[:, 0]), np.log(rising[:, 1]), 1)
    return float(slope)


def _series(values: ArrayLike) -> NDArray[np.float64]:
    found = np.asarray(values, np.float64)
    if found.ndim != 1 or len(found) < FEWEST:
        raise ValueError(f"a series of shape {found.shape} is not one row of at least {FEWEST} numbers; give one")
    return found
