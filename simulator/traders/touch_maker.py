"""Market making in the queue: one order at the best price of each side, which is given up as soon as it stands out of place.

Source: Moallemi and Yuan, "A model for queue position valuation in a limit order book" (2016), for why makers stay at the touch; Hasbrouck
and Saar, "Technology and liquidity provision: the blurring of traditional definitions", Journal of Financial Markets 12 (2009), for orders
that last for an instant; Glosten and Milgrom, "Bid, ask and transaction prices", Journal of Financial Economics 14 (1985), for why who was
hit steps back. It sends very many messages and withdraws nearly everything, and means each order: it trades whenever it is met.
"""

from __future__ import annotations

from simulator.traders.parameters import at_least, share, whole
from simulator.traders.sizing import free, price_at_least, price_at_most, whole_lots
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands, cancel, modify, place_limit
from simulator.world.draws import randint, uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.view import View, mid

_ACTIVITY, _BACK, _SIZE, _TOLERANCE, _FRESH, _FADE, _REST, _BOUND = range(8)
_SEEN, _RESTING = 0, 1  # words of memory: the inventory when it looked last; for each side the step until which it stays away


def decide(view: View, commands: Commands) -> None:
    """Notice what was filled, then stand on each side where that is wanted."""
    if uniform(view) >= view.parameters[_ACTIVITY] or view.halted:
        return
    filled = view.inventory - view.memory[_SEEN]
    view.memory[_SEEN] = view.inventory
    if filled != 0.0 and view.parameters[_REST] >= 1.0:
        hit = BUY if filled > 0.0 else SELL
        view.memory[_RESTING + hit] = view.step + randint(view, 1, int(view.parameters[_REST]) + 1)
    for side in range(2):
        stand(view, commands, side, wanted(view, side))


@both_ways
def place(view: View, side: int) -> int:
    """Return where an order of a side belongs: so many tick sizes behind the best one, never across the other side."""
    back = int(view.parameters[_BACK]) * view.tick_size
    if side == BUY:
        price = (view.best_bid if view.best_bid > 0 else price_at_most(view, mid(view)) - view.tick_size) - back
        if view.best_ask > 0:
            price = min(price, view.best_ask - view.tick_size)
        return max(price, view.tick_size)  # type: ignore[no-any-return]
    best = view.best_ask if view.best_ask > 0 else price_at_least(view, mid(view)) + view.tick_size
    return max(best + back, view.best_bid + view.tick_size)  # type: ignore[no-any-return]


@both_ways
def wanted(view: View, side: int) -> int:
    """Return the most lots of a side: none after it was hit, where its queue is thin, or where the inventory has reached its bound."""
    adds = view.inventory if side == BUY else -view.inventory
    mine, others = (view.bid_size, view.ask_size) if side == BUY else (view.ask_size, view.bid_size)
    thin = mine < view.parameters[_FADE] * others
    if thin or adds >= view.parameters[_BOUND] or view.step < view.memory[_RESTING + side]:
        return 0
    return whole_lots(view, min(int(view.parameters[_SIZE]) * view.lot_size, free(view, side)))


@both_ways
def stand(view: View, commands: Commands, side: int, most: int) -> None:
    """Have one order of a side in place, of half to all of `most` lots where it is new; none for nothing."""
    price, tolerance, found = place(view, side), view.parameters[_TOLERANCE] * view.tick_size, False
    lots = whole_lots(view, randint(view, most - most // 2, most + 1))
    for row in range(view.open_orders):
        order = view.orders[row]
        if order.side != side:
            continue
        moves = abs(order.price - price) > tolerance
        if found or most <= 0 or order.size > most or (moves and uniform(view) < view.parameters[_FRESH]):
            cancel(commands, order.order_id)
            continue
        if moves:
            modify(commands, order.order_id, price, order.size)
        found = True
    if not found and lots > 0:
        place_limit(commands, side, price, lots)


class TouchMaker(Trader):
    """Stands at the best price of both sides, and moves whenever that does.

    It stays away from a side for a while after it was hit there, while few stand beside it there, and once its inventory is large.

    Parameters
    ----------
    back : tick sizes behind the best price.
    size : most lot sizes of an order; a new one has half of them to all.
    tolerance : tick sizes by which an order may be out of place.
    fresh : chance that one out of place is withdrawn and placed anew instead of moved.
    fade : a side is left when its best price has fewer lots than so many times those of the other side; 0 for never.
    rest : most steps for which it stays away from a side that was hit; 0 for none.
    bound : lots of inventory with which it does not add to it.
    activity : share of steps in which it looks at its orders.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = TouchMaker(size=2, rest=9)
    >>> view = example_view(prices=[100], parameters=trader.parameters, best_bid=99, best_ask=102, inventory=2)
    >>> trader.act(view, commands := Commands())    # it was hit on its bid
    >>> [(order.side.name, order.price) for order in commands.placed()]
    [('SELL', 102)]
    """

    address = compile_trader(decide)
    memory_words = 3

    def __init__(
        self, back: int = 0, size: int = 12, tolerance: float = 0, fresh: float = 1, fade: float = 0, rest: int = 0, bound: float = 60,
        activity: float = 1,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range."""
        super().__init__((
            share("activity", activity), whole("back", back, 0), whole("size", size, 1), at_least("tolerance", tolerance, 0),
            share("fresh", fresh), share("fade", fade), whole("rest", rest, 0), at_least("bound", bound, 0),
        ))  # fmt: skip

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
