"""Gossip: rumours go over the edges of a fixed random graph, become weaker with every hop and period, and less true with every hop.

Source: the push protocol of Demers and others, "Epidemic algorithms for replicated database maintenance", 6th ACM Symposium on
Principles of Distributed Computing (1987). An agent keeps one rumour at a time, the strongest it heard.
"""

from __future__ import annotations

from simulator.matching.arrays import Grow
from simulator.matching.compiled import called, i8, u1, u4, u8
from simulator.matching.writing import emit
from simulator.types import MessageKind, Reason, RecordKind
from simulator.world.call import agents_at, i8_at, letters_at, mechanisms_at, parties_at, pool_at, ring_at
from simulator.world.draws import bell_of, below, next_word
from simulator.world.holdings import share_of
from simulator.world.layout import Row
from simulator.world.letters import deliver
from simulator.world.party_rows import MILLION
from simulator.world.turns import clipped

_MESSAGE, _GOSSIP = u1(RecordKind.MESSAGE), i8(MessageKind.GOSSIP)
_NONE, _SWITCHED_OFF = i8(Reason.NONE), i8(Reason.SWITCHED_OFF)
_DONE, _RING = i8(Grow.DONE), i8(Grow.RING)
_FAINT = 10_000  # strength below which a rumour is forgotten, a hundredth


@called
def begin_rumour(call: Row, own: Row, queued: Row) -> int:
    """Let an agent know something that it may pass on; return NONE, or SWITCHED_OFF where nobody gossips."""
    if mechanisms_at(call.mechanisms_at, 1)[0].gossip == 0:
        return _SWITCHED_OFF
    party = parties_at(call.parties_at, call.parties_rows)[u8(own.agent)]
    party.rumour_topic = clipped(queued.price)
    party.rumour_value = queued.size
    party.rumour_strength = MILLION
    party.rumour_hops = 0
    party.rumour_origin = own.agent
    return _NONE


@called
def gossip_phase(call: Row, state: Row) -> int:
    """Let those who know a rumour pass it on to a neighbour each, once in so many steps; return DONE or RING."""
    rules = mechanisms_at(call.mechanisms_at, 1)[0]
    if rules.gossip == 0 or (state.step + 1) % rules.gossip_every != 0:
        return _DONE
    parties, pool, ring = parties_at(call.parties_at, call.parties_rows), pool_at(call.pool_at, 1), ring_at(call.ring_at, call.ring_rows)
    neighbours = i8_at(call.neighbours_at, call.neighbours_rows)
    for number in range(state.position, len(parties)):
        party = parties[u8(number)]
        if party.rumour_strength == 0:
            continue
        if len(ring) - pool[0].cursor < 1:
            pool[0].needed = 1
            state.position = number
            return _RING
        party.rumour_strength = share_of(party.rumour_strength, rules.gossip_keep)
        if party.rumour_strength < _FAINT:
            party.rumour_strength = 0
        elif below(next_word(party), MILLION) < rules.gossip_chance:
            pass_on(call, state, i8(number), neighbours[u8(number * rules.gossip + below(next_word(party), rules.gossip))])
    return _DONE


@called
def pass_on(call: Row, state: Row, teller: int, hearer: int) -> None:
    """Tell a neighbour, who believes it if it is stronger than what it knows."""
    parties, rules = parties_at(call.parties_at, call.parties_rows), mechanisms_at(call.mechanisms_at, 1)[0]
    agents, letters = agents_at(call.agents_at, call.agents_rows), letters_at(call.letters_at, call.letters_rows)
    known, heard = parties[u8(teller)], parties[u8(hearer)]
    first = next_word(known)
    noise = rules.gossip_noise * bell_of(first, next_word(known))
    value, hops = i8(known.rumour_value + known.rumour_value * noise), i8(known.rumour_hops + 1)
    strength = share_of(known.rumour_strength, rules.gossip_keep)
    own, to = agents[u8(teller)], agents[u8(hearer)]
    emit(ring_at(call.ring_at, call.ring_rows), pool_at(call.pool_at, 1), u4(own.symbol), state.step, _MESSAGE, u8(0), u1(_GOSSIP), u1(0),
         clipped(known.rumour_topic), clipped(hops), strength, teller, hearer, value, known.rumour_origin)  # fmt: skip
    deliver(letters, to, state.step, teller, known.rumour_topic, _GOSSIP, hops, strength, value, known.rumour_origin)
    if strength > heard.rumour_strength:
        heard.rumour_topic = known.rumour_topic
        heard.rumour_value = value
        heard.rumour_strength = strength
        heard.rumour_hops = hops
        heard.rumour_origin = known.rumour_origin
