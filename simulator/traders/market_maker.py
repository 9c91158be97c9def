"""Market making: one bid and one ask around a reservation price that leans against the inventory.

Source: Ho and Stoll, "Optimal dealer pricing under transactions and return uncertainty", Journal of Financial Economics 9 (1981);
Avellaneda and Stoikov, "High-frequency trading in a limit order book", Quantitative Finance 8 (2008): quotes at a fixed distance
around fair value less a constant times the inventory.
"""

from __future__ import annotations

from simulator.traders.parameters import at_least, share, whole
from simulator.traders.quoting import keep_side
from simulator.traders.sizing import free, price_at_least, price_at_most, whole_lots
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands
from simulator.world.draws import uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.view import View, mid

_ACTIVITY, _HALF_SPREAD, _SKEW, _TOLERANCE, _SIZE = range(5)


def decide(view: View, commands: Commands) -> None:
    """Move each quote that is out of place, replace one that is used up, leave the others where they queue."""
    if view.parameters[_ACTIVITY] < 1.0 and uniform(view) >= view.parameters[_ACTIVITY]:
        return
    if view.halted:
        return
    fair = view.signal if view.informed else mid(view)
    reservation = fair - view.parameters[_SKEW] * view.inventory
    bid = price_at_most(view, reservation - view.parameters[_HALF_SPREAD])
    ask = price_at_least(view, reservation + view.parameters[_HALF_SPREAD])
    if view.best_ask > 0:
        bid = max(min(bid, view.best_ask - view.tick_size), view.tick_size)
    ask = max(ask, view.best_bid + view.tick_size)
    quote(view, commands, BUY, bid)
    quote(view, commands, SELL, ask)


@both_ways
def quote(view: View, commands: Commands, side: int, price: int) -> None:
    """Bring the agent's one order of a side to a price and its full size, if it is out of place or less than half is left."""
    full = whole_lots(view, min(int(view.parameters[_SIZE]), free(view, side)))
    keep_side(view, commands, side, price, full, view.parameters[_TOLERANCE])


class MarketMaker(Trader):
    """Quotes reservation price plus and minus half a spread, reservation price = fair price - skew x inventory.

    The fair price is the mid, or the fundamental value for makers that may see it. Quotes are moved only when they are further
    than the tolerance from where they belong, and never placed across the book.

    Parameters
    ----------
    half_spread : distance of each quote from the reservation price, in ticks.
    skew : by how much one lot of inventory moves both quotes, in ticks.
    tolerance : how far a quote may be out of place before it is moved, in ticks.
    size : lots per quote; less when the position limit leaves less.
    activity : share of steps in which it looks at its quotes.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = MarketMaker(half_spread=2, skew=0.1, size=5)
    >>> view, commands = example_view(prices=[100], parameters=trader.parameters, inventory=10), Commands()
    >>> trader.act(view, commands)                  # reservation price 100 - 0.1 x 10 = 99
    >>> [(order.side.name, order.price, order.size) for order in commands.placed()]
    [('BUY', 97, 5), ('SELL', 101, 5)]
    """

    address = compile_trader(decide)

    def __init__(self, half_spread: float = 3, skew: float = 0.15, tolerance: float = 2, size: int = 10, activity: float = 1) -> None:
        """Configure the strategy. Raises ValueError for numbers out of range."""
        numbers = (share("activity", activity), at_least("half_spread", half_spread, 0), at_least("skew", skew, 0))
        super().__init__((*numbers, at_least("tolerance", tolerance, 0), whole("size", size, 1)))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
