"""The table of deals: finding a free row, when each is due, and writing down what happens to it."""

from __future__ import annotations

from enum import IntEnum

from simulator.matching.compiled import called, i8, inlined, u1, u4, u8
from simulator.matching.writing import emit
from simulator.types import MessageKind, Reason, RecordKind
from simulator.world.call import agents_at, deals_at, i8_at, letters_at, mechanisms_at, parties_at, pool_at, ring_at
from simulator.world.layout import Row
from simulator.world.letters import deliver
from simulator.world.party_rows import WHEEL
from simulator.world.turns import clipped


class DealState(IntEnum):
    """Where a deal stands."""

    FREE = 0
    OFFERED = 1  # `turn` is to answer
    AGREED = 2  # to be delivered when due
    DISPUTED = 3  # a mediator may propose an amount
    DELIVERED = 4  # over, and may be rated
    AUCTION = 5


_NEGOTIATION, _NONE = u1(RecordKind.NEGOTIATION), u1(Reason.NONE)
_FREE, _DELIVERED = i8(DealState.FREE), i8(DealState.DELIVERED)
_DEAL = i8(MessageKind.DEAL)
_ZERO, _NOWHERE, _NOBODY = i8(0), i8(-1), i8(-1)
_TRIES = 8  # rows that are looked at for a free one
_LAST_SLOT = WHEEL - 1


@inlined
def new_row(call: Row) -> int:
    """Return a row that is free for the next deal, whose id its `id` then is; -1 if none is near."""
    rules, deals = mechanisms_at(call.mechanisms_at, 1)[0], deals_at(call.deals_at, call.deals_rows)
    for _ in range(_TRIES):
        row = i8(rules.next_deal % len(deals))
        deal = deals[u8(row)]
        if deal.state == _FREE or deal.state == _DELIVERED:
            deal.id = rules.next_deal
            rules.next_deal = rules.next_deal + 1
            return row
        rules.next_deal = rules.next_deal + 1
    return _NOWHERE


@inlined
def row_of(call: Row, deal: int) -> int:
    """Return the row of a deal that is not over, -1 if there is none of that id."""
    deals = deals_at(call.deals_at, call.deals_rows)
    if deal < 0:
        return _NOWHERE
    row = i8(deal % len(deals))
    return row if deals[u8(row)].id == deal and deals[u8(row)].state != _FREE else _NOWHERE


@called
def schedule(call: Row, row: int, due: int) -> None:
    """Let a deal be due at a step, less than 1024 ahead, and not before; -1 for never."""
    deals, wheel = deals_at(call.deals_at, call.deals_rows), i8_at(call.wheel_at, call.wheel_rows)
    deal = deals[u8(row)]
    if deal.slot != _NOWHERE:
        other = wheel[u8(deal.slot)]
        if other == row:
            wheel[u8(deal.slot)] = deal.next
        else:
            while deals[u8(other)].next != row:
                other = deals[u8(other)].next
            deals[u8(other)].next = deal.next
    deal.due = due
    deal.slot = due & _LAST_SLOT if due != _NOWHERE else _NOWHERE
    if due != _NOWHERE:
        deal.next = wheel[u8(deal.slot)]
        wheel[u8(deal.slot)] = row


@inlined
def close(call: Row, row: int, state: int) -> None:
    """End a deal: FREE, or DELIVERED while it may still be rated."""
    deal = deals_at(call.deals_at, call.deals_rows)[u8(row)]
    party = parties_at(call.parties_at, call.parties_rows)[u8(deal.first)]
    party.deals = party.deals - 1
    deal.state = state
    schedule(call, row, _NOWHERE)


@inlined
def side_of(deal: Row, agent: int) -> int:
    """Return on which side of a deal an agent is."""
    return i8(deal.side) if agent == deal.first else i8(1 - deal.side)


@inlined
def other_of(deal: Row, agent: int) -> int:
    """Return the other side of a deal between two."""
    return i8(deal.second) if agent == deal.first else i8(deal.first)


@called
def write(call: Row, step: int, deal: Row, what: int, price: int, owner: int, other: int, amount: int) -> None:
    """Write down what happened to a deal."""
    pool, ring = pool_at(call.pool_at, 1), ring_at(call.ring_at, call.ring_rows)
    side = side_of(deal, owner)
    emit(ring, pool, u4(deal.symbol), step, _NEGOTIATION, u8(side), u1(what), u1(deal.protocol), clipped(price), clipped(deal.lots),
         clipped(deal.round), owner, other, deal.id, amount)  # fmt: skip


@called
def tell(call: Row, step: int, deal: Row, what: int, sender: int, receiver: int, amount: int) -> None:
    """Send a letter about a deal, which is no record of its own."""
    agents, letters = agents_at(call.agents_at, call.agents_rows), letters_at(call.letters_at, call.letters_rows)
    deliver(letters, agents[u8(receiver)], step, sender, deal.symbol, _DEAL, what, deal.round, deal.id, amount)
