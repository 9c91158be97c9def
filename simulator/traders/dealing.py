"""How strategies answer letters: offers, settlements and invitations; shared by those who deal outside the book.

Source of the concessions: Faratin, Sierra and Jennings, "Negotiation decision functions for autonomous agents", Robotics and
Autonomous Systems 24 (1998), the linear one in the number of offers. Of the bids: Vickrey, "Counterspeculation, auctions, and
competitive sealed tenders", Journal of Finance 16 (1961).
"""

from __future__ import annotations

from typing import Any

from simulator.traders.sizing import affordable, price_at_least, price_at_most
from simulator.types import DealStep, MessageKind, Protocol
from simulator.world.acts import accept, bid, counter, invite, join, leave, offer, rate, walk_away
from simulator.world.commands import BUY
from simulator.world.deal_rows import DealState
from simulator.world.draws import randint, uniform
from simulator.world.jit import both_ways
from simulator.world.looking import alliance_of, deal_of, letter_of, mechanisms, public_of, reputation_of, trust_in
from simulator.world.party_rows import LETTERS, MILLION

_DEAL, _INVITED = int(MessageKind.DEAL), int(MessageKind.INVITED)
_OFFERED, _COUNTERED, _PROPOSED, _DELIVERED = (
    int(DealStep.OFFERED), int(DealStep.COUNTERED), int(DealStep.PROPOSED), int(DealStep.DELIVERED),
)  # fmt: skip
_AUCTION, _DUTCH, _ENGLISH, _FIRST_PRICE = int(DealState.AUCTION), int(Protocol.DUTCH), int(Protocol.ENGLISH), int(Protocol.FIRST_PRICE)
_IS_DELIVERED = int(DealState.DELIVERED)
_DELAY = 20  # steps to delivery in the contracts that these strategies offer
_DISTRUST = 0.35  # chance of being deceived above which nobody is dealt with: two broken contracts against nothing
_SHADING = 0.9  # of its value that a bidder offers in a first-price auction


@both_ways
def read_letters(view: Any, commands: Any, word: int, side: int, limit: float, aim: float) -> None:
    """Answer what came since the last time; memory word `word` says how far it read.

    It would trade on `side` at `aim` at first and at `limit` at last.
    """
    for number in range(max(int(view.memory[word]), view.letters - LETTERS), view.letters):
        letter = letter_of(view, number)
        if letter.kind == _INVITED and view.alliance < 0 and reputation_of(view, letter.sender) >= 1.0 - _DISTRUST - 0.15:
            join(commands)
        elif letter.kind == _DEAL:
            answer(view, commands, letter, side, limit, aim)
    view.memory[word] = view.letters


@both_ways
def answer(view: Any, commands: Any, letter: Any, side: int, limit: float, aim: float) -> None:
    """Answer one letter about a deal."""
    deal = deal_of(view, letter.value_3)
    if deal.id != letter.value_3:
        return
    if (letter.value_1 == _OFFERED or letter.value_1 == _COUNTERED) and deal.turn == view.agent:
        bargain(view, commands, deal, letter.sender, side, limit, aim)
    elif letter.value_1 == _PROPOSED:
        fair = deal.amount * 4 <= deal.claim * 3 if deal.breaker == view.agent else deal.amount * 4 >= deal.claim
        if fair:
            accept(commands, deal.id)
    elif letter.value_1 == _DELIVERED and side == BUY:
        rate(commands, deal.id, 1 if letter.value_4 >= deal.promised else -1)


@both_ways
def bargain(view: Any, commands: Any, deal: Any, other: int, side: int, limit: float, aim: float) -> None:
    """Accept, make a counter-offer, or walk away."""
    mine = deal.side if deal.first == view.agent else 1 - deal.side
    if mine != side or trust_in(view, other) < _DISTRUST or affordable(view, side, deal.lots) < deal.lots:
        walk_away(commands, deal.id)
        return
    wanted = aim + (limit - aim) * deal.round / mechanisms(view).rounds
    if deal.price <= wanted if side == BUY else deal.price >= wanted:
        accept(commands, deal.id)
    elif deal.round < mechanisms(view).rounds:
        counter(commands, deal.id, price_at_most(view, wanted) if side == BUY else price_at_least(view, wanted), deal.lots)
    else:
        walk_away(commands, deal.id)


@both_ways
def somebody(view: Any) -> int:
    """Return the number of another agent that trades the same symbol, drawn by chance, -1 if three draws found none."""
    for _ in range(3):
        other = randint(view, 0, view.agents)
        if other != view.agent and public_of(view, other).symbol == view.symbol:
            return other
    return -1


@both_ways
def offer_somebody(view: Any, commands: Any, side: int, price: int, lots: int, quality: int) -> None:
    """Offer a contract to somebody who is trusted."""
    other = somebody(view)
    size = affordable(view, side, lots)
    if other >= 0 and size > 0 and mechanisms(view).deal_limit > view.deals and trust_in(view, other) >= _DISTRUST:
        offer(commands, other, side, price, size, _DELAY, quality)


@both_ways
def associate(view: Any, commands: Any, sociable: float) -> None:
    """Now and then invite somebody into an alliance, and leave one in which a part would do better by itself."""
    if mechanisms(view).alliances == 0 or uniform(view) >= sociable:
        return
    if view.alliance >= 0 and alliance_of(view, view.alliance).excess > 0:
        leave(commands)
        return
    other = randint(view, 0, view.agents)
    if other != view.agent and public_of(view, other).allied < 0 and reputation_of(view, other) > _DISTRUST:
        invite(commands, other)


@both_ways
def praise_buyer(view: Any, commands: Any, word: int, stars: int) -> None:
    """Rate whom it sold to last, as soon as that has paid; memory word `word` is the number of that deal plus one, 0 without one."""
    number = int(view.memory[word]) - 1
    deal = deal_of(view, number)
    if number >= 0 and (deal.id != number or deal.state == _IS_DELIVERED):
        view.memory[word] = 0.0
        if deal.id == number:
            rate(commands, number, stars)


@both_ways
def bid_in_auction(view: Any, commands: Any, word: int, value: float, most: int) -> None:
    """Bid in the newest auction of the symbol up to a value; memory word `word` says in which sealed one it did."""
    deal = deal_of(view, view.newest_auction)
    if deal.id != view.newest_auction or deal.state != _AUCTION or deal.first == view.agent or deal.second == view.agent:
        return
    if deal.lots > most or affordable(view, BUY, deal.lots) < deal.lots or view.cash - view.reserved < value * deal.lots:
        return
    if deal.protocol == _DUTCH or deal.protocol == _ENGLISH:
        step = max(deal.price * mechanisms(view).increment // MILLION // view.tick_size, 1) * view.tick_size
        price = deal.price if deal.protocol == _DUTCH or deal.second < 0 else deal.price + step
        if price <= (value * _SHADING if deal.protocol == _DUTCH else value):
            bid(commands, deal.id, price)
    elif view.memory[word] != deal.id + 1:
        price = price_at_most(view, value * _SHADING if deal.protocol == _FIRST_PRICE else value)
        if price >= deal.reserve:
            bid(commands, deal.id, price)
            view.memory[word] = deal.id + 1
