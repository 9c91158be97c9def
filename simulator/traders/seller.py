"""A seller of what it makes: the emptier its stock and the scarcer the resource, the dearer.

Source: Gallego and van Ryzin, "Optimal dynamic pricing of inventories with stochastic demand over finite horizons", Management Science 40
(1994): the price falls with the stock on hand; the form here is a markup times 2 target / (target + stock).
"""

from __future__ import annotations

from simulator.traders.dealing import associate, offer_somebody, read_letters
from simulator.traders.parameters import at_least, share, whole
from simulator.traders.quoting import keep_one, withdraw_all
from simulator.traders.sizing import affordable, price_at_least, take
from simulator.traders.trader import Trader
from simulator.types import Protocol
from simulator.world.acts import open_auction
from simulator.world.commands import SELL, Commands
from simulator.world.draws import randint, uniform
from simulator.world.jit import compile_trader
from simulator.world.looking import mechanisms
from simulator.world.party_rows import MILLION
from simulator.world.view import View, mid

_MARKUP, _COVER, _SIZE, _CONTRACTS, _AUCTIONS, _HONESTY, _SOCIABLE = range(7)
_READ = 0  # word of memory
_ENGLISH, _SECOND_PRICE, _DUTCH = int(Protocol.ENGLISH), int(Protocol.SECOND_PRICE), int(Protocol.DUTCH)
_BIDDING = 60  # steps of its auctions
_CLOCK = 5  # steps between two prices of a Dutch one
_STEP = 0.02  # share by which it asks more than the mid with an empty stock, and less with a boundless one


def decide(view: View, commands: Commands) -> None:
    """Answer letters, move the offer to where the stock says, and now and then sell outside the book."""
    target = max(view.makes * view.parameters[_COVER], 1.0)
    stock = max(view.inventory - int(view.parameters[_HONESTY] * view.due_lots), 0)
    scarcity = view.scarcity / MILLION
    reservation = view.cost * (1.0 + view.parameters[_MARKUP] * (1.0 + scarcity) * 2.0 * target / (target + stock))
    usual = max(reservation, mid(view))
    read_letters(view, commands, _READ, SELL, reservation, 1.1 * usual)
    associate(view, commands, view.parameters[_SOCIABLE])
    if view.halted:
        return
    size = min(int(view.parameters[_SIZE]), stock)
    if stock > 2.0 * target and view.best_bid >= reservation and uniform(view) < 0.5:
        withdraw_all(view, commands)
        take(view, commands, SELL, min(size, view.bid_size))
        return
    price = max(reservation, mid(view) * (1.0 + _STEP * (target - stock) / (target + stock)))
    keep_one(view, commands, SELL, max(price_at_least(view, price), view.best_bid + view.tick_size), size)
    free = affordable(view, SELL, size)
    if uniform(view) < view.parameters[_CONTRACTS]:
        promised = view.grade + int((1.0 - view.parameters[_HONESTY]) * (MILLION - view.grade))
        offer_somebody(view, commands, SELL, price_at_least(view, usual), free, promised)
    if uniform(view) < view.parameters[_AUCTIONS] and free > 0 and mechanisms(view).deal_limit > view.deals:
        protocol, start = randint(view, _ENGLISH, _SECOND_PRICE + 1), price_at_least(view, 1.2 * usual)
        open_auction(commands, protocol, free, price_at_least(view, reservation), start, _BIDDING, _CLOCK)


class Seller(Trader):
    """Offers its stock at cost x (1 + markup x (1 + scarcity) x 2 target / (target + stock)), or near the mid if that is higher.

    Near the mid is mid x (1 + 0.02 x (target - stock) / (target + stock)): it asks for more than the market while it has little. With
    more than twice its target it sells to the best bid. Now and then it offers somebody a contract, or puts lots up for auction.

    Parameters
    ----------
    markup : on the cost, at the target stock and without scarcity, as a share.
    cover : target stock, in periods of its production.
    size : most lots per order, contract and auction.
    contracts : chance of offering a contract when it looks at the market.
    auctions : chance of opening an auction then.
    honesty : 1 promises the quality that it makes and keeps lots for its contracts; 0 promises the best and keeps none.
    sociable : chance of inviting somebody into an alliance then.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = Seller(markup=0.2, cover=5, size=10)
    >>> view = example_view(prices=[100], parameters=trader.parameters, makes=2.0, cost=90, inventory=10, short_limit=0)
    >>> commands = Commands()
    >>> trader.act(view, commands)                  # 10 lots are its target: 90 x 1.2
    >>> [(order.side.name, order.price, order.size) for order in commands.placed()]
    [('SELL', 108, 10)]
    """

    memory_words = 1
    address = compile_trader(decide)

    def __init__(
        self,
        markup: float = 0.2,
        cover: float = 5,
        size: int = 10,
        contracts: float = 0.0,
        auctions: float = 0.0,
        honesty: float = 1.0,
        sociable: float = 0.0,
    ) -> None:
        """Configure the strategy. Raises ValueError for numbers out of range."""
        chances = (share("contracts", contracts), share("auctions", auctions), share("honesty", honesty), share("sociable", sociable))
        super().__init__((at_least("markup", markup, 0), at_least("cover", cover, 0), whole("size", size, 1), *chances))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
