"""Order splitting: a large order, worked off in small pieces, so that the signs of trades remember for long.

Source: Lillo, Mike and Farmer, "Theory for long memory in supply and demand", Physical Review E 71 (2005): hidden orders whose sizes
follow a power law, traded piece by piece. Sizes double with a fixed chance here, which gives the power law in whole numbers.
"""

from __future__ import annotations

from simulator.traders.parameters import share, whole
from simulator.traders.sizing import take
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands
from simulator.world.draws import uniform
from simulator.world.jit import compile_trader
from simulator.world.view import View

_ACTIVITY, _START, _DOUBLING, _SIZE, _PIECES = range(5)


def decide(view: View, commands: Commands) -> None:
    """Trade one piece of the order at hand, or of a new one."""
    if uniform(view) >= view.parameters[_ACTIVITY] or view.halted:
        return
    left = int(view.memory[0])
    if left == 0:
        if uniform(view) >= view.parameters[_START]:
            return
        left = 1
        while left < int(view.parameters[_PIECES]) and uniform(view) < view.parameters[_DOUBLING]:
            left *= 2
        if uniform(view) < 0.5:
            left = -left
    size = int(view.parameters[_SIZE])
    if left > 0:
        take(view, commands, BUY, size)
        view.memory[0] = left - 1
    else:
        take(view, commands, SELL, size)
        view.memory[0] = left + 1


class Splitter(Trader):
    """Now and then decides on a large order, and trades it in market orders of one size.

    Parameters
    ----------
    start : chance to begin an order when it acts and has none.
    doubling : chance that an order is twice as large, drawn again and again; 0.35 makes sizes rare with exponent 1.5.
    size : lots of a piece.
    pieces : most pieces of an order.
    activity : share of steps in which it acts.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = Splitter(start=1, doubling=0, size=3)
    >>> view, commands = example_view(prices=[100], parameters=trader.parameters), Commands()
    >>> trader.act(view, commands)
    >>> [order.size for order in commands.placed()]
    [3]
    """

    address = compile_trader(decide)
    memory_words = 1

    def __init__(self, start: float = 0.1, doubling: float = 0.35, size: int = 2, pieces: int = 1024, activity: float = 1) -> None:
        """Configure the strategy. Raises ValueError for numbers out of range."""
        chances = (share("activity", activity), share("start", start), share("doubling", doubling))
        super().__init__((*chances, whole("size", size, 1), whole("pieces", pieces, 1)))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
