"""Mean reversion: trade back towards a moving average.

Source: the long averages of Brock, Lakonishok and LeBaron, Journal of Finance 47 (1992), traded the other way round for the
reversion that Poterba and Summers found, "Mean reversion in stock prices", Journal of Financial Economics 22 (1988).
"""

from __future__ import annotations

from simulator.traders.parameters import at_least, share, whole
from simulator.traders.sizing import take
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands
from simulator.world.draws import uniform
from simulator.world.jit import compile_trader
from simulator.world.layout import HISTORY
from simulator.world.view import View, mean_mid, mid

_ACTIVITY, _WINDOW, _BAND, _SIZE = range(4)


def decide(view: View, commands: Commands) -> None:
    """Sell above the band around the moving average, buy below it."""
    if uniform(view) >= view.parameters[_ACTIVITY] or view.halted:
        return
    above = mid(view) - mean_mid(view, int(view.parameters[_WINDOW]))
    if above > view.parameters[_BAND]:
        take(view, commands, SELL, int(view.parameters[_SIZE]))
    elif above < -view.parameters[_BAND]:
        take(view, commands, BUY, int(view.parameters[_SIZE]))


class MeanReversion(Trader):
    """Sells above the band around the moving average and buys below it.

    Parameters
    ----------
    window : steps in the moving average of the mid, this step included, 1..255.
    band : half-width of the quiet zone around the average, in ticks.
    size : lots per order.
    activity : share of steps in which it looks at the market.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = MeanReversion(window=3, band=2, size=5)
    >>> view, commands = example_view(prices=[100, 100, 110], parameters=trader.parameters), Commands()
    >>> trader.act(view, commands)                  # average 103.3, mid 110: too dear
    >>> commands.placed()
    [PlaceOrder(kind=<CommandKind.MARKET: 1>, side=<Side.SELL: 1>, size=5, price=None, time_in_force=<TimeInForce.IOC: 1>)]
    """

    address = compile_trader(decide)

    def __init__(self, window: int = 50, band: float = 6, size: int = 5, activity: float = 1) -> None:
        """Configure the strategy. Raises ValueError for numbers out of range."""
        numbers = (share("activity", activity), whole("window", window, 1, HISTORY - 1), at_least("band", band, 0))
        super().__init__((*numbers, whole("size", size, 1)))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
