"""Layered market making: several bids and several offers behind each other, which lean against the inventory in price and in size.

Source: Avellaneda and Stoikov, "High-frequency trading in a limit order book", Quantitative Finance 8 (2008), for the prices; Gueant,
Lehalle and Fernandez-Tapia, "Dealing with the inventory risk", Mathematics and Financial Economics 7 (2013), for the end of one side
where the inventory has reached its bound. Every order is meant to trade: that several levels come and go together is layering only
where they are not (FINRA rule 5210, supplementary material .03).
"""

from __future__ import annotations

from simulator.traders.parameters import at_least, share, whole
from simulator.traders.sizing import price_at_least, price_at_most, whole_lots
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands, cancel, place_limit
from simulator.world.draws import uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.view import View, mid

_ACTIVITY, _HALF_SPREAD, _STEP, _LEVELS, _SIZE, _GROWTH, _SKEW, _BOUND, _TOLERANCE = range(9)


def decide(view: View, commands: Commands) -> None:
    """Lay both ladders where the reservation price says, as far as they do not lie there already."""
    if uniform(view) >= view.parameters[_ACTIVITY] or view.halted:
        return
    fair = view.signal if view.informed else mid(view)
    reservation = fair - view.parameters[_SKEW] * view.inventory
    bid = price_at_most(view, reservation - view.parameters[_HALF_SPREAD])
    ask = price_at_least(view, reservation + view.parameters[_HALF_SPREAD])
    if view.best_ask > 0:
        bid = max(min(bid, view.best_ask - view.tick_size), view.tick_size)
    ask = max(ask, view.best_bid + view.tick_size)
    lay(view, commands, BUY, bid)
    lay(view, commands, SELL, ask)


@both_ways
def lay(view: View, commands: Commands, side: int, first: int) -> None:
    """Withdraw the orders of a side that are out of place, and fill the levels from the price `first` on that have none."""
    gap, levels = int(view.parameters[_STEP]) * view.tick_size, int(view.parameters[_LEVELS])
    taken = 0  # a bit for each level that has its order
    for row in range(view.open_orders):
        order = view.orders[row]
        if order.side != side:
            continue
        away = first - order.price if side == BUY else order.price - first
        level = min(max((away + gap // 2) // gap, 0), levels - 1)
        lots = lots_at(view, side, level)
        fits = abs(away - level * gap) <= view.parameters[_TOLERANCE] and lots <= order.size * 2 and order.size <= lots
        if fits and (taken >> level) % 2 == 0:
            taken += 1 << level
        else:
            cancel(commands, order.order_id)
    for level in range(levels):
        lots = lots_at(view, side, level)
        if (taken >> level) % 2 == 0 and lots > 0:
            price = max(first - level * gap, view.tick_size) if side == BUY else first + level * gap
            place_limit(commands, side, price, lots)


@both_ways
def lots_at(view: View, side: int, level: int) -> int:
    """Return the lots of a level: more where they work the inventory off, fewer where they add to it, within the position limit."""
    adds = view.inventory if side == BUY else -view.inventory
    free = max((view.position_limit if side == BUY else view.short_limit) - adds, 0)
    lots = view.parameters[_SIZE] * min(max(1.0 - adds / view.parameters[_BOUND], 0.0), 2.0)
    for _ in range(level):
        free -= whole_lots(view, min(int(lots), free))
        lots *= view.parameters[_GROWTH]
    return whole_lots(view, min(int(lots), free))


class LayeredMaker(Trader):
    """Quotes `levels` bids and offers around fair price - skew x inventory, the nearest half a spread away.

    The fair price is the mid, or the fundamental value for makers that may see it. Sizes are multiplied by 1 - inventory / bound on the
    bids and 1 + inventory / bound on the offers, within 0..2. An order stays where it queues while it is near a level and fits it.

    Parameters
    ----------
    half_spread : distance of the nearest quotes from the reservation price, in ticks.
    step : tick sizes from one level to the next.
    levels : orders on each side, 1..5.
    size : lots of the nearest level without inventory.
    growth : how many times as many lots each next level has; below 1 they shrink.
    skew : by how much one lot of inventory moves all quotes, in ticks.
    bound : lots of inventory with which the side that would add to it is empty and the other one twice as large.
    tolerance : how far a quote may be out of place before it is withdrawn and placed anew, in ticks.
    activity : share of steps in which it looks at its quotes.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = LayeredMaker(half_spread=2, step=2, levels=2, size=4, growth=1.5, skew=0.1, bound=20)
    >>> view, commands = example_view(prices=[100], parameters=trader.parameters, inventory=10), Commands()
    >>> trader.act(view, commands)                  # long: around 99, half as much to buy, half as much again to sell
    >>> [(order.side.name, order.price, order.size) for order in commands.placed()]
    [('BUY', 97, 2), ('BUY', 95, 3), ('SELL', 101, 6), ('SELL', 103, 9)]
    """

    address = compile_trader(decide)

    def __init__(
        self, half_spread: float = 2.5, step: int = 2, levels: int = 4, size: int = 5, growth: float = 1.3, skew: float = 0.12,
        bound: float = 60, tolerance: float = 1, activity: float = 1,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range."""
        super().__init__((
            share("activity", activity), at_least("half_spread", half_spread, 0), whole("step", step, 1), whole("levels", levels, 1, 5),
            whole("size", size, 1), at_least("growth", growth, 0), at_least("skew", skew, 0), at_least("bound", bound, 1),
            at_least("tolerance", tolerance, 0),
        ))  # fmt: skip

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
