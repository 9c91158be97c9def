"""Statistical arbitrage: bet on the return of a price that lies unusually far from its running mean.

Source: the s-score rule of Avellaneda and Lee, "Statistical arbitrage in the US equities market", Quantitative Finance 10 (2010):
open a position beyond 1.25 deviations, close it within 0.5. Mean and variance are exponential averages in the form of
West, "Updating mean and variance estimates", Communications of the ACM 22 (1979).
"""

from __future__ import annotations

from simulator.traders.parameters import at_least, share, whole
from simulator.traders.sizing import take
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands
from simulator.world.draws import uniform
from simulator.world.jit import compile_trader
from simulator.world.view import View, mid

_ACTIVITY, _DECAY, _OPEN, _CLOSE, _SIZE = range(5)
_MEAN, _VARIANCE = range(2)  # of memory; a mean of 0 says that nothing was seen yet


def decide(view: View, commands: Commands) -> None:
    """Sell far above the running mean, buy far below it, go home near it."""
    price = mid(view)
    if view.memory[_MEAN] == 0.0:
        view.memory[_MEAN] = price
    away = price - view.memory[_MEAN]
    variance = view.memory[_VARIANCE]
    decay = view.parameters[_DECAY]
    view.memory[_MEAN] += decay * away
    view.memory[_VARIANCE] = (1.0 - decay) * (variance + decay * away * away)
    if uniform(view) >= view.parameters[_ACTIVITY] or view.halted:
        return
    size = int(view.parameters[_SIZE])
    if away * away > view.parameters[_OPEN] * view.parameters[_OPEN] * variance:
        take(view, commands, SELL if away > 0.0 else BUY, size)
    elif view.inventory != 0 and away * away < view.parameters[_CLOSE] * view.parameters[_CLOSE] * variance:
        take(view, commands, SELL if view.inventory > 0 else BUY, min(size, abs(view.inventory)))


class StatisticalArbitrage(Trader):
    """Opens against a deviation of `open_score` standard deviations from the running mean and closes within `close_score`.

    Parameters
    ----------
    decay : weight of the newest price in mean and variance, in 0..1; 0.02 remembers about 50 steps.
    open_score : deviation at which it opens, in standard deviations.
    close_score : deviation within which it closes, in standard deviations.
    size : lots per order.
    activity : share of steps in which it may trade.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = StatisticalArbitrage(decay=0.5, size=5)
    >>> view, commands = example_view(prices=[100], parameters=trader.parameters), Commands()
    >>> trader.act(view, commands)                  # the first price is the mean
    >>> view.market["mid_twice"] = 220              # 110, ten ticks above it
    >>> trader.act(view, commands)
    >>> commands.placed()
    [PlaceOrder(kind=<CommandKind.MARKET: 1>, side=<Side.SELL: 1>, size=5, price=None, time_in_force=<TimeInForce.IOC: 1>)]
    """

    address = compile_trader(decide)
    memory_words = 2

    def __init__(self, decay: float = 0.02, open_score: float = 1.25, close_score: float = 0.5, size: int = 5, activity: float = 1) -> None:
        """Configure the strategy. Raises ValueError for numbers out of range, or if it would close before it opens."""
        if close_score >= open_score:
            raise ValueError(f"close_score {close_score} must lie below open_score {open_score}; it would close what it opens")
        numbers = (share("activity", activity), share("decay", decay), at_least("open_score", open_score, 0))
        super().__init__((*numbers, at_least("close_score", close_score, 0), whole("size", size, 1)))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
