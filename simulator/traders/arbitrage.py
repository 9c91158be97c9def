"""Arbitrage against the fundamental value: take what the book offers below it, sell what the book bids above it.

Source: the fundamentalists of Chiarella and Iori, "A simulation analysis of the microstructure of double auction markets",
Quantitative Finance 2 (2002); the value is corrected for inventory as in Ho and Stoll, Journal of Financial Economics 9 (1981).
"""

from __future__ import annotations

from simulator.traders.parameters import at_least, share, whole
from simulator.traders.sizing import affordable, price_at_least, price_at_most, take
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands, cancel, place_limit
from simulator.world.draws import uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.view import View, mid

_ACTIVITY, _THRESHOLD, _AVERSION, _SIZE = range(4)


def decide(view: View, commands: Commands) -> None:
    """Take the touch when it lies further than the threshold on the wrong side of the reservation value."""
    if uniform(view) >= view.parameters[_ACTIVITY] or view.halted or not view.informed:
        return
    value = view.signal - view.parameters[_AVERSION] * view.inventory
    threshold, size = view.parameters[_THRESHOLD], int(view.parameters[_SIZE])
    if view.in_call:
        bid_for_value(view, commands, value, threshold, size)
    elif view.open_orders > 0:
        cancel(commands, view.orders[0].order_id)
    elif view.best_ask > 0 and value - view.best_ask > threshold:
        take(view, commands, BUY, min(size, view.ask_size))
    elif view.best_bid > 0 and view.best_bid - value > threshold:
        take(view, commands, SELL, min(size, view.bid_size))


@both_ways
def bid_for_value(view: View, commands: Commands, value: float, threshold: float, size: int) -> None:
    """In a call auction, leave one order at the worst price that is still worth a trade, on the side of the value."""
    side = BUY if value > mid(view) else SELL
    lots = affordable(view, side, size)
    if view.open_orders == 0 and lots > 0:
        price = price_at_most(view, value - threshold) if side == BUY else price_at_least(view, value + threshold)
        place_limit(commands, side, price, lots)


class Arbitrage(Trader):
    """Trades with market orders on the deviation of the book from the fundamental value, which it must be allowed to see.

    In a call auction it leaves an order near its reservation value instead, and withdraws what the auction leaves of it.

    Its reservation value is the fundamental value less `aversion` for each lot that it holds, so that it leaves a position as
    soon as somebody pays for it.

    Parameters
    ----------
    threshold : smallest deviation of the best price from the reservation value that is worth a trade, in ticks.
    aversion : by how much one lot of inventory moves the reservation value, in ticks.
    size : most lots per order; never more than the best price holds.
    activity : share of steps in which it looks at the market.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = Arbitrage(threshold=3, aversion=0, size=5)
    >>> view = example_view(prices=[100], parameters=trader.parameters, signal=105.0, informed=1)
    >>> commands = Commands()
    >>> trader.act(view, commands)                  # offered at 101, worth 105
    >>> commands.placed()
    [PlaceOrder(kind=<CommandKind.MARKET: 1>, side=<Side.BUY: 0>, size=5, price=None, time_in_force=<TimeInForce.IOC: 1>)]
    """

    address = compile_trader(decide)

    def __init__(self, threshold: float = 1, aversion: float = 0.02, size: int = 5, activity: float = 1) -> None:
        """Configure the strategy. Raises ValueError for numbers out of range."""
        numbers = (share("activity", activity), at_least("threshold", threshold, 0), at_least("aversion", aversion, 0))
        super().__init__((*numbers, whole("size", size, 1)))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
