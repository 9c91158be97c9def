"""What an action does in the market: the same few lines for learning agents, for saved policies, in Python and compiled."""

from __future__ import annotations

from typing import Any

from simulator.envs.market.types import QUOTE, OrderType
from simulator.traders.quoting import keep_side, withdraw_all
from simulator.traders.sizing import free, price_at_least, price_at_most, whole_lots
from simulator.types import Side
from simulator.world.commands import modify, place_limit, place_market
from simulator.world.jit import both_ways
from simulator.world.view import mid

_BUY, _SELL = int(Side.BUY), int(Side.SELL)
_MARKET_BUY, _MARKET_SELL = int(OrderType.MARKET_BUY), int(OrderType.MARKET_SELL)
_LIMIT_BUY, _LIMIT_SELL, _CANCEL_ALL = int(OrderType.LIMIT_BUY), int(OrderType.LIMIT_SELL), int(OrderType.CANCEL_ALL)


NO_QUOTE = 1023
"""A distance that means none."""

_QUOTE, _SPAN = int(QUOTE), NO_QUOTE + 1


def distances(bid: int, ask: int) -> int:
    """The offset of a QUOTE: ticks of the tick size by which its bid lies below the fair price, and its ask above; 0 to NO_QUOTE each."""
    return bid * _SPAN + ask


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
        withdraw_all(view, commands)
    elif order_type == _QUOTE:
        quote_both(view, commands, offset // _SPAN, offset % _SPAN, size * view.lot_size)


@both_ways
def quote_both(view: Any, commands: Any, below: int, above: int, size: int) -> None:
    """Have one bid and one ask at these distances (tick sizes) from the fair price, of `size` lots or what the position limit leaves.

    The fair price is the fundamental value for those who may see it, otherwise the mid. Neither quote crosses the book.
    """
    fair = view.signal if view.signal > 0.0 else mid(view)
    bid = price_at_most(view, fair - below * view.tick_size)
    ask = price_at_least(view, fair + above * view.tick_size)
    if view.best_ask > 0:
        bid = max(min(bid, view.best_ask - view.tick_size), view.tick_size)
    ask = max(ask, view.best_bid + view.tick_size)
    bid_lots = 0 if below == NO_QUOTE else min(size, free(view, _BUY))
    ask_lots = 0 if above == NO_QUOTE else min(size, free(view, _SELL))
    keep_side(view, commands, _BUY, bid, whole_lots(view, bid_lots), 0.0)
    keep_side(view, commands, _SELL, ask, whole_lots(view, ask_lots), 0.0)


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
