"""Alliances: who belongs to which, what members see of each other's knowledge, and how a pooled rebate is divided.

What members S would get by themselves is v(S) = F(S) x min(1, F(S) / full) x rebate, F(S) the fees that they paid in the period. The
whole is divided by the Shapley value: Shapley, "A value for n-person games", Contributions to the Theory of Games II (1953). An
alliance is stable in so far as nobody would do better alone or in a part of it: the core of Gillies, "Solutions to general
non-zero-sum games", Contributions to the Theory of Games IV (1959). `excess` is by how much the worst-off part would.
"""

from __future__ import annotations

from simulator.matching.arrays import Grow
from simulator.matching.compiled import called, i8, inlined, u1, u4, u8
from simulator.matching.writing import emit
from simulator.types import MessageKind, Reason, RecordKind
from simulator.world.call import agents_at, alliances_at, i4_at, letters_at, mechanisms_at, parties_at, pool_at, publics_at, ring_at
from simulator.world.holdings import share_of
from simulator.world.layout import Row
from simulator.world.letters import deliver
from simulator.world.party_rows import MEMBERS, MILLION
from simulator.world.settlement import mark_dirty

_MESSAGE, _NONE = u1(RecordKind.MESSAGE), i8(Reason.NONE)
_INVITED, _JOINED, _LEFT = i8(MessageKind.INVITED), i8(MessageKind.JOINED), i8(MessageKind.LEFT)
_EXPELLED, _SHARED = i8(MessageKind.EXPELLED), i8(MessageKind.SHARED)
_SWITCHED_OFF, _NOT_INVITED, _NOT_ALLIED = i8(Reason.SWITCHED_OFF), i8(Reason.NOT_INVITED), i8(Reason.NOT_ALLIED)
_ALREADY_ALLIED, _ALLIANCE_FULL, _NOT_PERMITTED = i8(Reason.ALREADY_ALLIED), i8(Reason.ALLIANCE_FULL), i8(Reason.NOT_PERMITTED)
_UNKNOWN_RECEIVER = i8(Reason.UNKNOWN_RECEIVER)
_DONE, _RING = i8(Grow.DONE), i8(Grow.RING)
_ZERO, _ONE, _NOBODY, _PLAIN = i8(0), i8(1), i8(-1), u1(0)


@called
def write(call: Row, step: int, own: Row, other: int, alliance: int, what: int, members: int, amount: int, excess: int) -> None:
    """Write down what happened to an alliance, and tell the other one if there is one."""
    pool, ring = pool_at(call.pool_at, 1), ring_at(call.ring_at, call.ring_rows)
    emit(ring, pool, u4(own.symbol), step, _MESSAGE, u8(0), u1(what), _PLAIN, alliance, members, _ZERO, own.agent, other, amount, excess)
    if other >= 0:
        agents, letters = agents_at(call.agents_at, call.agents_rows), letters_at(call.letters_at, call.letters_rows)
        deliver(letters, agents[u8(other)], step, own.agent, alliance, what, members, _ZERO, amount, excess)


@called
def invite(call: Row, state: Row, own: Row, queued: Row) -> int:
    """Invite an agent, into a new alliance where the agent has none; return the reason for which it cannot be, or NONE."""
    agents, alliances = agents_at(call.agents_at, call.agents_rows), alliances_at(call.alliances_at, call.alliances_rows)
    rules, receiver = mechanisms_at(call.mechanisms_at, 1)[0], queued.order_id
    if rules.alliances == 0:
        return _SWITCHED_OFF
    if receiver < 0 or receiver >= len(agents) or receiver == own.agent:
        return _UNKNOWN_RECEIVER
    if agents[u8(receiver)].alliance >= 0:
        return _ALREADY_ALLIED
    if own.alliance < 0:
        row = i8(rules.next_alliance)
        for _ in range(len(alliances)):
            if alliances[u8(row)].members == 0:
                break
            row = i8(row + 1) if row + 1 < len(alliances) else _ZERO
        if alliances[u8(row)].members != 0:
            return _ALLIANCE_FULL
        rules.next_alliance = row
        alliances[u8(row)].founder = own.agent
        alliances[u8(row)].gained = 0
        alliances[u8(row)].excess = 0
        enter(call, own, row)
    alliance = alliances[u8(own.alliance)]
    if alliance.members >= rules.alliances:
        return _ALLIANCE_FULL
    parties_at(call.parties_at, call.parties_rows)[u8(receiver)].invited = own.alliance
    write(call, state.step, own, receiver, own.alliance, _INVITED, alliance.members, _ZERO, _ZERO)
    return _NONE


@inlined
def enter(call: Row, own: Row, row: int) -> None:
    """Make an agent a member."""
    alliance, party = (
        alliances_at(call.alliances_at, call.alliances_rows)[u8(row)],
        parties_at(call.parties_at, call.parties_rows)[u8(own.agent)],
    )
    alliance.member[u8(alliance.members)] = own.agent
    alliance.members = alliance.members + 1
    own.alliance = row
    publics_at(call.publics_at, call.publics_rows)[u8(own.agent)].allied = row
    party.fee_mark = own.fees
    party.invited = -1
    inform(call, alliance)


@called
def inform(call: Row, alliance: Row) -> None:
    """Let all members see what one of them may see."""
    agents, parties = agents_at(call.agents_at, call.agents_rows), parties_at(call.parties_at, call.parties_rows)
    knows = _ZERO
    for place in range(alliance.members):
        knows = max(knows, i8(parties[u8(alliance.member[u8(place)])].knows))
    for place in range(alliance.members):
        show(agents[u8(alliance.member[u8(place)])], knows)


@inlined
def show(own: Row, knows: int) -> None:
    """Let an agent see the fundamental value from now on, or no more."""
    own.informed = knows
    if knows == 0:
        own.signal = 0.0


@called
def join(call: Row, state: Row, own: Row) -> int:
    """Enter the alliance into which one was invited; return the reason for which it cannot be, or NONE."""
    rules, party = mechanisms_at(call.mechanisms_at, 1)[0], parties_at(call.parties_at, call.parties_rows)[u8(own.agent)]
    if rules.alliances == 0:
        return _SWITCHED_OFF
    if own.alliance >= 0:
        return _ALREADY_ALLIED
    if party.invited < 0:
        return _NOT_INVITED
    alliance = alliances_at(call.alliances_at, call.alliances_rows)[u8(party.invited)]
    if alliance.members == 0 or alliance.members >= rules.alliances:
        return _ALLIANCE_FULL if alliance.members else _NOT_INVITED
    enter(call, own, party.invited)
    write(call, state.step, own, alliance.founder, own.alliance, _JOINED, alliance.members, _ZERO, _ZERO)
    return _NONE


@called
def part(call: Row, state: Row, own: Row, leaver: int, what: int) -> None:
    """Take a member out; an alliance of one is over."""
    agents, publics = agents_at(call.agents_at, call.agents_rows), publics_at(call.publics_at, call.publics_rows)
    parties, row = parties_at(call.parties_at, call.parties_rows), i8(own.alliance)
    alliance = alliances_at(call.alliances_at, call.alliances_rows)[u8(row)]
    gone, kept = agents[u8(leaver)], _ZERO
    for place in range(alliance.members):
        member = alliance.member[u8(place)]
        if member != leaver:
            alliance.member[u8(kept)] = member
            kept += _ONE
    alliance.members = kept
    told = i8(alliance.member[0]) if kept > 0 else _NOBODY
    write(call, state.step, own, leaver if leaver != own.agent else told, row, what, kept, _ZERO, _ZERO)
    gone.alliance = -1
    show(gone, i8(parties[u8(leaver)].knows))
    publics[u8(leaver)].allied = -1
    if alliance.founder == leaver:
        alliance.founder = alliance.member[0]
    inform(call, alliance)
    if kept == 1:
        last = agents[u8(alliance.member[0])]
        last.alliance = -1
        show(last, i8(parties[u8(last.agent)].knows))
        publics[u8(last.agent)].allied = -1
        alliance.members = 0
    if alliance.members == 0:  # its row may become another alliance's, into which nobody was invited
        for number in range(len(parties)):
            if parties[u8(number)].invited == row:
                parties[u8(number)].invited = -1


@called
def leave(call: Row, state: Row, own: Row) -> int:
    """Leave one's alliance; return the reason for which it cannot be, or NONE."""
    if own.alliance < 0:
        return _NOT_ALLIED if mechanisms_at(call.mechanisms_at, 1)[0].alliances != 0 else _SWITCHED_OFF
    part(call, state, own, own.agent, _LEFT)
    return _NONE


@called
def expel(call: Row, state: Row, own: Row, queued: Row) -> int:
    """Put a member out, as the founder; return the reason for which it cannot be, or NONE."""
    agents, leaver = agents_at(call.agents_at, call.agents_rows), queued.order_id
    if own.alliance < 0:
        return _NOT_ALLIED if mechanisms_at(call.mechanisms_at, 1)[0].alliances != 0 else _SWITCHED_OFF
    if alliances_at(call.alliances_at, call.alliances_rows)[u8(own.alliance)].founder != own.agent:
        return _NOT_PERMITTED
    if leaver < 0 or leaver >= len(agents) or leaver == own.agent or agents[u8(leaver)].alliance != own.alliance:
        return _UNKNOWN_RECEIVER
    part(call, state, own, leaver, _EXPELLED)
    return _NONE


@called
def sharing_phase(call: Row, state: Row) -> int:
    """Divide what each alliance gained, once in so many steps; return DONE or RING."""
    rules = mechanisms_at(call.mechanisms_at, 1)[0]
    if rules.alliances == 0 or (state.step + 1) % rules.share_every != 0:
        return _DONE
    alliances, pool, ring = (
        alliances_at(call.alliances_at, call.alliances_rows),
        pool_at(call.pool_at, 1),
        ring_at(call.ring_at, call.ring_rows),
    )
    for row in range(state.position, len(alliances)):
        if alliances[u8(row)].members < 2:
            continue
        if len(ring) - pool[0].cursor < MEMBERS:
            pool[0].needed = MEMBERS
            state.position = row
            return _RING
        share(call, state, rules, alliances[u8(row)], i8(row))
    return _DONE


@inlined
def fees_since(call: Row, agent: int) -> int:
    """Return the fees that a member paid since its alliance last shared; rebates count for nothing."""
    own, party = agents_at(call.agents_at, call.agents_rows)[u8(agent)], parties_at(call.parties_at, call.parties_rows)[u8(agent)]
    return i8(max(own.fees - party.fee_mark, _ZERO))


@called
def worth(call: Row, rules: Row, alliance: Row, some: int) -> int:
    """Return what some members (one bit each) would get by themselves."""
    fees = _ZERO
    for place in range(alliance.members):
        if (some >> place) & 1:
            fees += fees_since(call, alliance.member[u8(place)])
    rate = rules.rebate if fees >= rules.full else share_of(rules.rebate, fees * MILLION // rules.full)
    return share_of(fees, rate)


@called
def shapley(call: Row, rules: Row, alliance: Row, place: int) -> int:
    """Return what a member adds to the others on average over all orders in which they could have come, rounded down."""
    members, total = i8(alliance.members), _ZERO
    for some in range(1 << members):
        if (some >> place) & 1:
            continue
        others = _ZERO
        for other in range(members):
            others += (some >> other) & 1
        orders = factorial(others) * factorial(members - 1 - others)  # in which exactly these came before
        total += orders * (worth(call, rules, alliance, i8(some) | (_ONE << i8(place))) - worth(call, rules, alliance, i8(some)))
    return i8(total // factorial(members))


@inlined
def factorial(number: int) -> int:
    """Return in how many orders so many members can come."""
    orders = _ONE
    for place in range(number):
        orders *= place + 1
    return orders


@called
def share(call: Row, state: Row, rules: Row, alliance: Row, row: int) -> None:
    """Give every member its part, the first one what rounding leaves, and find out how stable that is."""
    agents, parties = agents_at(call.agents_at, call.agents_rows), parties_at(call.parties_at, call.parties_rows)
    dirty, members = i4_at(call.dirty_at, call.dirty_rows), i8(alliance.members)
    left = worth(call, rules, alliance, (_ONE << members) - _ONE)
    alliance.gained = alliance.gained + left
    for place in range(members):
        party = parties[u8(alliance.member[u8(place)])]
        party.part = shapley(call, rules, alliance, i8(place))
        left -= party.part
    first = parties[u8(alliance.member[0])]
    first.part = first.part + left
    alliance.excess = excess_of(call, rules, alliance)
    for place in range(members):
        agent = i8(alliance.member[u8(place)])
        own, party = agents[u8(agent)], parties[u8(agent)]
        own.cash = own.cash + party.part
        own.fees = own.fees - party.part
        party.shared = party.shared + party.part
        party.fee_mark = own.fees
        mark_dirty(state, dirty, own)
        write(call, state.step, own, _NOBODY, row, _SHARED, members, party.part, alliance.excess)


@called
def excess_of(call: Row, rules: Row, alliance: Row) -> int:
    """Return by how much the members of the worst-off part would do better by themselves; 0 in the core."""
    parties, worst = parties_at(call.parties_at, call.parties_rows), _ZERO
    for some in range(1, 1 << alliance.members):
        got = _ZERO
        for place in range(alliance.members):
            if (some >> place) & 1:
                got += parties[u8(alliance.member[u8(place)])].part
        worst = max(worst, worth(call, rules, alliance, i8(some)) - got)
    return worst
