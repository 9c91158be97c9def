"""Trend following by momentum: buy what rose, sell what fell.

Source: time-series momentum, Moskowitz, Ooi and Pedersen, "Time series momentum", Journal of Financial Economics 104 (2012).
"""

from __future__ import annotations

from simulator.traders.parameters import at_least, share, whole
from simulator.traders.sizing import take
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands
from simulator.world.draws import uniform
from simulator.world.jit import compile_trader
from simulator.world.layout import HISTORY
from simulator.world.view import View, mid, mid_ago

_ACTIVITY, _WINDOW, _THRESHOLD, _SIZE = range(4)


def decide(view: View, commands: Commands) -> None:
    """Trade in the direction of the move over the window when it is larger than the threshold."""
    if uniform(view) >= view.parameters[_ACTIVITY] or view.halted:
        return
    move = mid(view) - mid_ago(view, int(view.parameters[_WINDOW]))
    if move > view.parameters[_THRESHOLD]:
        take(view, commands, BUY, int(view.parameters[_SIZE]))
    elif move < -view.parameters[_THRESHOLD]:
        take(view, commands, SELL, int(view.parameters[_SIZE]))


class TrendMomentum(Trader):
    """Buys at the market after a rise over the window, sells after a fall, holds in between.

    Parameters
    ----------
    window : steps over which the move is measured, 1..255.
    threshold : smallest move that counts, in ticks.
    size : lots per order.
    activity : share of steps in which it looks at the market.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = TrendMomentum(window=2, threshold=5, size=4)
    >>> view, commands = example_view(prices=[100, 103, 110], parameters=trader.parameters), Commands()
    >>> trader.act(view, commands)                  # 10 ticks up in two steps
    >>> commands.placed()
    [PlaceOrder(kind=<CommandKind.MARKET: 1>, side=<Side.BUY: 0>, size=4, price=None, time_in_force=<TimeInForce.IOC: 1>)]
    """

    address = compile_trader(decide)

    def __init__(self, window: int = 10, threshold: float = 4, size: int = 5, activity: float = 1) -> None:
        """Configure the strategy. Raises ValueError for numbers out of range."""
        numbers = (share("activity", activity), whole("window", window, 1, HISTORY - 1), at_least("threshold", threshold, 0))
        super().__init__((*numbers, whole("size", size, 1)))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
