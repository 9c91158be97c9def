"""Trading on what others say: buys what is praised in broadcasts, sells what is run down, for as long as it believes it.

Source: Antweiler and Frank, "Is all that talk just noise? The information content of internet stock message boards", Journal of Finance
59 (2004), for trading that follows messages; Hong, Kubik and Stein, "Thy neighbor's portfolio", Journal of Finance 60 (2005), for word of
mouth among investors.
"""

from __future__ import annotations

from simulator.traders.parameters import share, whole
from simulator.traders.sizing import take
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands
from simulator.world.draws import uniform
from simulator.world.jit import compile_trader
from simulator.world.view import View

_ACTIVITY, _BELIEF, _SIZE, _TOPIC, _HOLD = range(5)
_HEARD, _LEFT = range(2)


def decide(view: View, commands: Commands) -> None:
    """Listen; follow a message with some chance; give the position up a step at a time once nobody repeats it."""
    if view.halted or uniform(view) >= view.parameters[_ACTIVITY]:
        return
    size = int(view.parameters[_SIZE]) * view.lot_size
    news = view.broadcasts > int(view.memory[_HEARD]) and view.broadcast_topic == int(view.parameters[_TOPIC])
    view.memory[_HEARD] = view.broadcasts
    if news and view.broadcast_value != 0:
        view.memory[_LEFT] = view.parameters[_HOLD]
        if uniform(view) < view.parameters[_BELIEF]:
            take(view, commands, BUY if view.broadcast_value > 0 else SELL, size)
    elif view.memory[_LEFT] > 0.0:
        view.memory[_LEFT] -= 1.0
    elif view.inventory > 0:
        take(view, commands, SELL, min(size, view.inventory))
    elif view.inventory < 0:
        take(view, commands, BUY, min(size, -view.inventory))


class SentimentTrader(Trader):
    """Buys after a broadcast with a positive value and sells after one with a negative value; later works off what it holds.

    Parameters
    ----------
    belief : chance to act on a message that it hears.
    size : lots of an order, in lot sizes.
    topic : of the messages that it listens to.
    hold : steps in which it acts, after the last message, until it gives up its position.
    activity : share of steps in which it listens and acts.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = SentimentTrader(belief=1, size=3, activity=1)
    >>> view, commands = example_view(parameters=trader.parameters, broadcasts=1, broadcast_topic=0, broadcast_value=8), Commands()
    >>> trader.act(view, commands)
    >>> [(order.side.name, order.size) for order in commands.placed()]
    [('BUY', 3)]
    """

    address = compile_trader(decide)
    memory_words = 2

    def __init__(self, belief: float = 0.3, size: int = 3, topic: int = 0, hold: int = 50, activity: float = 0.3) -> None:
        """Configure the strategy. Raises ValueError for numbers out of range."""
        chances = (share("activity", activity), share("belief", belief))
        super().__init__((*chances, whole("size", size, 1), whole("topic", topic, 0), whole("hold", hold, 0)))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
