"""Auctions of lots outside the book: English, Dutch, sealed first-price and sealed second-price; a double auction is the book's own call.

Source: Vickrey, "Counterspeculation, auctions, and competitive sealed tenders", Journal of Finance 16 (1961). The lots lie in escrow
until the end, when they go to the winner or back.
"""

from __future__ import annotations

from simulator.matching.compiled import called, i8, inlined, u8
from simulator.types import DealStep, Protocol, Reason, Side
from simulator.world.accounts import refusal_of_more
from simulator.world.call import agents_at, deals_at, i4_at, markets_at, mechanisms_at, parties_at, sealed_at
from simulator.world.deal_rows import DealState, close, new_row, row_of, schedule, tell, write
from simulator.world.deals import refusal_of_terms
from simulator.world.holdings import give_money, part_of, share_of, take_quality
from simulator.world.layout import Row
from simulator.world.party_rows import MILLION, WHEEL
from simulator.world.reputation import witness
from simulator.world.settlement import mark_dirty

_FREE, _AUCTION = i8(DealState.FREE), i8(DealState.AUCTION)
_OPENED, _BID, _CALLED, _SOLD, _UNSOLD = (i8(s) for s in (DealStep.OPENED, DealStep.BID, DealStep.CALLED, DealStep.SOLD, DealStep.UNSOLD))
_DEFAULTED = i8(DealStep.DEFAULTED)
_ENGLISH, _DUTCH, _SECOND_PRICE = i8(Protocol.ENGLISH), i8(Protocol.DUTCH), i8(Protocol.SECOND_PRICE)
_NONE, _SWITCHED_OFF, _DEAL_LIMIT = i8(Reason.NONE), i8(Reason.SWITCHED_OFF), i8(Reason.DEAL_LIMIT)
_UNKNOWN_DEAL, _NOT_YOUR_TURN, _NOT_ENOUGH = i8(Reason.UNKNOWN_DEAL), i8(Reason.NOT_YOUR_TURN), i8(Reason.NOT_ENOUGH)
_BID_TOO_LOW, _INVALID_AMOUNT = i8(Reason.BID_TOO_LOW), i8(Reason.INVALID_AMOUNT)
_BUY, _SELL, _ZERO, _NOBODY, _ONE, _CASE = i8(Side.BUY), i8(Side.SELL), i8(0), i8(-1), i8(1), i8(MILLION)
_HIGHEST = i8(2**31 - 1)


@called
def open_auction(call: Row, state: Row, market: Row, own: Row, queued: Row) -> int:
    """Put lots up for auction; return the reason for which it cannot be, or NONE."""
    rules, protocol, steps, delay = mechanisms_at(call.mechanisms_at, 1)[0], queued.side, queued.order_id, queued.time_in_force
    reserve = queued.more
    if rules.deal_limit == 0:
        return _SWITCHED_OFF
    reason = refusal_of_terms(market, reserve, queued.size)
    if reason != _NONE:
        return reason
    dutch = protocol == _DUTCH
    if protocol < _ENGLISH or protocol > _SECOND_PRICE or steps < 1 or steps >= WHEEL or (dutch and (delay < 1 or delay >= WHEEL)):
        return _INVALID_AMOUNT
    if dutch and (queued.price < reserve or queued.price > _HIGHEST or queued.price % market.tick_size != 0):
        return _INVALID_AMOUNT
    if refusal_of_more(own, _SELL, queued.size, _ZERO) != _NONE:
        return _NOT_ENOUGH
    party = parties_at(call.parties_at, call.parties_rows)[u8(own.agent)]
    row = new_row(call) if party.deals < rules.deal_limit else _NOBODY
    if row < 0:
        return _DEAL_LIMIT
    party.deals = party.deals + 1
    into_escrow(call, state, own, party, queued.size)
    deal, sealed = deals_at(call.deals_at, call.deals_rows)[u8(row)], sealed_at(call.sealed_at, call.sealed_rows)[u8(row)]
    sealed.best = sealed.runner_up = 0
    sealed.leader = -1
    deal.state = _AUCTION
    deal.protocol = protocol
    deal.first = own.agent
    deal.second = deal.turn = deal.amount = deal.breaker = deal.mediator = -1
    deal.symbol = own.symbol
    deal.side = _SELL
    deal.price = queued.price if dutch else reserve
    deal.lots = queued.size
    deal.round = deal.assents = deal.ratings = deal.claim = 0
    deal.delay = delay
    deal.reserve = reserve
    deal.ends = state.step + steps
    deal.promised = 0
    schedule(call, row, state.step + (min(delay, steps) if dutch else steps))
    market.newest_auction = deal.id
    write(call, state.step, deal, _OPENED, deal.price, own.agent, _NOBODY, reserve)
    return _NONE


@inlined
def into_escrow(call: Row, state: Row, own: Row, party: Row, lots: int) -> None:
    """Put lots aside; they go on counting towards the position limit."""
    quality = take_quality(own, lots)
    party.escrow = party.escrow + lots
    party.escrow_quality = party.escrow_quality + quality
    own.inventory = own.inventory - lots
    own.position_limit = own.position_limit - lots
    mark_dirty(state, i4_at(call.dirty_at, call.dirty_rows), own)


@inlined
def out_of_escrow(party: Row, own: Row, lots: int) -> int:
    """Take lots that were put aside; return the sum of their quality."""
    quality = part_of(party.escrow_quality, lots, party.escrow) if lots < party.escrow else i8(party.escrow_quality)
    party.escrow = party.escrow - lots
    party.escrow_quality = party.escrow_quality - quality
    own.position_limit = own.position_limit + lots
    return quality


@called
def bid(call: Row, state: Row, market: Row, own: Row, queued: Row) -> int:
    """Take a bid; return the reason for which it cannot be taken, or NONE."""
    row, price = row_of(call, queued.order_id), queued.price
    if row < 0:
        return _UNKNOWN_DEAL
    deal, sealed = deals_at(call.deals_at, call.deals_rows)[u8(row)], sealed_at(call.sealed_at, call.sealed_rows)[u8(row)]
    if deal.state != _AUCTION or deal.symbol != own.symbol:
        return _UNKNOWN_DEAL
    opened, leads = deal.protocol == _ENGLISH or deal.protocol == _DUTCH, sealed.leader == own.agent
    if deal.first == own.agent or (opened and leads):
        return _NOT_YOUR_TURN
    if deal.protocol == _DUTCH:
        price = deal.price
    reason = refusal_of_terms(market, price, deal.lots)
    if reason != _NONE:
        return reason
    if price < lowest_bid(call, market, deal):
        return _BID_TOO_LOW
    if refusal_of_more(own, _BUY, deal.lots, price * deal.lots) != _NONE:
        return _NOT_ENOUGH
    deal.round = deal.round + 1
    if price > sealed.best:
        if not leads:
            sealed.runner_up = sealed.best
        sealed.best = price
        sealed.leader = own.agent
    elif price > sealed.runner_up and not leads:
        sealed.runner_up = price
    if opened:
        deal.price = price
        deal.second = own.agent
    deal.turn = own.agent  # the side of a bidder is the other one
    write(call, state.step, deal, _BID, price if opened else _ZERO, own.agent, deal.first, _ZERO)
    if deal.protocol == _DUTCH:
        hammer(call, state, row)
    return _NONE


@inlined
def lowest_bid(call: Row, market: Row, deal: Row) -> int:
    """Return the lowest price that an auction takes."""
    if deal.protocol != _ENGLISH or deal.second < 0:
        return i8(deal.reserve)
    return i8(deal.price + step_of(call, market, deal.price))


@inlined
def step_of(call: Row, market: Row, price: int) -> int:
    """Return by how much a price rises or falls in an auction, in whole tick sizes."""
    rise: int = max(share_of(price, mechanisms_at(call.mechanisms_at, 1)[0].increment) // market.tick_size, _ONE) * market.tick_size
    return rise


@called
def auction_due(call: Row, state: Row, row: int) -> None:
    """Let the price of a Dutch auction fall, or end an auction."""
    deal = deals_at(call.deals_at, call.deals_rows)[u8(row)]
    if deal.protocol == _DUTCH:
        market = markets_at(call.markets_at, call.markets_rows)[u8(deal.symbol)]
        lower = max(deal.price - step_of(call, market, deal.price), deal.reserve)
        if deal.price > deal.reserve and state.step < deal.ends:
            deal.price = lower
            schedule(call, row, min(state.step + deal.delay, deal.ends))
            write(call, state.step, deal, _CALLED, lower, deal.first, _NOBODY, deal.reserve)
            return
    hammer(call, state, row)


@called
def hammer(call: Row, state: Row, row: int) -> None:
    """End an auction: the lots go to the winner, or back to the seller if nobody bid or the winner cannot pay any more."""
    agents, parties = agents_at(call.agents_at, call.agents_rows), parties_at(call.parties_at, call.parties_rows)
    deal, sealed = deals_at(call.deals_at, call.deals_rows)[u8(row)], sealed_at(call.sealed_at, call.sealed_rows)[u8(row)]
    dirty = i4_at(call.dirty_at, call.dirty_rows)
    seller, party = agents[u8(deal.first)], parties[u8(deal.first)]
    winner, price = i8(sealed.leader), i8(max(sealed.runner_up, deal.reserve) if deal.protocol == _SECOND_PRICE else sealed.best)
    if winner >= 0 and refusal_of_more(agents[u8(winner)], _BUY, deal.lots, price * deal.lots) != _NONE:
        witness(call, winner, deal.first, _ZERO, _CASE)
        deal.second = winner
        write(call, state.step, deal, _DEFAULTED, price, winner, deal.first, price * deal.lots)
        winner = _NOBODY
    quality = out_of_escrow(party, seller, deal.lots)
    taker = winner if winner >= 0 else i8(deal.first)
    own, holder = agents[u8(taker)], parties[u8(taker)]
    own.inventory = own.inventory + deal.lots
    holder.quality = holder.quality + quality
    mark_dirty(state, dirty, own)
    if winner >= 0:
        give_money(own, seller, price * deal.lots)
        mark_dirty(state, dirty, seller)
        witness(call, winner, deal.first, _CASE, _ZERO)
        write(call, state.step, deal, _SOLD, price, deal.first, winner, quality // deal.lots)
        deal.price = price
        tell(call, state.step, deal, _SOLD, deal.first, winner, price)
    else:
        write(call, state.step, deal, _UNSOLD, deal.price, deal.first, _NOBODY, deal.reserve)
    tell(call, state.step, deal, _SOLD if winner >= 0 else _UNSOLD, taker, deal.first, price)
    close(call, row, _FREE)
