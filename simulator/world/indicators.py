"""Technical indicators on what a view remembers (255 steps of the mid), for strategies and learners, in Python and compiled.

Sources: Wilder, "New concepts in technical trading systems" (1978), for the relative strength index, with plain sums; Bollinger,
"Bollinger on Bollinger bands" (2002); Appel, "Technical analysis" (2005), for convergence and divergence, with plain means in place of
exponential ones.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

from simulator.world.jit import both_ways
from simulator.world.view import mean_mid, mid, mid_ago


@both_ways
def rsi(view: Any, window: int) -> float:
    """Return the relative strength index in 0..100: what the mid gained, of all that it moved in the window; 50 if it stood still."""
    gained, moved = 0.0, 0.0
    for back in range(window):
        change = mid_ago(view, back) - mid_ago(view, back + 1)
        gained += max(change, 0.0)
        moved += abs(change)
    return 100.0 * gained / moved if moved > 0.0 else 50.0


@both_ways
def deviation(view: Any, window: int) -> float:
    """Return the standard deviation of the mid over the window, in ticks."""
    mean, squares = mean_mid(view, window), 0.0
    for back in range(window):
        away = mid_ago(view, back) - mean
        squares += away * away
    return sqrt(squares / window)


@both_ways
def bollinger(view: Any, window: int, width: float = 2.0) -> float:
    """Return where the mid lies in its band: 0 at the mean, 1 at `width` deviations above it, -1 as far below; 0 if it stood still."""
    band = width * deviation(view, window)
    return (mid(view) - mean_mid(view, window)) / band if band > 0.0 else 0.0


@both_ways
def macd(view: Any, fast: int, slow: int) -> float:
    """Return the mean mid of the last `fast` steps less that of the last `slow` ones, in ticks: above 0 where the price rises."""
    return mean_mid(view, fast) - mean_mid(view, slow)


@both_ways
def volatility(view: Any, window: int) -> float:
    """Return the root mean square of the mid's changes from step to step over the window, in ticks."""
    squares = 0.0
    for back in range(window):
        change = mid_ago(view, back) - mid_ago(view, back + 1)
        squares += change * change
    return sqrt(squares / window)
