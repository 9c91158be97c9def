"""Momentum with a target position: hold more, the steadier the price has moved one way.

Source: the trend followers of Majewski, Ciliberti and Bouchaud, "Co-existence of trend and value in financial markets",
Journal of Economic Dynamics and Control 112 (2020): an exponential average of price changes, and a demand that saturates in it.
Their hyperbolic tangent is x / (1 + |x|) here, which has its slope and limits and is exact on every platform.
"""

from __future__ import annotations

from simulator.traders.parameters import at_least, share, whole
from simulator.traders.sizing import take
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, EVERYBODY, SELL, Commands, message
from simulator.world.draws import uniform
from simulator.world.jit import compile_trader
from simulator.world.view import View, mid, mid_ago

_ACTIVITY, _DECAY, _GAIN, _LIMIT, _SIZE, _TALK = range(6)
SENTIMENT = 0  # topic of its messages


def decide(view: View, commands: Commands) -> None:
    """Update the average change, and now and then move the inventory by one order towards its target and say so."""
    change = mid(view) - mid_ago(view, 1)
    trend = view.memory[0] + view.parameters[_DECAY] * (change - view.memory[0])
    view.memory[0] = trend
    if uniform(view) >= view.parameters[_ACTIVITY] or view.halted:
        return
    pull = view.parameters[_GAIN] * trend
    wanted = int(view.parameters[_LIMIT] * pull / (1.0 + abs(pull))) - view.inventory
    size = int(view.parameters[_SIZE])
    if abs(wanted) < size:
        return
    take(view, commands, BUY if wanted > 0 else SELL, size)
    if uniform(view) < view.parameters[_TALK]:
        message(commands, EVERYBODY, SENTIMENT, wanted)


class Momentum(Trader):
    """Holds `limit` x s(gain x average change), s(x) = x / (1 + |x|), and trades towards it one order at a time.

    Parameters
    ----------
    decay : weight of the newest change in the average, in 0..1; 0.05 remembers about 20 steps.
    gain : how strongly it believes in the trend: its target is half the limit at an average change of 1 / gain ticks per step.
    limit : largest target, in lots.
    size : lots per order; it trades when the inventory is at least as far from the target.
    talk : share of its orders of which it tells everybody: a message on topic 0, sentiment, with the lots it still wants.
    activity : share of steps in which it may trade.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = Momentum(decay=1, gain=1, limit=20, size=5)
    >>> view, commands = example_view(prices=[100, 103], parameters=trader.parameters), Commands()
    >>> trader.act(view, commands)                  # average change 3: target 20 x 3 / 4 = 15 lots
    >>> commands.placed()
    [PlaceOrder(kind=<CommandKind.MARKET: 1>, side=<Side.BUY: 0>, size=5, price=None, time_in_force=<TimeInForce.IOC: 1>)]
    """

    address = compile_trader(decide)
    memory_words = 1

    def __init__(self, decay: float = 0.05, gain: float = 2, limit: int = 40, size: int = 5, talk: float = 0, activity: float = 1) -> None:
        """Configure the strategy. Raises ValueError for numbers out of range."""
        numbers = (share("activity", activity), share("decay", decay), at_least("gain", gain, 0))
        super().__init__((*numbers, whole("limit", limit, 0), whole("size", size, 1), share("talk", talk)))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
