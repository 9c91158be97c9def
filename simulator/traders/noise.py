"""Noise: trades for reasons of its own, and so provides liquidity and disturbs the price.

Source: Black, "Noise", Journal of Finance 41 (1986); the flow of limit orders, market orders and withdrawals at fixed rates is
that of Farmer, Patelli and Zovko, "The predictive power of zero intelligence in financial markets", PNAS 102 (2005).
"""

from __future__ import annotations

from simulator.traders.parameters import share, whole
from simulator.traders.sizing import affordable, price_at_least, price_at_most, take
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands, cancel, place_limit
from simulator.world.draws import randint, uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.view import View, mid

_ACTIVITY, _BUY, _BUY_OR_SELL, _MARKET, _DEPTH, _SIZE, _ORDERS = range(7)


def decide(view: View, commands: Commands) -> None:
    """Buy, sell, or withdraw the oldest order, as one draw says."""
    draw = uniform(view)
    if draw >= view.parameters[_ACTIVITY] or view.halted:
        return
    coin = draw / view.parameters[_ACTIVITY]
    if coin >= view.parameters[_BUY_OR_SELL] or view.open_orders >= view.parameters[_ORDERS]:
        if view.open_orders > 0:
            cancel(commands, view.orders[0].order_id)
        return
    side = BUY if coin < view.parameters[_BUY] else SELL
    size = randint(view, 1, int(view.parameters[_SIZE]) + 1) * view.lot_size
    if uniform(view) < view.parameters[_MARKET]:
        take(view, commands, side, size)
    else:
        rest_somewhere(view, commands, side, size)


@both_ways
def rest_somewhere(view: View, commands: Commands, side: int, size: int) -> None:
    """Place a limit order at an even chance anywhere within the depth behind the best opposite price."""
    lots = affordable(view, side, size)
    if lots <= 0:
        return
    away = randint(view, 1, int(view.parameters[_DEPTH]) + 1) * view.tick_size
    if side == BUY:
        touch = float(view.best_ask) if view.best_ask > 0 else mid(view)
        place_limit(commands, BUY, price_at_most(view, touch - away), lots)
    else:
        touch = float(view.best_bid) if view.best_bid > 0 else mid(view)
        place_limit(commands, SELL, price_at_least(view, touch + away), lots)


class Noise(Trader):
    """Buys with chance 0.3, sells with 0.3, holds with 0.4, 1 to 9 lots; when it holds it withdraws its oldest order.

    Parameters
    ----------
    buy, sell : chances of an order of that side when it acts; the rest is holding.
    market_share : share of its orders that are market orders; the others rest.
    depth : how far behind the best opposite price it places limit orders, at most, in tick sizes.
    size : largest order, in lot sizes; every size from 1 on is as likely.
    orders : most orders that it leaves resting; with so many it withdraws the oldest.
    activity : share of steps in which it acts.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = Noise(buy=1, sell=0, market_share=0, depth=1, size=1)
    >>> view, commands = example_view(prices=[100], parameters=trader.parameters), Commands()
    >>> trader.act(view, commands)                  # one tick behind the best ask of 101
    >>> commands.placed()
    [PlaceOrder(kind=<CommandKind.LIMIT: 0>, side=<Side.BUY: 0>, size=1, price=100, time_in_force=<TimeInForce.GTC: 0>)]
    """

    address = compile_trader(decide)

    def __init__(
        self,
        buy: float = 0.3,
        sell: float = 0.3,
        market_share: float = 0.5,
        depth: int = 12,
        size: int = 9,
        orders: int = 8,
        activity: float = 1,
    ) -> None:
        """Configure the strategy. Raises ValueError for numbers out of range, or chances above one together."""
        if buy + sell > 1.0 + 1e-9:
            raise ValueError(f"buy {buy} and sell {sell} add up to more than 1; lower one")
        chances = (share("activity", activity), share("buy", buy), share("sell", sell) + buy, share("market_share", market_share))
        super().__init__((*chances, whole("depth", depth, 1), whole("size", size, 1), whole("orders", orders, 1)))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
