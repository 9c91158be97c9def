"""What happens beyond the book, compiled by itself: worlds that switch nothing of it on neither compile nor run it."""

from __future__ import annotations

from typing import Any

from simulator.matching.arrays import Grow
from simulator.matching.compiled import called, compiled_entry, i8, inlined, u1, u4, u8
from simulator.matching.writing import emit
from simulator.types import Reason, RecordKind
from simulator.world import alliances, auctions, deals, gossip, oversight
from simulator.world.acts import Act
from simulator.world.by_address import ROOM, SIGNATURE, What
from simulator.world.call import (
    agents_at,
    deals_at,
    i8_at,
    markets_at,
    pool_at,
    queued_rows_at,
    ring_at,
    states_at,
)
from simulator.world.deal_rows import DealState
from simulator.world.layout import Row
from simulator.world.party_rows import WHEEL
from simulator.world.reputation import forget_phase
from simulator.world.resources import resources_phase
from simulator.world.turns import clipped

_BEGIN, _ACT = int(What.BEGIN), int(What.ACT)
_REJECTED, _NONE, _INVALID_KIND = u1(RecordKind.REJECTED), i8(Reason.NONE), i8(Reason.INVALID_KIND)
_MESSAGE_LIMIT = i8(Reason.MESSAGE_LIMIT)
_DONE, _RING, _ZERO, _NOBODY = i8(Grow.DONE), i8(Grow.RING), i8(0), i8(-1)
_OFFER, _COUNTER, _ACCEPT, _WALK_AWAY = i8(Act.OFFER), i8(Act.COUNTER), i8(Act.ACCEPT), i8(Act.WALK_AWAY)
_SETTLE, _RATE, _OPEN_AUCTION, _BID = i8(Act.SETTLE), i8(Act.RATE), i8(Act.OPEN_AUCTION), i8(Act.BID)
_INVITE, _JOIN, _LEAVE, _EXPEL = i8(Act.INVITE), i8(Act.JOIN), i8(Act.LEAVE), i8(Act.EXPEL)
_WHISPER, _RESUME_TRADING = i8(Act.WHISPER), i8(Act.RESUME_TRADING)
_AUCTION = i8(DealState.AUCTION)
_LAST_SLOT = WHEEL - 1


def beyond(call: Any, what: int, agent: int, command: int) -> int:
    """Begin a step, carry out an agent's command (a row of QUEUED), or do what follows the commands; return DONE, RING or QUEUE."""
    state = states_at(call.states_at, 1)[0]
    if what == _BEGIN:
        return oversight.withdraw_orders(call, state)
    if what == _ACT:
        act(call, state, agent, command)
        return _DONE
    return phases(call, state)


@called
def act(call: Row, state: Row, agent: int, command: int) -> None:
    """Carry out one command, or write down why not; there is room for ROOM records."""
    own = agents_at(call.agents_at, call.agents_rows)[u8(agent)]
    queued = queued_rows_at(call.queued_at, call.queued_rows)[u8(command)]
    state.sent = state.sent + 1
    reason = reason_of(call, state, own, queued) if state.sent <= own.message_limit else _MESSAGE_LIMIT
    if reason != _NONE:
        pool, ring = pool_at(call.pool_at, 1), ring_at(call.ring_at, call.ring_rows)
        emit(ring, pool, u4(own.symbol), state.step, _REJECTED, u8(0), u1(reason), u1(0), clipped(queued.price), clipped(queued.size),
             _ZERO, agent, _NOBODY, queued.order_id, _NOBODY)  # fmt: skip


@inlined
def reason_of(call: Row, state: Row, own: Row, queued: Row) -> int:
    """Carry out one command; return the reason for which it cannot be, or NONE."""
    kind, market = queued.kind, markets_at(call.markets_at, call.markets_rows)[u8(own.symbol)]
    if kind > _WHISPER:
        return oversight.intervene(call, state, own, queued) if kind <= _RESUME_TRADING else _INVALID_KIND
    if kind == _OFFER:
        return deals.offer(call, state, market, own, queued)
    if kind == _COUNTER:
        return deals.counter(call, state, market, own, queued)
    if kind == _ACCEPT:
        return deals.accept(call, state, own, queued)
    if kind == _WALK_AWAY:
        return deals.walk_away(call, state, own, queued)
    if kind == _SETTLE:
        return deals.propose(call, state, own, queued)
    if kind == _RATE:
        return deals.rate(call, state, own, queued)
    if kind == _OPEN_AUCTION:
        return auctions.open_auction(call, state, market, own, queued)
    if kind == _BID:
        return auctions.bid(call, state, market, own, queued)
    if kind == _INVITE:
        return alliances.invite(call, state, own, queued)
    if kind == _JOIN:
        return alliances.join(call, state, own)
    if kind == _LEAVE:
        return alliances.leave(call, state, own)
    if kind == _EXPEL:
        return alliances.expel(call, state, own, queued)
    return gossip.begin_rumour(call, own, queued)


@called
def phases(call: Row, state: Row) -> int:
    """Do what follows the commands of a step, from the stage and position on at which there was no room; return DONE or RING."""
    while state.stage < 5:
        code = _DONE
        if state.stage == 0:
            code = resources_phase(call, state)
        elif state.stage == 1:
            code = due_phase(call, state)
        elif state.stage == 2:
            code = gossip.gossip_phase(call, state)
        elif state.stage == 3:
            code = alliances.sharing_phase(call, state)
        elif not oversight.restoring_phase(call, state):
            code = _RING
        if code != _DONE:
            return code
        state.stage = state.stage + 1
        state.position = 0
    state.stage = 0
    forget_phase(call, state)
    oversight.public_phase(call, state)
    return _DONE


@called
def due_phase(call: Row, state: Row) -> int:
    """Do what is due in this step to deals and auctions; return DONE or RING."""
    wheel, table = i8_at(call.wheel_at, call.wheel_rows), deals_at(call.deals_at, call.deals_rows)
    pool, ring, slot = pool_at(call.pool_at, 1), ring_at(call.ring_at, call.ring_rows), u8(state.step & _LAST_SLOT)
    while wheel[slot] >= 0:
        if len(ring) - pool[0].cursor < ROOM:
            pool[0].needed = ROOM
            return _RING
        row = wheel[slot]
        if table[u8(row)].state == _AUCTION:
            auctions.auction_due(call, state, row)
        else:
            deals.fall_due(call, state, row)
    return _DONE


def beyond_address() -> int:
    """Compile all of this, or load it, and return where it lies."""
    return compiled_entry(beyond, SIGNATURE)
