"""What an action does in the market: the same few lines for learning agents, for saved policies, in Python and compiled."""

from __future__ import annotations

from typing import Any

from simulator.envs.market.types import OrderType
from simulator.types import Side
from simulator.world.commands import cancel, modify, place_limit, place_market
from simulator.world.jit import both_ways

_BUY, _SELL = int(Side.BUY), int(Side.SELL)
_MARKET_BUY, _MARKET_SELL = int(OrderType.MARKET_BUY), int(OrderType.MARKET_SELL)
_LIMIT_BUY, _LIMIT_SELL, _CANCEL_ALL = int(OrderType.LIMIT_BUY), int(OrderType.LIMIT_SELL), int(OrderType.CANCEL_ALL)


@both_ways
def carry_out(view: Any, commands: Any, order_type: int, offset: int, size: int) -> None:
    """Write the commands of one action: an OrderType, an offset in ticks of the tick size, a size in lots of the lot size.

    A limit order moves the one that the agent has resting on that side, so that an agent quotes at most once a side.
    """
    if order_type == _MARKET_BUY:
        place_market(commands, _BUY, size * view.lot_size)
    elif order_type == _MARKET_SELL:
        place_market(commands, _SELL, size * view.lot_size)
    elif order_type == _LIMIT_BUY:
        quote(view, commands, _BUY, bid_price(view, offset), size * view.lot_size)
    elif order_type == _LIMIT_SELL:
        quote(view, commands, _SELL, ask_price(view, offset), size * view.lot_size)
    elif order_type == _CANCEL_ALL:
        for i in range(view.open_orders):
            cancel(commands, view.orders[i].order_id)


@both_ways
def quote(view: Any, commands: Any, side: int, price: int, size: int) -> None:
    """Move the agent's resting order of a side to a price and size, or place one where there is none."""
    for i in range(view.open_orders):
        if view.orders[i].side == side:
            if view.orders[i].price != price or view.orders[i].size != size:
                modify(commands, view.orders[i].order_id, price, size)
            return
    place_limit(commands, side, price, size)


@both_ways
def bid_price(view: Any, offset: int) -> int:
    """Return the price `offset` tick sizes below the best bid (below the middle where nobody bids), never at or through the best ask."""
    tick = view.tick_size
    best = view.best_bid
    if best == 0:
        best = (view.mid_twice // (2 * tick)) * tick - tick
    price = best - offset * tick
    if view.best_ask > 0 and price >= view.best_ask:
        price = view.best_ask - tick
    return max(price, tick)  # type: ignore[no-any-return]


@both_ways
def ask_price(view: Any, offset: int) -> int:
    """Return the price `offset` tick sizes above the best ask (above the middle where nobody offers), never at or through the best bid."""
    tick = view.tick_size
    best = view.best_ask
    if best == 0:
        best = ((view.mid_twice + 2 * tick - 1) // (2 * tick)) * tick + tick
    price = best + offset * tick
    if price <= view.best_bid:
        price = view.best_bid + tick
    return max(price, tick)  # type: ignore[no-any-return]
