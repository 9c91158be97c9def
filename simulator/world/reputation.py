"""Reputation from kept and broken contracts, as the mean of a beta distribution whose evidence fades.

Source: Josang and Ismail, "The beta reputation system", 15th Bled Electronic Commerce Conference (2002).
"""

from __future__ import annotations

from simulator.matching.compiled import called, i8, inlined, u8
from simulator.world.call import agents_at, i4_at, mechanisms_at, publics_at, states_at, trust_at
from simulator.world.holdings import share_of
from simulator.world.layout import Row
from simulator.world.party_rows import MILLION, PARTNERS
from simulator.world.settlement import mark_dirty


@called
def witness(call: Row, agent: int, partner: int, good: int, bad: int) -> None:
    """Count evidence (millionths of a case) on how an agent kept its word, as all see it and as its partner remembers it."""
    if mechanisms_at(call.mechanisms_at, 1)[0].forget == 0:
        return
    known = publics_at(call.publics_at, call.publics_rows)[u8(agent)]
    known.good = max(known.good + good, i8(0))
    known.bad = max(known.bad + bad, i8(0))
    one = agents_at(call.agents_at, call.agents_rows)[u8(agent)]
    appear(one, known)
    mark_dirty(states_at(call.states_at, 1)[0], i4_at(call.dirty_at, call.dirty_rows), one)
    own = trust_at(call.trust_at, call.trust_rows)[u8(partner * PARTNERS + agent % PARTNERS)]
    if own.partner != agent:
        own.partner = agent
        own.good = 0
        own.bad = 0
    own.good = max(own.good + good, i8(0))
    own.bad = max(own.bad + bad, i8(0))


@inlined
def appear(own: Row, known: Row) -> None:
    """Bring an agent's reputation up to date."""
    own.reputation = i8(MILLION * (known.good + MILLION) // (known.good + known.bad + 2 * MILLION))


@called
def forget_phase(call: Row, state: Row) -> None:
    """Let all evidence fade, once in so many steps."""
    rules = mechanisms_at(call.mechanisms_at, 1)[0]
    if rules.forget == 0 or (state.step + 1) % rules.forget != 0:
        return
    agents, publics = agents_at(call.agents_at, call.agents_rows), publics_at(call.publics_at, call.publics_rows)
    trust = trust_at(call.trust_at, call.trust_rows)
    for number in range(len(publics)):
        known = publics[u8(number)]
        known.good = share_of(known.good, rules.memory)
        known.bad = share_of(known.bad, rules.memory)
        appear(agents[u8(number)], known)
    for number in range(len(trust)):
        own = trust[u8(number)]
        own.good = share_of(own.good, rules.memory)
        own.bad = share_of(own.bad, rules.memory)
