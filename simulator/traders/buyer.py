"""A buyer of what it uses up: it keeps a stock, pays more the emptier that is, and never more than the lots are worth to it.

Source: the order-up-to policy of Arrow, Harris and Marschak, "Optimal inventory policy", Econometrica 19 (1951), with a price that rises
with what is missing.
"""

from __future__ import annotations

from simulator.traders.dealing import associate, bid_in_auction, offer_somebody, read_letters
from simulator.traders.parameters import at_least, share, whole
from simulator.traders.quoting import keep_one, withdraw_all
from simulator.traders.sizing import price_at_most, take
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, Commands
from simulator.world.draws import uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.view import View, mid

_MARGIN, _COVER, _SIZE, _CONTRACTS, _AUCTIONS, _SOCIABLE = range(6)
_READ, _SEALED = range(2)  # words of memory
_STEP = 0.02  # share by which it bids more than the mid with an empty stock, and less with a full one
_URGENT = 0.6  # share of the target that is missing from which on it pays what is asked


def decide(view: View, commands: Commands) -> None:
    """Answer letters, and bid for what is missing of the target stock."""
    target = max(view.uses * view.parameters[_COVER], 1.0)
    missing = min(max((target - view.inventory) / target, 0.0), 1.0)
    value = view.worth * (1.0 - view.parameters[_MARGIN] * (1.0 - missing))
    read_letters(view, commands, _READ, BUY, value, min(value, mid(view)))
    associate(view, commands, view.parameters[_SOCIABLE])
    if view.halted:
        return
    wanted = min(int(view.parameters[_SIZE]), int(target - view.inventory + 0.5))
    if missing > _URGENT and 0 < view.best_ask <= value and affordable_by_cash(view, wanted, view.best_ask) > 0:
        withdraw_all(view, commands)
        take(view, commands, BUY, affordable_by_cash(view, min(wanted, view.ask_size), view.best_ask))
        return
    price = price_at_most(view, min(value, mid(view) * (1.0 + _STEP * (2.0 * missing - 1.0))))
    if view.best_ask > 0:
        price = max(min(price, view.best_ask - view.tick_size), view.tick_size)
    keep_one(view, commands, BUY, price, affordable_by_cash(view, wanted, price))
    if wanted > 0 and uniform(view) < view.parameters[_CONTRACTS]:
        offer_somebody(view, commands, BUY, price, affordable_by_cash(view, wanted, price), 0)
    if wanted > 0 and uniform(view) < view.parameters[_AUCTIONS]:
        bid_in_auction(view, commands, _SEALED, value, 3 * wanted)


@both_ways
def affordable_by_cash(view: View, lots: int, price: int) -> int:
    """Return what the money that is not reserved leaves of so many lots."""
    money: int = max(view.cash - view.reserved + view.credit_limit, 0)
    return min(lots, money // max(price, 1))


class Buyer(Trader):
    """Bids for what is missing of its target stock, at mid x (1 + 0.02 x (2 missing - 1)), missing as a share of the target.

    It never bids more than value x (1 - margin x (1 - missing)).
    When most of the target is missing it pays what is asked, up to that value. Now and then it offers somebody a contract, or bids in
    an auction.

    Parameters
    ----------
    margin : share of the value of a lot that it wants to keep when its stock is full.
    cover : target stock, in periods of its consumption.
    size : most lots per order and contract.
    contracts : chance of offering a contract when it looks at the market and wants lots.
    auctions : chance of looking at the newest auction then.
    sociable : chance of inviting somebody into an alliance then.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = Buyer(margin=0.5, cover=5, size=10)
    >>> view = example_view(prices=[100], parameters=trader.parameters, uses=2.0, worth=110, inventory=6)
    >>> commands = Commands()
    >>> trader.act(view, commands)                  # 4 lots of 10 are missing: worth 110 x (1 - 0.5 x 0.6) to it
    >>> [(order.side.name, order.price, order.size) for order in commands.placed()]
    [('BUY', 77, 4)]
    """

    memory_words = 2
    address = compile_trader(decide)

    def __init__(
        self, margin: float = 0.2, cover: float = 5, size: int = 10, contracts: float = 0.0, auctions: float = 0.0, sociable: float = 0.0
    ) -> None:
        """Configure the strategy. Raises ValueError for numbers out of range."""
        chances = (share("contracts", contracts), share("auctions", auctions), share("sociable", sociable))
        super().__init__((share("margin", margin), at_least("cover", cover, 0), whole("size", size, 1), *chances))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
