"""Members of a cooperative: sellers, or buyers, who tell each other what they hold and even it out, and compete with everybody in price.

Source: Sexton, "The formation of cooperatives: a game-theoretic approach", American Journal of Agricultural Economics 68 (1986); that
much of honest trade is with the same few partners, Afonso, Kovner and Schoar, "Trading partners in the interbank lending market",
Federal Reserve Bank of New York Staff Report 620 (2013).
"""

from __future__ import annotations

from typing import Any

from simulator.traders.dealing import answer, bid_in_auction, praise_buyer
from simulator.traders.parameters import at_least, share, whole
from simulator.traders.quoting import keep_one
from simulator.traders.sizing import affordable, price_at_least, price_at_most
from simulator.traders.trader import Trader
from simulator.types import DealStep, MessageKind, Protocol
from simulator.world.acts import accept, offer, open_auction, rate, walk_away
from simulator.world.commands import BUY, SELL, Commands, message
from simulator.world.deal_rows import DealState
from simulator.world.draws import randint, uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.looking import deal_of, letter_of, mechanisms
from simulator.world.party_rows import LETTERS
from simulator.world.view import View, mid

_MARKUP, _COVER, _SIZE, _AUCTIONS, _SWAPS, _LETTERS = range(6)
_READ, _SEALED, _SOLD = range(3)  # words of memory
_STOCK = 2  # topic of its letters: the lots that it has
_DEAL, _OFFERED, _AGREED, _DELIVERED = int(MessageKind.DEAL), int(DealStep.OFFERED), int(DealStep.AGREED), int(DealStep.DELIVERED)
_IS_OFFERED = int(DealState.OFFERED)
_ENGLISH, _SECOND_PRICE = int(Protocol.ENGLISH), int(Protocol.SECOND_PRICE)
_DELAY = 5  # steps to delivery among members
_STEP = 0.02  # share by which price moves with the stock, as of simulator.traders.seller and buyer
_BIDDING, _CLOCK = 60, 5  # steps of its auctions, and between two prices of a Dutch one
_BEST = 2  # stars


def decide(view: View, commands: Commands) -> None:
    """Answer letters, quote what the stock says, bid or sell by auction, and now and then write to a member or even out stocks."""
    side = BUY if view.uses > 0.0 else SELL
    target = max((view.uses + view.makes) * view.parameters[_COVER], 1.0)
    stock = max(view.inventory - view.due_lots, 0)
    limit = limit_of(view, side, target, stock)
    usual = min(limit, mid(view)) if side == BUY else max(limit, mid(view))
    praise_buyer(view, commands, _SOLD, 1)
    read_letters(view, commands, side, limit, usual if side == BUY else 1.1 * usual, target, stock)
    if view.halted:
        return
    quote(view, commands, side, limit, target, stock)
    if uniform(view) < view.parameters[_AUCTIONS]:
        auction(view, commands, side, limit, usual, int(target) - stock)
    if view.partner >= 0 and uniform(view) < view.parameters[_LETTERS]:
        message(commands, view.partner, _STOCK, stock)
    if view.partner >= 0 and uniform(view) < view.parameters[_SWAPS] and mechanisms(view).deal_limit > view.deals:
        even_out(view, commands, target, stock)


@both_ways
def limit_of(view: Any, side: int, target: float, stock: int) -> float:
    """Return the price that it goes to at most: what it costs with a markup, or what a lot is worth to it now."""
    if side == SELL:
        return view.cost * (1.0 + view.parameters[_MARKUP] * 2.0 * target / (target + stock))  # type: ignore[no-any-return]
    return view.worth * (1.0 - view.parameters[_MARKUP] * min(stock / target, 1.0))  # type: ignore[no-any-return]


@both_ways
def quote(view: Any, commands: Any, side: int, limit: float, target: float, stock: int) -> None:
    """Keep one order in the book, by its own stock and nobody's word."""
    lean = mid(view) * (1.0 + _STEP * (target - stock) / (target + stock))
    if side == SELL:
        keep_one(
            view, commands, SELL, max(price_at_least(view, max(limit, lean)), view.best_bid + view.tick_size), min(stock, size_of(view))
        )
        return
    price = price_at_most(view, min(limit, lean))
    if view.best_ask > 0 and stock > 0:
        price = max(min(price, view.best_ask - view.tick_size), view.tick_size)
    keep_one(view, commands, BUY, price, min(max(int(target) - stock, 0), size_of(view)))


@both_ways
def size_of(view: Any) -> int:
    """Return the most lots of an order."""
    return int(view.parameters[_SIZE]) * view.lot_size  # type: ignore[no-any-return]


@both_ways
def auction(view: Any, commands: Any, side: int, limit: float, usual: float, missing: int) -> None:
    """Bid in the newest auction what the lots are worth, or put some up for one."""
    free = affordable(view, SELL, size_of(view))
    if side == BUY and missing > 0:
        bid_in_auction(view, commands, _SEALED, limit, 3 * missing)
    elif side == SELL and free > 0 and mechanisms(view).deal_limit > view.deals:
        protocol, start = randint(view, _ENGLISH, _SECOND_PRICE + 1), price_at_least(view, 1.2 * usual)
        open_auction(commands, protocol, free, price_at_least(view, limit), start, _BIDDING, _CLOCK)


@both_ways
def even_out(view: Any, commands: Any, target: float, stock: int) -> None:
    """Offer the next member a part of what is too much, or ask for what is missing, at the mid price."""
    side = SELL if stock > target else BUY
    lots = min(int(abs(stock - target) / 2.0), size_of(view)) // view.lot_size * view.lot_size
    if lots > 0 and affordable(view, side, lots) >= lots:
        offer(commands, view.partner, side, price_at_most(view, mid(view)), lots, _DELAY, view.grade if side == SELL else 0)


@both_ways
def read_letters(view: Any, commands: Any, side: int, limit: float, aim: float, target: float, stock: int) -> None:
    """Answer what came since the last time: who is on the same side by the stock, at no worse than the mid, the others as all do."""
    for number in range(max(int(view.memory[_READ]), view.letters - LETTERS), view.letters):
        letter = letter_of(view, number)
        deal = deal_of(view, letter.value_3)
        if letter.kind != _DEAL or deal.id != letter.value_3:
            continue
        if letter.value_1 == _DELIVERED:
            rate(commands, deal.id, _BEST if letter.value_4 >= deal.promised else -1)
        elif letter.value_1 == _AGREED and deal.first == view.agent and deal.side == SELL:
            view.memory[_SOLD] = deal.id + 1
        elif letter.value_1 == _OFFERED and deal.state == _IS_OFFERED and deal.side == side:
            fits = stock >= target and deal.price >= mid(view) if side == BUY else stock <= target and deal.price <= mid(view)
            if fits and affordable(view, 1 - side, deal.lots) >= deal.lots:
                accept(commands, deal.id)
            else:
                walk_away(commands, deal.id)
        else:
            answer(view, commands, letter, side, limit, aim)
    view.memory[_READ] = view.letters


class Cooperative(Trader):
    """Sells or buys by its own stock, and evens it out with the other members of its cooperative at the mid price.

    Parameters
    ----------
    markup : on the cost at the target stock, as a share; for a buyer what it wants to keep of the value when the stock is full.
    cover : target stock, in periods of its production or consumption.
    size : most lots per order, contract and auction, in lot sizes.
    auctions : chance of opening an auction, or of bidding in the newest one, when it looks at the market.
    swaps : chance of offering the next member to even out stocks then.
    letters : chance of telling the next member its stock then.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = Cooperative(markup=0.2, cover=5, size=10)
    >>> view = example_view(prices=[100], parameters=trader.parameters, makes=2.0, cost=90, inventory=10, short_limit=0)
    >>> trader.act(view, commands := Commands())    # 10 lots are its target: 90 x 1.2
    >>> [(order.side.name, order.price, order.size) for order in commands.placed()]
    [('SELL', 108, 10)]
    """

    memory_words = 3
    address = compile_trader(decide)

    def __init__(
        self, markup: float = 0.2, cover: float = 5, size: int = 10, auctions: float = 0.0, swaps: float = 0.0, letters: float = 0.0,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range."""
        chances = (share("auctions", auctions), share("swaps", swaps), share("letters", letters))
        numbers = (at_least("markup", markup, 0), at_least("cover", cover, 0), whole("size", size, 1))
        super().__init__((*numbers, *chances))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
