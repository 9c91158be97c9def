"""The range that the mid kept to, and whether it has left it."""

from __future__ import annotations

from simulator.world.jit import both_ways
from simulator.world.view import View, mid, mid_ago


@both_ways
def left_range(view: View, nearest: int, furthest: int, band: float) -> int:
    """Return 1 where the mid is above all mids from `nearest` to `furthest` steps ago by more than the band, -1 below them, 0 within.

    It is also 0 in steps that have no such past.
    """
    if view.step < furthest:
        return 0
    low = high = mid_ago(view, furthest)
    for ago in range(nearest, furthest):
        low = min(low, mid_ago(view, ago))
        high = max(high, mid_ago(view, ago))
    if mid(view) > high + band:
        return 1
    return -1 if mid(view) < low - band else 0
