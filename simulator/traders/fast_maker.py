"""Fast market making: quotes that follow the price and the imbalance of the touch in every step.

Source: Stoikov, "The micro-price: a high-frequency estimator of future prices", Quantitative Finance 18 (2018), for the fair price;
Menkveld, "High frequency trading and the new market makers", Journal of Financial Markets 16 (2013), for who does this. Most of its
messages move orders, as in stuffing a market with quotes (Egginton, Van Ness and Van Ness, "Quote stuffing", Financial Management 45,
2016), but each says where it now wants to trade.
"""

from __future__ import annotations

from simulator.traders.parameters import at_least, share, whole
from simulator.traders.sizing import price_at_least, price_at_most, whole_lots
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands, cancel, modify, place_limit
from simulator.world.draws import uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.view import View, mid

_ACTIVITY, _HALF_SPREAD, _LEVELS, _SIZE, _SKEW, _RESPONSE, _FRESH = range(7)


def decide(view: View, commands: Commands) -> None:
    """Move all quotes to where they belong now."""
    if uniform(view) >= view.parameters[_ACTIVITY] or view.halted:
        return
    fair, pressure = mid(view), imbalance(view)
    if view.best_bid > 0:
        fair += 0.5 * pressure * max(view.best_ask - view.best_bid, 0)
    reservation = fair - view.parameters[_SKEW] * view.inventory
    bid = price_at_most(view, reservation - view.parameters[_HALF_SPREAD])
    ask = price_at_least(view, reservation + view.parameters[_HALF_SPREAD])
    if view.best_ask > 0:
        bid = max(min(bid, view.best_ask - view.tick_size), view.tick_size)
    ask = max(ask, view.best_bid + view.tick_size)
    change = view.parameters[_RESPONSE] * pressure
    quote(view, commands, BUY, bid, int(view.parameters[_SIZE] * (1.0 + change)))
    quote(view, commands, SELL, ask, int(view.parameters[_SIZE] * (1.0 - change)))


@both_ways
def imbalance(view: View) -> float:
    """Return how much more is bid than offered at the touch, -1 to 1."""
    total = view.bid_size + view.ask_size
    return (view.bid_size - view.ask_size) / total if total > 0 else 0.0


@both_ways
def quote(view: View, commands: Commands, side: int, first: int, size: int) -> None:
    """Have an order of so many lots at each of the prices of a side from `first` on: move those that there are, in order of age."""
    adds = view.inventory if side == BUY else -view.inventory
    free = max((view.position_limit if side == BUY else view.short_limit) - adds, 0)
    tick, levels, level = view.tick_size, int(view.parameters[_LEVELS]), 0
    for row in range(view.open_orders):
        order = view.orders[row]
        if order.side != side:
            continue
        lots = whole_lots(view, min(max(size, view.lot_size), free))
        price = max(first - level * tick, tick) if side == BUY else first + level * tick
        if level >= levels or lots <= 0 or (order.price != price and uniform(view) < view.parameters[_FRESH]):
            cancel(commands, order.order_id)
            continue
        if order.price != price or order.size != lots:
            modify(commands, order.order_id, price, lots)
        free -= lots
        level += 1
    while level < levels:
        lots = whole_lots(view, min(max(size, view.lot_size), free))
        price = max(first - level * tick, tick) if side == BUY else first + level * tick
        if lots > 0:
            place_limit(commands, side, price, lots)
        free -= lots
        level += 1


class FastMaker(Trader):
    """Quotes `levels` bids and offers on neighbouring prices around micro-price - skew x inventory, and moves them in every step.

    The micro-price is the mid plus imbalance x half the spread, imbalance being bid less offered lots at the touch over their sum. Sizes
    follow it, too: size x (1 + response x imbalance) on the bids, with a minus on the offers.

    Parameters
    ----------
    half_spread : distance of the nearest quotes from the reservation price, in ticks.
    levels : orders on each side, one tick size apart.
    size : lots of an order in a balanced market.
    skew : by how much one lot of inventory moves all quotes, in ticks.
    response : how strongly sizes follow the imbalance, 0..1.
    fresh : chance that an order out of place is withdrawn and placed anew instead of moved.
    activity : share of steps in which it acts.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = FastMaker(half_spread=1, levels=1, size=4, response=0.5)
    >>> view, commands = example_view(prices=[100], parameters=trader.parameters, bid_size=15, ask_size=5), Commands()
    >>> trader.act(view, commands)                  # imbalance a half: around 100.5, a quarter more to buy than usual
    >>> [(order.side.name, order.price, order.size) for order in commands.placed()]
    [('BUY', 99, 5), ('SELL', 102, 3)]
    """

    address = compile_trader(decide)

    def __init__(
        self, half_spread: float = 2, levels: int = 2, size: int = 4, skew: float = 0.1, response: float = 0.6, fresh: float = 0.2,
        activity: float = 1,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range."""
        super().__init__((
            share("activity", activity), at_least("half_spread", half_spread, 0), whole("levels", levels, 1, 8), whole("size", size, 1),
            at_least("skew", skew, 0), share("response", response), share("fresh", fresh),
        ))  # fmt: skip

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
