"""Deals between two: offers and counter-offers, the contract that follows, its delivery or default, and the dispute over it.

Offers alternate, as in Rubinstein, "Perfect equilibrium in a bargaining model", Econometrica 50 (1982), up to a number of rounds. What
was agreed is delivered at a later step, if the seller then has the lots and the buyer the money; nobody is made to keep them.
"""

from __future__ import annotations

from simulator.matching.compiled import called, i8, inlined, u8
from simulator.types import DealStep, Reason, Role, Side
from simulator.world.accounts import refusal_of_more
from simulator.world.call import agents_at, deals_at, i4_at, i8_at, mechanisms_at, parties_at, resources_at
from simulator.world.deal_rows import DealState, close, new_row, other_of, row_of, schedule, tell, write
from simulator.world.draws import below, next_word
from simulator.world.holdings import give_money, hand_quality, quality_of, share_of
from simulator.world.layout import Row
from simulator.world.party_rows import MILLION, WHEEL
from simulator.world.reputation import witness
from simulator.world.settlement import mark_dirty

_FREE, _OFFERED_STATE, _AGREED_STATE = i8(DealState.FREE), i8(DealState.OFFERED), i8(DealState.AGREED)
_DISPUTED_STATE, _DELIVERED_STATE = i8(DealState.DISPUTED), i8(DealState.DELIVERED)
_OFFERED, _COUNTERED, _AGREED, _WALKED_AWAY = (
    i8(step) for step in (DealStep.OFFERED, DealStep.COUNTERED, DealStep.AGREED, DealStep.WALKED_AWAY)
)
_EXPIRED, _DELIVERED, _DEFAULTED, _DISPUTED = (
    i8(step) for step in (DealStep.EXPIRED, DealStep.DELIVERED, DealStep.DEFAULTED, DealStep.DISPUTED)
)
_PROPOSED, _SETTLED, _UNSETTLED = i8(DealStep.PROPOSED), i8(DealStep.SETTLED), i8(DealStep.UNSETTLED)
_MISREPRESENTED, _RATED = i8(DealStep.MISREPRESENTED), i8(DealStep.RATED)
_NONE, _UNKNOWN_RECEIVER, _INVALID_PRICE = i8(Reason.NONE), i8(Reason.UNKNOWN_RECEIVER), i8(Reason.INVALID_PRICE)
_INVALID_SIZE, _INVALID_SIDE, _OFF_TICK, _OFF_LOT = (
    i8(r) for r in (Reason.INVALID_SIZE, Reason.INVALID_SIDE, Reason.OFF_TICK, Reason.OFF_LOT)
)
_SWITCHED_OFF, _NOT_PERMITTED, _UNKNOWN_DEAL = i8(Reason.SWITCHED_OFF), i8(Reason.NOT_PERMITTED), i8(Reason.UNKNOWN_DEAL)
_NOT_YOUR_TURN, _DEAL_LIMIT, _INVALID_AMOUNT = i8(Reason.NOT_YOUR_TURN), i8(Reason.DEAL_LIMIT), i8(Reason.INVALID_AMOUNT)
_BUY, _SELL, _MEDIATOR = i8(Side.BUY), i8(Side.SELL), i8(Role.MEDIATOR)
_ZERO, _NOBODY, _CASE, _HIGHEST = i8(0), i8(-1), i8(MILLION), i8(2**31 - 1)
_BOTH, _MOST_STARS = 3, 2


@inlined
def refusal_of_terms(market: Row, price: int, lots: int) -> int:
    """Return the reason for which nobody may trade so many lots at a price, NONE if one may."""
    if price < 1 or price > _HIGHEST:
        return _INVALID_PRICE
    if price % market.tick_size != 0:
        return _OFF_TICK
    if lots < 1 or lots > _HIGHEST:
        return _INVALID_SIZE
    return _OFF_LOT if lots % market.lot_size != 0 else _NONE


@called
def offer(call: Row, state: Row, market: Row, own: Row, queued: Row) -> int:
    """Begin a negotiation; return the reason for which it cannot be, or NONE."""
    agents, rules = agents_at(call.agents_at, call.agents_rows), mechanisms_at(call.mechanisms_at, 1)[0]
    receiver, delay = queued.order_id, queued.time_in_force
    if rules.deal_limit == 0:
        return _SWITCHED_OFF
    if receiver < 0 or receiver >= len(agents) or receiver == own.agent or agents[u8(receiver)].symbol != own.symbol:
        return _UNKNOWN_RECEIVER
    if queued.side != _BUY and queued.side != _SELL:
        return _INVALID_SIDE
    reason = refusal_of_terms(market, queued.price, queued.size)
    if reason != _NONE:
        return reason
    if delay < 1 or delay >= WHEEL or queued.more < 0 or queued.more > MILLION:
        return _INVALID_AMOUNT
    party = parties_at(call.parties_at, call.parties_rows)[u8(own.agent)]
    row = new_row(call) if party.deals < rules.deal_limit else _NOBODY
    if row < 0:
        return _DEAL_LIMIT
    party.deals = party.deals + 1
    deal = deals_at(call.deals_at, call.deals_rows)[u8(row)]
    deal.state = _OFFERED_STATE
    deal.protocol = deal.assents = deal.ratings = deal.claim = 0
    deal.first = own.agent
    deal.second = deal.turn = receiver
    deal.symbol = own.symbol
    deal.side = queued.side
    deal.price = queued.price
    deal.lots = queued.size
    deal.round = 1
    deal.delay = delay
    deal.promised = queued.more
    deal.amount = deal.breaker = deal.mediator = -1
    schedule(call, row, state.step + rules.patience)
    write(call, state.step, deal, _OFFERED, deal.price, own.agent, receiver, deal.promised)
    tell(call, state.step, deal, _OFFERED, own.agent, receiver, deal.price)
    return _NONE


@called
def counter(call: Row, state: Row, market: Row, own: Row, queued: Row) -> int:
    """Put another offer on the table; return the reason for which it cannot be, or NONE."""
    rules, row = mechanisms_at(call.mechanisms_at, 1)[0], row_of(call, queued.order_id)
    if row < 0:
        return _UNKNOWN_DEAL
    deal = deals_at(call.deals_at, call.deals_rows)[u8(row)]
    if deal.state != _OFFERED_STATE or deal.turn != own.agent or deal.round >= rules.rounds:
        return _NOT_YOUR_TURN
    reason = refusal_of_terms(market, queued.price, queued.size)
    if reason != _NONE:
        return reason
    other = other_of(deal, own.agent)
    deal.price = queued.price
    deal.lots = queued.size
    deal.round = deal.round + 1
    deal.turn = other
    schedule(call, row, state.step + rules.patience)
    write(call, state.step, deal, _COUNTERED, deal.price, own.agent, other, deal.promised)
    tell(call, state.step, deal, _COUNTERED, own.agent, other, deal.price)
    return _NONE


@called
def accept(call: Row, state: Row, own: Row, queued: Row) -> int:
    """Agree to an offer or to a settlement; return the reason for which it cannot be, or NONE."""
    row = row_of(call, queued.order_id)
    if row < 0:
        return _UNKNOWN_DEAL
    deal = deals_at(call.deals_at, call.deals_rows)[u8(row)]
    if deal.state == _OFFERED_STATE and deal.turn == own.agent:
        other = other_of(deal, own.agent)
        deal.state = _AGREED_STATE
        deal.turn = -1
        owe(call, deal, i8(deal.lots))
        schedule(call, row, state.step + deal.delay)
        write(call, state.step, deal, _AGREED, deal.price, own.agent, other, deal.due)
        tell(call, state.step, deal, _AGREED, own.agent, other, deal.price)
        return _NONE
    bit = 1 if own.agent == deal.first else 2
    if deal.state != _DISPUTED_STATE or deal.amount < 0 or (own.agent != deal.first and own.agent != deal.second) or deal.assents & bit:
        return _NOT_YOUR_TURN
    deal.assents = deal.assents | bit
    if deal.assents == _BOTH:
        pay_settlement(call, state, row)
    return _NONE


@inlined
def owe(call: Row, deal: Row, lots: int) -> None:
    """Count lots that the seller of a contract has to deliver, or with a minus has to no more."""
    party = parties_at(call.parties_at, call.parties_rows)[u8(deal.second if deal.side == _BUY else deal.first)]
    party.due_lots = party.due_lots + lots


@called
def pay_settlement(call: Row, state: Row, row: int) -> None:
    """Carry out what a mediator proposed and both sides agreed to: the mediator's share comes out of the amount."""
    agents, dirty = agents_at(call.agents_at, call.agents_rows), i4_at(call.dirty_at, call.dirty_rows)
    deal, rules = deals_at(call.deals_at, call.deals_rows)[u8(row)], mechanisms_at(call.mechanisms_at, 1)[0]
    victim = other_of(deal, deal.breaker)
    payer, paid, mediator = agents[u8(deal.breaker)], agents[u8(victim)], agents[u8(deal.mediator)]
    give_money(payer, paid, deal.amount)
    give_money(paid, mediator, share_of(deal.amount, rules.mediator_share))
    mark_dirty(state, dirty, payer)
    mark_dirty(state, dirty, paid)
    mark_dirty(state, dirty, mediator)
    witness(call, deal.breaker, victim, _ZERO, -_CASE // 2)
    witness(call, deal.mediator, victim, _CASE // 2, _ZERO)
    write(call, state.step, deal, _SETTLED, deal.price, deal.breaker, victim, deal.amount)
    close(call, row, _FREE)


@called
def walk_away(call: Row, state: Row, own: Row, queued: Row) -> int:
    """End a negotiation, or a mediation, without a result; return the reason for which it cannot be, or NONE."""
    row = row_of(call, queued.order_id)
    if row < 0:
        return _UNKNOWN_DEAL
    deal = deals_at(call.deals_at, call.deals_rows)[u8(row)]
    if own.agent != deal.first and own.agent != deal.second:
        return _NOT_PERMITTED
    if deal.state != _OFFERED_STATE and deal.state != _DISPUTED_STATE:
        return _NOT_YOUR_TURN
    other = other_of(deal, own.agent)
    what = _WALKED_AWAY if deal.state == _OFFERED_STATE else _UNSETTLED
    if what == _UNSETTLED and own.agent == deal.breaker:
        witness(call, deal.breaker, other, _ZERO, _CASE // 2)
    write(call, state.step, deal, what, deal.price, own.agent, other, deal.claim)
    tell(call, state.step, deal, what, own.agent, other, deal.price)
    close(call, row, _FREE)
    return _NONE


@called
def propose(call: Row, state: Row, own: Row, queued: Row) -> int:
    """Let the mediator of a dispute name an amount, also another one; return the reason for which it cannot be, or NONE."""
    row = row_of(call, queued.order_id)
    if row < 0:
        return _UNKNOWN_DEAL
    deal = deals_at(call.deals_at, call.deals_rows)[u8(row)]
    if deal.mediator != own.agent or deal.state != _DISPUTED_STATE:
        return _NOT_PERMITTED
    if queued.size < 0 or queued.size > deal.claim:
        return _INVALID_AMOUNT
    deal.amount = queued.size
    deal.assents = 0
    write(call, state.step, deal, _PROPOSED, deal.price, own.agent, deal.breaker, deal.amount)
    tell(call, state.step, deal, _PROPOSED, own.agent, deal.first, deal.amount)
    tell(call, state.step, deal, _PROPOSED, own.agent, deal.second, deal.amount)
    return _NONE


@called
def rate(call: Row, state: Row, own: Row, queued: Row) -> int:
    """Count one side's opinion of a delivered deal; return the reason for which it cannot be, or NONE."""
    row, stars = row_of(call, queued.order_id), queued.size
    if row < 0:
        return _UNKNOWN_DEAL
    deal = deals_at(call.deals_at, call.deals_rows)[u8(row)]
    bit = 1 if own.agent == deal.first else 2
    if own.agent != deal.first and own.agent != deal.second:
        return _NOT_PERMITTED
    if deal.state != _DELIVERED_STATE or deal.ratings & bit:
        return _NOT_YOUR_TURN
    if stars < -_MOST_STARS or stars > _MOST_STARS:
        return _INVALID_AMOUNT
    other = other_of(deal, own.agent)
    deal.ratings = deal.ratings | bit
    witness(call, other, own.agent, max(stars, 0) * _CASE // 2, max(-stars, 0) * _CASE // 2)
    write(call, state.step, deal, _RATED, deal.price, own.agent, other, stars)
    return _NONE


@called
def fall_due(call: Row, state: Row, row: int) -> None:
    """Do what is due to a negotiation, a contract or a dispute."""
    deal = deals_at(call.deals_at, call.deals_rows)[u8(row)]
    if deal.state == _AGREED_STATE:
        fulfil(call, state, row)
        return
    what, late = (_EXPIRED, i8(deal.turn)) if deal.state == _OFFERED_STATE else (_UNSETTLED, i8(deal.breaker))
    other = other_of(deal, late)
    if deal.state == _DISPUTED_STATE:
        witness(call, late, other, _ZERO, _CASE // 2)
    write(call, state.step, deal, what, deal.price, late, other, deal.claim)
    tell(call, state.step, deal, what, late, other, deal.price)
    close(call, row, _FREE)


@called
def fulfil(call: Row, state: Row, row: int) -> None:
    """Deliver what was agreed; who lacks the lots or the money breaks the contract."""
    agents, dirty = agents_at(call.agents_at, call.agents_rows), i4_at(call.dirty_at, call.dirty_rows)
    deal = deals_at(call.deals_at, call.deals_rows)[u8(row)]
    buyer = agents[u8(deal.first if deal.side == _BUY else deal.second)]
    seller = agents[u8(deal.second if deal.side == _BUY else deal.first)]
    value = deal.price * deal.lots
    owe(call, deal, i8(-deal.lots))
    if refusal_of_more(seller, _SELL, deal.lots, _ZERO) != _NONE:
        default(call, state, row, seller.agent, buyer.agent)
        return
    if refusal_of_more(buyer, _BUY, deal.lots, value) != _NONE:
        default(call, state, row, buyer.agent, seller.agent)
        return
    quality = quality_of(seller)
    if state.graded != 0:
        hand_quality(seller, buyer, deal.lots)
    seller.inventory = seller.inventory - deal.lots
    buyer.inventory = buyer.inventory + deal.lots
    give_money(buyer, seller, value)
    mark_dirty(state, dirty, seller)
    mark_dirty(state, dirty, buyer)
    write(call, state.step, deal, _DELIVERED, deal.price, seller.agent, buyer.agent, quality)
    tell(call, state.step, deal, _DELIVERED, seller.agent, buyer.agent, quality)
    witness(call, buyer.agent, seller.agent, _CASE, _ZERO)
    has_quality = resources_at(call.resources_at, call.resources_rows)[u8(deal.symbol)].period != 0
    if not has_quality or not found_wanting(call, state, deal, seller, buyer, quality):
        witness(call, seller.agent, buyer.agent, _CASE, _ZERO)
    close(call, row, _DELIVERED_STATE)


@called
def found_wanting(call: Row, state: Row, deal: Row, seller: Row, buyer: Row, quality: int) -> bool:
    """Say whether a delivery was verified and found worse than promised; then the difference in value is paid back."""
    rules, party = mechanisms_at(call.mechanisms_at, 1)[0], parties_at(call.parties_at, call.parties_rows)[u8(buyer.agent)]
    if rules.verify == 0 or below(next_word(party), MILLION) >= rules.verify or quality + rules.tolerance >= deal.promised:
        return False
    refund = share_of(deal.price * deal.lots, deal.promised - quality)
    give_money(seller, buyer, refund)
    witness(call, seller.agent, buyer.agent, _ZERO, _CASE)
    write(call, state.step, deal, _MISREPRESENTED, deal.price, seller.agent, buyer.agent, refund)
    return True


@inlined
def mediator_of(call: Row, deal: Row, count: int) -> int:
    """Return the mediator whose turn a dispute is, who is no side of it; -1 without one."""
    mediators = i8_at(call.mediators_at, call.mediators_rows)
    for later in range(count):
        mediator = i8(mediators[u8((deal.id + later) % count)])
        if mediator != deal.first and mediator != deal.second:
            return mediator
    return _NOBODY


@called
def default(call: Row, state: Row, row: int, breaker: int, victim: int) -> None:
    """Write down who broke a contract, and hand the case to a mediator where there is one."""
    deal, rules = deals_at(call.deals_at, call.deals_rows)[u8(row)], mechanisms_at(call.mechanisms_at, 1)[0]
    deal.breaker = breaker
    deal.claim = share_of(deal.price * deal.lots, rules.penalty)
    witness(call, breaker, victim, _ZERO, _CASE)
    write(call, state.step, deal, _DEFAULTED, deal.price, breaker, victim, deal.claim)
    tell(call, state.step, deal, _DEFAULTED, breaker, victim, deal.claim)
    deal.mediator = mediator_of(call, deal, i8(rules.mediators))
    if deal.mediator == _NOBODY:
        close(call, row, _FREE)
        return
    deal.state = _DISPUTED_STATE
    schedule(call, row, state.step + rules.patience)
    write(call, state.step, deal, _DISPUTED, deal.price, victim, deal.mediator, deal.claim)
    tell(call, state.step, deal, _DISPUTED, victim, deal.mediator, deal.claim)
