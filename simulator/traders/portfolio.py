"""A portfolio of two symbols, held in the proportions that expected returns, variances and their covariance say.

Source: Markowitz, "Portfolio selection", Journal of Finance 7 (1952), without a budget: positions are the inverse of the covariance
matrix times the expected changes, over the aversion to risk. What is expected is that prices return to their mean.
"""

from __future__ import annotations

from typing import Any

from simulator.traders.parameters import at_least, whole
from simulator.traders.sizing import take
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands
from simulator.world.jit import both_ways, compile_trader
from simulator.world.looking import partner_market
from simulator.world.view import View, mean_mid, mid, mid_ago

_WINDOW, _AVERSION, _SIZE, _LAG = range(4)


def decide(view: View, commands: Commands) -> None:
    """Move the position in this symbol by one order towards its part of the portfolio."""
    if view.partner < 0 or view.halted:
        return
    there, window, lag = partner_market(view), int(view.parameters[_WINDOW]), int(view.parameters[_LAG])
    mine, other = covariance(view, view, window, lag), covariance(there, there, window, lag)
    both = covariance(view, there, window, lag)
    determinant = mine * other - both * both
    if determinant <= 1e-9 * mine * other or mine <= 0.0 or other <= 0.0:
        return
    here, away = mean_mid(view, window) - mid(view), mean_mid(there, window) - mid(there)
    target = (other * here - both * away) / (determinant * view.parameters[_AVERSION])
    wanted = int(min(max(target, -view.short_limit), view.position_limit)) - view.inventory
    size = int(view.parameters[_SIZE])
    if abs(wanted) >= size:
        take(view, commands, BUY if wanted > 0 else SELL, size)


@both_ways
def covariance(one: Any, other: Any, window: int, lag: int) -> float:
    """Return the mean product of the changes of two mids over `lag` steps, within the window, in square ticks."""
    total, number = 0.0, 0
    for back in range(0, window - lag, lag):
        total += (mid_ago(one, back) - mid_ago(one, back + lag)) * (mid_ago(other, back) - mid_ago(other, back + lag))
        number += 1
    return total / max(number, 1)


class Portfolio(Trader):
    """Holds in each of two symbols what maximises expected change less half the aversion times the variance.

    Its population needs `linked: true` and two `symbols`.

    Parameters
    ----------
    window : steps over which means and covariances are taken, up to 255.
    aversion : to risk: the higher, the smaller all positions, per square tick x lot.
    size : lots per order; it trades when the position is at least as far from its target.
    lag : steps of a change.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> view, commands = example_view(parameters=Portfolio().parameters), Commands()
    >>> Portfolio().act(view, commands)             # without a partner there is no portfolio
    >>> commands.placed()
    []
    """

    address = compile_trader(decide)

    def __init__(self, window: int = 200, aversion: float = 0.02, size: int = 5, lag: int = 10) -> None:
        """Configure the strategy. Raises ValueError for numbers out of range."""
        numbers = (whole("window", window, 2, 255), at_least("aversion", aversion, 1e-9), whole("size", size, 1))
        super().__init__((*numbers, whole("lag", lag, 1, 254)))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
