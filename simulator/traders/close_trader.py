"""Trading at the close: a client's order of the day, worked off in the last minutes and in the closing auction, whatever the price.

Source: Cushing and Madhavan, "Stock returns and trading at the close", Journal of Financial Markets 3 (2000); Bogousslavsky and Muravyev,
"Who trades at the close? Implications for price discovery and liquidity", Journal of Financial Markets 66 (2023): index funds and others
who are measured by the closing price trade at it. Marking the close trades then, too, but for what the closing price is worth to a
position held before; here the order is drawn by chance, and the price does not matter to it.
"""

from __future__ import annotations

from simulator.traders.parameters import at_least, share, whole
from simulator.traders.quoting import withdraw_all
from simulator.traders.sizing import affordable, price_at_least, price_at_most, take
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands, place_limit
from simulator.world.draws import randint, uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.view import View, mid

_ACTIVITY, _SESSION, _CLOSING, _WINDOW, _MOST, _AUCTION, _PIECE, _REACH = range(8)
_DAY, _TARGET, _ORDER = range(3)  # words of memory; the day is counted from 1, the target is the inventory when the order is filled


def decide(view: View, commands: Commands) -> None:
    """Take the day's order, and trade it when the close comes near."""
    if uniform(view) >= view.parameters[_ACTIVITY] or view.halted:
        return
    session, closing = int(view.parameters[_SESSION]), int(view.parameters[_CLOSING])
    day, now = view.step // session, view.step % session
    if view.memory[_DAY] != day + 1:
        lots = randint(view, 1, int(view.parameters[_MOST]) + 1) * view.lot_size
        view.memory[_DAY] = day + 1
        view.memory[_ORDER] = lots
        view.memory[_TARGET] = view.inventory + (lots if uniform(view) < 0.5 else -lots)
    end = session - 1 - closing if closing > 0 else session
    left = int(view.memory[_TARGET]) - view.inventory
    if now < end - int(view.parameters[_WINDOW]) or (closing > 0 and now == session - 1):
        withdraw_all(view, commands)  # what the auctions left
    elif now < end:
        withdraw_all(view, commands)
        work(view, commands, left, end - 1 - now)
    elif view.open_orders == 0:
        join_auction(view, commands, left)


@both_ways
def work(view: View, commands: Commands, left: int, steps: int) -> None:
    """Send a market order for what is due with so many steps of continuous trading to come, evenly over the window."""
    kept = view.parameters[_AUCTION] * view.memory[_ORDER] if view.parameters[_CLOSING] > 0.0 else 0.0
    later = kept + (view.memory[_ORDER] - kept) * steps / view.parameters[_WINDOW]
    due = int(max(abs(left) - later, 0.0))
    take(view, commands, BUY if left > 0 else SELL, min(due, int(view.parameters[_PIECE]) * view.lot_size))


@both_ways
def join_auction(view: View, commands: Commands, left: int) -> None:
    """Leave one order for all that is left, at a price that makes it trade."""
    side, reach = BUY if left > 0 else SELL, view.parameters[_REACH]
    lots = affordable(view, side, abs(left))
    if lots > 0:
        place_limit(commands, side, price_at_least(view, mid(view) + reach) if left > 0 else price_at_most(view, mid(view) - reach), lots)


class CloseTrader(Trader):
    """Buys or sells what a client ordered for the day, close to the closing price: evenly in the last steps, the rest in the auction.

    Parameters
    ----------
    session : steps of a day.
    closing : steps of the closing call auction, as in the scenario's `session`; 0 without one.
    window : last steps of continuous trading in which it trades.
    most : most lot sizes of a client's order; every number from 1 on, and either side, is as likely.
    auction : share of the order that is kept for the closing auction.
    piece : most lot sizes of a market order.
    reach : how far beyond the mid its price in the auction lies, in ticks.
    activity : share of steps in which it acts.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = CloseTrader(session=4, window=2, most=1)
    >>> view, commands = example_view(prices=[100], parameters=trader.parameters, step=3), Commands()
    >>> trader.act(view, commands)                  # the last step of the day
    >>> [(order.side.name, order.size) for order in commands.placed()]
    [('SELL', 1)]
    """

    address = compile_trader(decide)
    memory_words = 3

    def __init__(
        self, session: int = 1000, closing: int = 0, window: int = 60, most: int = 40, auction: float = 0.4, piece: int = 4,
        reach: float = 20, activity: float = 1,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range, or a day too short for its closing."""
        if window + closing >= session:
            raise ValueError(f"window {window} and closing {closing} are as long as a session of {session} steps; shorten one of them")
        super().__init__((
            share("activity", activity), whole("session", session, 2), whole("closing", closing, 0), whole("window", window, 1),
            whole("most", most, 1), share("auction", auction), whole("piece", piece, 1), at_least("reach", reach, 0),
        ))  # fmt: skip

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
