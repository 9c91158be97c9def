"""Swing trading: a position built when the price leaves the range that it kept to, held for long, and sold again.

Source: the trading-range break of Brock, Lakonishok and LeBaron, "Simple technical trading rules and the stochastic properties of stock
returns", Journal of Finance 47 (1992), with a position that is held for a time of its own. What it says, if anything, is the position
that it wants itself, and it says so only while it holds on to it: an opinion is abusive where the speaker profits from it and does not
disclose the position (Regulation (EU) 596/2014, article 12(2)(d)).
"""

from __future__ import annotations

from simulator.traders.momentum import SENTIMENT
from simulator.traders.parameters import at_least, share, whole
from simulator.traders.quoting import withdraw_all
from simulator.traders.sizing import take
from simulator.traders.trader import Trader
from simulator.traders.trading_range import left_range
from simulator.world.commands import BUY, EVERYBODY, SELL, Commands, message
from simulator.world.draws import randint, uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.layout import HISTORY
from simulator.world.view import View, mid

_ACTIVITY, _WINDOW, _BAND, _BELIEF, _POSITION, _SIZE, _HOLD, _STOP, _TALK = range(9)
_PHASE, _TARGET, _UNTIL, _SEEN = range(4)  # words of memory
_IDLE, _BELIEVING, _LEAVING = range(3)


def decide(view: View, commands: Commands) -> None:
    """Look for a break, hold a position while it believes in one, and leave it afterwards."""
    if uniform(view) >= view.parameters[_ACTIVITY] or view.halted:
        return
    withdraw_all(view, commands)  # what a call auction left
    if view.memory[_PHASE] == _IDLE:
        window = int(view.parameters[_WINDOW])
        side = left_range(view, window // 5 + 1, window, view.parameters[_BAND])  # the move itself may take the last fifth
        if side != 0 and uniform(view) < view.parameters[_BELIEF]:
            believe(view, side)
    if view.memory[_PHASE] == _BELIEVING:
        target = int(view.memory[_TARGET])
        against = mid(view) - view.memory[_SEEN] if target < 0 else view.memory[_SEEN] - mid(view)
        if view.step >= view.memory[_UNTIL] or against > view.parameters[_STOP]:
            view.memory[_PHASE] = _LEAVING
        else:
            approach(view, commands, target)
            if uniform(view) < view.parameters[_TALK]:
                message(commands, EVERYBODY, SENTIMENT, target)
    if view.memory[_PHASE] == _LEAVING:
        approach(view, commands, 0)
        if abs(view.inventory) < view.lot_size:
            view.memory[_PHASE] = _IDLE


@both_ways
def believe(view: View, side: int) -> None:
    """Decide on a position, and for how long to hold it: half to one and a half times as long as usual."""
    hold = int(view.parameters[_HOLD])
    view.memory[_PHASE] = _BELIEVING
    view.memory[_TARGET] = side * int(view.parameters[_POSITION]) * view.lot_size
    view.memory[_UNTIL] = view.step + randint(view, hold - hold // 2, hold + hold // 2 + 1)
    view.memory[_SEEN] = mid(view)


@both_ways
def approach(view: View, commands: Commands, target: int) -> None:
    """Move the inventory by one market order towards a target."""
    left = target - view.inventory
    take(view, commands, BUY if left > 0 else SELL, min(abs(left), int(view.parameters[_SIZE]) * view.lot_size))


class SwingTrader(Trader):
    """Buys over many steps after a break above the range of past mids, holds, sells over many steps; the other way round after a fall.

    Parameters
    ----------
    window : steps in which it looks for a break, 1..255; those before the last fifth make the range.
    band : ticks beyond the range that make a break.
    belief : chance that it acts on a break that it sees.
    position : lot sizes that it wants to hold.
    size : most lot sizes per order.
    hold : usual steps from the break to the sale.
    stop : ticks against it with which it leaves at once.
    talk : chance, whenever it acts while it believes, to tell everybody: a message on topic 0, sentiment, with the position it wants.
    activity : share of steps in which it acts.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = SwingTrader(window=3, band=2, belief=1, position=40, size=3, talk=1, activity=1)
    >>> view, commands = example_view(prices=[100, 101, 99, 104], parameters=trader.parameters), Commands()
    >>> trader.act(view, commands)                  # three ticks above the highest of those before
    >>> for command in commands.placed():
    ...     print(command)
    PlaceOrder(kind=<CommandKind.MARKET: 1>, side=<Side.BUY: 0>, size=3, price=None, time_in_force=<TimeInForce.IOC: 1>)
    SendMessage(receiver=-1, topic=0, value=40, kind=0)
    """

    address = compile_trader(decide)
    memory_words = 4

    def __init__(
        self, window: int = 200, band: float = 3, belief: float = 0.02, position: int = 40, size: int = 2, hold: int = 400,
        stop: float = 20, talk: float = 0, activity: float = 0.2,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range."""
        super().__init__((
            share("activity", activity), whole("window", window, 1, HISTORY - 1), at_least("band", band, 0), share("belief", belief),
            whole("position", position, 1), whole("size", size, 1), whole("hold", hold, 1), at_least("stop", stop, 0), share("talk", talk),
        ))  # fmt: skip

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
