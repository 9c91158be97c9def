"""Breakout trading: into the market at once when the price leaves its range, and out of it at once when a stop or a target is reached.

Source: the channel rule of Donchian, "High finance in copper", Financial Analysts Journal 16 (1960), for the entry; Osler, "Stop-loss
orders and price cascades in currency markets", Journal of International Money and Finance 24 (2005), and Kaminski and Lo, "When do
stop-loss rules stop losses?", Journal of Financial Markets 18 (2014), for the exit. It takes in a burst with the trend and gives back
in another, as momentum ignition does, but it follows a move that others made.
"""

from __future__ import annotations

from simulator.traders.parameters import at_least, share, whole
from simulator.traders.quoting import keep_one, withdraw_all
from simulator.traders.sizing import take
from simulator.traders.trader import Trader
from simulator.traders.trading_range import left_range
from simulator.world.commands import BUY, SELL, Commands
from simulator.world.draws import randint, uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.layout import HISTORY
from simulator.world.view import View, mid

_ACTIVITY, _WINDOW, _BAND, _BELIEF, _POSITION, _SIZE, _STOP, _TARGET, _HOLD, _OFFERS = range(10)
_PHASE, _LEFT, _ENTRY, _BEST, _UNTIL = range(5)  # words of memory; LEFT is signed
_LOOKING, _ENTERING, _HOLDING, _LEAVING = range(4)


def decide(view: View, commands: Commands) -> None:
    """Look for a break, take a position, hold it, and leave."""
    if view.halted or uniform(view) >= view.parameters[_ACTIVITY]:
        return
    phase = view.memory[_PHASE]
    if phase == _LOOKING:
        side = left_range(view, 1, int(view.parameters[_WINDOW]), view.parameters[_BAND])
        if side != 0 and uniform(view) < view.parameters[_BELIEF]:
            believe(view, side)
    if view.memory[_PHASE] == _ENTERING:
        enter(view, commands)
    elif phase == _HOLDING:
        hold(view, commands)
    elif phase == _LEAVING:
        leave(view, commands)


@both_ways
def believe(view: View, side: int) -> None:
    """Decide how much to take: half of the position to all of it."""
    most = int(view.parameters[_POSITION])
    view.memory[_PHASE] = _ENTERING
    view.memory[_LEFT] = side * randint(view, most - most // 2, most + 1) * view.lot_size
    view.memory[_ENTRY] = view.memory[_BEST] = mid(view)


@both_ways
def enter(view: View, commands: Commands) -> None:
    """Take the next piece."""
    left = int(view.memory[_LEFT])
    lots = min(abs(left), int(view.parameters[_SIZE]) * view.lot_size)
    take(view, commands, BUY if left > 0 else SELL, lots)
    view.memory[_LEFT] = left - lots if left > 0 else left + lots
    if view.memory[_LEFT] == 0.0:
        view.memory[_PHASE], view.memory[_UNTIL] = _HOLDING, view.step + int(view.parameters[_HOLD])


@both_ways
def hold(view: View, commands: Commands) -> None:
    """Let the stop follow the best price; leave when it is reached, or the target, or when time is up."""
    sign = 1.0 if view.inventory > 0 else -1.0
    view.memory[_BEST] = max(sign * view.memory[_BEST], sign * mid(view)) * sign
    lost = sign * (view.memory[_BEST] - mid(view))
    won = sign * (mid(view) - view.memory[_ENTRY])
    if view.inventory == 0:
        view.memory[_PHASE] = _LOOKING
        withdraw_all(view, commands)
    elif lost >= view.parameters[_STOP] or view.step >= view.memory[_UNTIL]:
        view.memory[_PHASE] = _LEAVING
        leave(view, commands)
    elif won >= view.parameters[_TARGET]:
        if view.parameters[_OFFERS] > 0.0:
            offer(view, commands)
        else:
            view.memory[_PHASE] = _LEAVING
            leave(view, commands)


@both_ways
def offer(view: View, commands: Commands) -> None:
    """Take the profit by an order at the best price of its side."""
    if view.inventory > 0 and view.best_ask > 0:
        keep_one(view, commands, SELL, view.best_ask, view.inventory)
    elif view.inventory < 0 and view.best_bid > 0:
        keep_one(view, commands, BUY, view.best_bid, -view.inventory)


@both_ways
def leave(view: View, commands: Commands) -> None:
    """Give back the next piece at the market."""
    withdraw_all(view, commands)
    left = int(view.inventory)
    if abs(left) < view.lot_size:
        view.memory[_PHASE] = _LOOKING
    else:
        take(view, commands, SELL if left > 0 else BUY, min(abs(left), int(view.parameters[_SIZE]) * view.lot_size))


class BreakoutTrader(Trader):
    """Buys in a burst when the mid rises above the range of past ones, and sells in another when a stop or a target is reached.

    After a fall it does the reverse.

    Parameters
    ----------
    window : steps of the range, 1..255.
    band : ticks beyond the range that make a break.
    belief : chance that it acts on a break that it sees.
    position : most lot sizes that it takes; half of them to all.
    size : most lot sizes of an order.
    stop : ticks behind the best price since the entry at which it leaves.
    target : ticks from the entry at which it takes its profit.
    hold : most steps that it holds on.
    offers : 1 where it takes a profit by an order that rests at the best price, 0 where it does so at the market.
    activity : share of steps in which it acts.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = BreakoutTrader(window=3, band=1, belief=1, position=1, size=4)
    >>> view = example_view(prices=[100, 101, 99, 103], parameters=trader.parameters)
    >>> trader.act(view, commands := Commands())    # two ticks above the highest of the three before
    >>> [(order.side.name, order.size) for order in commands.placed()]
    [('BUY', 1)]
    """

    address = compile_trader(decide)
    memory_words = 5

    def __init__(
        self, window: int = 60, band: float = 1, belief: float = 0.1, position: int = 30, size: int = 8, stop: float = 4,
        target: float = 12, hold: int = 200, offers: int = 0, activity: float = 1,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range."""
        super().__init__((
            share("activity", activity), whole("window", window, 1, HISTORY - 1), at_least("band", band, 0), share("belief", belief),
            whole("position", position, 1), whole("size", size, 1), at_least("stop", stop, 0), at_least("target", target, 0),
            whole("hold", hold, 1), whole("offers", offers, 0, 1),
        ))  # fmt: skip

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
