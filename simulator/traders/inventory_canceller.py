"""Passive trading on both sides, of which one is withdrawn at once when the other has traded.

Source: Amihud and Mendelson, "Dealership market: market-making with inventory", Journal of Financial Economics 8 (1980), for quotes that
the inventory decides on; one-cancels-the-other orders as brokers offer them. Spoofing withdraws the orders opposite to its fill, too,
but never wanted them to trade; who withdraws what a fill has made unwanted does so in good faith: CFTC interpretive guidance 78 FR 31890
(2013).
"""

from __future__ import annotations

from simulator.traders.parameters import at_least, share, whole
from simulator.traders.quoting import keep_one, keep_side, withdraw_all
from simulator.traders.sizing import free, price_at_least, price_at_most, take, whole_lots
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands
from simulator.world.draws import uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.layout import HISTORY
from simulator.world.view import View, mean_mid, mid

_ACTIVITY, _DISTANCE, _SIZE, _LEAN, _WINDOW, _TOLERANCE, _PATIENCE = range(7)
_HOLDING, _SINCE = range(2)  # words of memory


def decide(view: View, commands: Commands) -> None:
    """Post both sides without inventory; withdraw them as soon as there is some, and close it."""
    if uniform(view) >= view.parameters[_ACTIVITY] or view.halted:
        return
    if abs(view.inventory) < view.lot_size:
        view.memory[_HOLDING] = 0.0
        post(view, commands)
    elif view.memory[_HOLDING] == 0.0:
        view.memory[_HOLDING] = 1.0
        view.memory[_SINCE] = view.step
        withdraw_all(view, commands)
    else:
        close(view, commands)


@both_ways
def post(view: View, commands: Commands) -> None:
    """Have an order on each side, the larger one where the price lies away from its mean."""
    bid = price_at_most(view, mid(view) - view.parameters[_DISTANCE])
    ask = max(price_at_least(view, mid(view) + view.parameters[_DISTANCE]), view.best_bid + view.tick_size)
    if view.best_ask > 0:
        bid = max(min(bid, view.best_ask - view.tick_size), view.tick_size)
    dear = mid(view) - mean_mid(view, int(view.parameters[_WINDOW]))
    tolerance, size = view.parameters[_TOLERANCE], view.parameters[_SIZE]
    buys = int(size * view.parameters[_LEAN]) if dear < -tolerance else int(size)
    sells = int(size * view.parameters[_LEAN]) if dear > tolerance else int(size)
    keep_side(view, commands, BUY, bid, whole_lots(view, min(buys, free(view, BUY))), tolerance)
    keep_side(view, commands, SELL, ask, whole_lots(view, min(sells, free(view, SELL))), tolerance)


@both_ways
def close(view: View, commands: Commands) -> None:
    """Offer the inventory at the best price of its side, and at the market when that takes too long."""
    side = SELL if view.inventory > 0 else BUY
    if view.step - view.memory[_SINCE] >= view.parameters[_PATIENCE]:
        withdraw_all(view, commands)
        take(view, commands, side, abs(view.inventory))
    elif side == SELL:
        least = view.best_bid + view.tick_size
        keep_one(view, commands, side, max(view.best_ask, price_at_least(view, mid(view)), least), abs(view.inventory))
    else:
        price = view.best_bid if view.best_bid > 0 else price_at_most(view, mid(view)) - view.tick_size
        keep_one(view, commands, side, max(price, view.tick_size), abs(view.inventory))


class InventoryCanceller(Trader):
    """Posts an order on each side; when one of them trades it withdraws both, and closes what it has bought or sold.

    It is larger on the side that trades the price back to its mean. Inventory is closed by an order at the best price of its side, and by
    a market order after a while.

    Parameters
    ----------
    distance : of the orders from the mid, in ticks.
    size : lots of an order.
    lean : how many times as large it is on the side of the mean while the mid is further than the tolerance from it; at least 1.
    window : steps of the mean, 1..255.
    tolerance : ticks by which an order may be out of place before it is moved.
    patience : steps after which inventory is closed at the market.
    activity : share of steps in which it looks at its orders.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = InventoryCanceller(distance=3, size=10, lean=4, window=3, tolerance=1)
    >>> view, commands = example_view(prices=[100, 100, 106], parameters=trader.parameters), Commands()
    >>> trader.act(view, commands)                  # mean 102: dear, so it offers more
    >>> [(order.side.name, order.price, order.size) for order in commands.placed()]
    [('BUY', 103, 10), ('SELL', 109, 40)]
    """

    address = compile_trader(decide)
    memory_words = 2

    def __init__(
        self, distance: float = 4, size: int = 6, lean: float = 4, window: int = 100, tolerance: float = 2, patience: int = 60,
        activity: float = 1,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range."""
        super().__init__((
            share("activity", activity), at_least("distance", distance, 0), whole("size", size, 1), at_least("lean", lean, 1),
            whole("window", window, 1, HISTORY - 1), at_least("tolerance", tolerance, 0), whole("patience", patience, 1),
        ))  # fmt: skip

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
