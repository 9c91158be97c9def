"""Bargaining solutions on a frontier of two parties' utilities, given as points joined by straight lines (lotteries between neighbours).

Along a frontier one utility rises while the other falls, so their difference names each of its points: that is how it is walked here.
What lies below and left of the frontier is taken to be possible too (free disposal).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.float64]


def _frontier(points: ArrayLike) -> Values:
    """Return the points as (m, 2), by rising first utility. Raises ValueError if they are no frontier."""
    corner = np.asarray(points, dtype=np.float64)
    if corner.ndim != 2 or corner.shape[1] != 2 or not len(corner) or not np.isfinite(corner).all():
        raise ValueError(f"points of shape {corner.shape} are not (m, 2) finite utilities; give a row for each point")
    corner = np.unique(corner, axis=0)
    same = np.flatnonzero(np.diff(corner[:, 0]) == 0.0)
    if len(same) or (np.diff(corner[:, 1]) >= 0.0).any():
        worse = same[0] if len(same) else np.flatnonzero(np.diff(corner[:, 1]) >= 0.0)[0]
        raise ValueError(f"point {corner[worse].tolist()} is dominated by another; keep those of several_issues.pareto_mask only")
    return corner


def _rational_ends(corner: Values, outside: Values) -> tuple[float, float] | None:
    """Return the differences of utilities between which both have at least their outside utility, None if there are none."""
    along = corner[:, 0] - corner[:, 1]
    if corner[-1, 0] < outside[0] or corner[0, 1] < outside[1]:
        return None
    start = float(np.interp(outside[0], corner[:, 0], along))
    end = float(np.interp(-outside[1], -corner[:, 1], along))
    return (start, end) if start <= end else None


def _solve(points: ArrayLike, outside: ArrayLike, choose: Callable[[Values, Values, tuple[float, float]], float]) -> Values | None:
    corner, without = _frontier(points), np.asarray(outside, dtype=np.float64)
    ends = _rational_ends(corner, without)
    if ends is None:
        return None
    along = corner[:, 0] - corner[:, 1]
    place = float(np.clip(choose(corner - without, along, ends), *ends))
    return np.array([np.interp(place, along, corner[:, 0]), np.interp(place, along, corner[:, 1])])


def nash_on_frontier(points: ArrayLike, outside: ArrayLike = (0.0, 0.0), weight: float = 0.5) -> Values | None:
    """Return (2,) the utilities with the highest weighted product of gains, None if no point gives both their outside utility.

    points : (m, 2) utilities of a frontier in any order; weight : the first party's power, 0..1. Raises ValueError for other points.

    Source: Nash, "The bargaining problem", Econometrica 18 (1950).

    >>> nash_on_frontier([[0, 1], [1, 0]], outside=(0.5, 0)).tolist()
    [0.75, 0.25]
    """
    if not 0.0 <= weight <= 1.0:
        raise ValueError(f"weight {weight} is not in 0..1; choose one that is")

    def highest(gain: Values, along: Values, ends: tuple[float, float]) -> float:
        rise, fall = np.diff(gain[:, 0]), -np.diff(gain[:, 1])
        still = (weight * rise * gain[:-1, 1] - (1.0 - weight) * fall * gain[:-1, 0]) / (rise * fall)  # share of its piece, at slope 0
        tried = np.clip([*along, *ends, *(along[:-1] + np.clip(still, 0.0, 1.0) * np.diff(along))], *ends)
        first, second = (np.maximum(np.interp(tried, along, gain[:, party]), 0.0) for party in (0, 1))
        return float(tried[np.argmax(first**weight * second ** (1.0 - weight))])

    return _solve(points, outside, highest)


def kalai_smorodinsky_on_frontier(points: ArrayLike, outside: ArrayLike = (0.0, 0.0)) -> Values | None:
    """Return (2,) the utilities with gains in proportion to the highest that each could have, None as for Nash's.

    Source: Kalai and Smorodinsky, "Other solutions to Nash's bargaining problem", Econometrica 43 (1975).

    >>> kalai_smorodinsky_on_frontier([[0, 1], [1, 1 / 2]]).round(6).tolist()
    [0.666667, 0.666667]
    """

    def proportional(gain: Values, along: Values, ends: tuple[float, float]) -> float:
        first, second = float(np.interp(ends[1], along, gain[:, 0])), float(np.interp(ends[0], along, gain[:, 1]))
        return float(np.interp(0.0, gain[:, 0] * second - gain[:, 1] * first, along)) if first + second > 0.0 else ends[0]

    return _solve(points, outside, proportional)


def egalitarian_on_frontier(points: ArrayLike, outside: ArrayLike = (0.0, 0.0)) -> Values | None:
    """Return (2,) the utilities with equal gains, or the frontier's nearest end where none are equal; None as for Nash's.

    Source: Kalai, "Proportional solutions to bargaining situations", Econometrica 45 (1977).

    >>> egalitarian_on_frontier([[0, 3], [1, 0]]).tolist()
    [0.75, 0.75]
    """
    without = np.asarray(outside, dtype=np.float64)
    return _solve(points, without, lambda _gain, _along, _ends: float(without[0] - without[1]))
