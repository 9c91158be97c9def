"""Resources: produced, stored, perishing and consumed, once a period; scarcity is what was wanted and lacking.

Costs of production and storage, and penalties for shortage, leave the market; what consumption is worth comes into it. Lots under a
resting offer can neither be consumed nor perish, but what would have perished is owed until they are free.
"""

from __future__ import annotations

from simulator.matching.arrays import Grow
from simulator.matching.compiled import called, i8, inlined, u1, u4, u8
from simulator.matching.writing import emit
from simulator.types import Reason, RecordKind
from simulator.world.call import agents_at, i4_at, markets_at, parties_at, pool_at, resources_at, ring_at
from simulator.world.draws import next_word, unit_of
from simulator.world.fundamental import wave_of
from simulator.world.holdings import take_quality
from simulator.world.layout import Array, Row
from simulator.world.party_rows import MILLION
from simulator.world.settlement import mark_dirty
from simulator.world.turns import clipped

_RESOURCE, _NONE = u1(RecordKind.RESOURCE), u1(Reason.NONE)
_DONE, _RING, _ZERO = i8(Grow.DONE), i8(Grow.RING), i8(0)
_KEPT = 0.9  # of the scarcity of before, in the figure that everybody sees


@called
def resources_phase(call: Row, state: Row) -> int:
    """Let every agent of a resource whose period ends produce, consume and pay; return DONE or RING."""
    resources, markets = resources_at(call.resources_at, call.resources_rows), markets_at(call.markets_at, call.markets_rows)
    agents, parties = agents_at(call.agents_at, call.agents_rows), parties_at(call.parties_at, call.parties_rows)
    pool, ring, dirty = pool_at(call.pool_at, 1), ring_at(call.ring_at, call.ring_rows), i4_at(call.dirty_at, call.dirty_rows)
    if len(ring) - pool[0].cursor < 1:
        pool[0].needed = 1
        return _RING
    if state.position == 0 and not begin_periods(resources, state.step):
        return _DONE
    for number in range(state.position, len(agents)):
        own = agents[u8(number)]
        resource = resources[u8(own.symbol)]
        if resource.period == 0 or (state.step + 1) % resource.period != 0:
            continue
        if len(ring) - pool[0].cursor < 1:
            pool[0].needed = 1
            state.position = number
            return _RING
        live(ring, pool, state, dirty, resource, own, parties[u8(number)])
    for symbol in range(len(resources)):
        resource = resources[u8(symbol)]
        if resource.period != 0 and (state.step + 1) % resource.period == 0:
            publish(resource, markets[u8(symbol)])
    return _DONE


@inlined
def begin_periods(resources: Array, step: int) -> bool:
    """Say whether any period ends in this step, and for those find out by what production is multiplied."""
    due = False
    for symbol in range(len(resources)):
        resource = resources[u8(symbol)]
        if resource.period == 0 or (step + 1) % resource.period != 0:
            continue
        due = True
        if resource.shock_chance > 0.0:
            ends = resource.shock_end if resource.short != 0 else resource.shock_chance
            if unit_of(next_word(resource)) < ends:
                resource.short = 1 - resource.short
        resource.factor = 1.0 + resource.season_height * wave_of(step * resource.season_turn + resource.season_phase)
        if resource.short != 0:
            resource.factor = resource.factor * resource.shock_left
        resource.made = resource.wanted = resource.lacked = resource.stock = 0
    return due


@inlined
def lots_of(party: Row, mean: float) -> int:
    """Return a whole number of lots whose mean is `mean`."""
    return i8(mean + unit_of(next_word(party)))


@inlined
def live(ring: Array, pool: Array, state: Row, dirty: Array, resource: Row, own: Row, party: Row) -> None:
    """Lose, produce, consume and pay for one period, and write it down if anything happened."""
    lost = perish(resource, own, party) if resource.decay > 0.0 else _ZERO
    made = produce(resource, own, party) if party.makes > 0.0 else _ZERO
    used, lacked, gain = _ZERO, _ZERO, _ZERO
    if party.uses > 0.0:
        wanted = lots_of(party, party.uses)
        used = min(wanted, max(own.inventory - own.ask_lots, _ZERO))
        lacked = wanted - used
        gain = i8(take_quality(own, used) * party.worth // MILLION)
        own.inventory = own.inventory - used
        resource.wanted = resource.wanted + wanted
        resource.lacked = resource.lacked + lacked
        party.consumed = party.consumed + used
        party.lacked = party.lacked + lacked
        party.earned = party.earned + gain
    paid = made * party.cost + lacked * party.penalty + own.inventory * resource.storage
    own.cash = own.cash + gain - paid
    party.spent = party.spent + paid
    resource.made = resource.made + made
    resource.stock = resource.stock + own.inventory
    if made + lost + used + lacked + paid != 0:
        percent = i8(party.quality // (own.inventory * (MILLION // 100))) if own.inventory > 0 else _ZERO
        mark_dirty(state, dirty, own)
        emit(ring, pool, u4(own.symbol), state.step, _RESOURCE, u8(0), u1(percent), _NONE, clipped(made), clipped(used), clipped(lacked),
             own.agent, clipped(lost), paid, gain)  # fmt: skip


@inlined
def produce(resource: Row, own: Row, party: Row) -> int:
    """Make what the agent can, may store and has the money for; return the lots."""
    lots = min(lots_of(party, party.makes * resource.factor), party.left)
    lots = min(lots, own.position_limit - own.inventory - own.bid_lots)
    if party.cost > 0:
        lots = min(lots, (own.cash - own.reserved + own.credit_limit) // party.cost)
    lots = max(lots, _ZERO)
    own.inventory = own.inventory + lots
    party.quality = party.quality + lots * party.grade
    party.produced = party.produced + lots
    party.left = party.left - lots
    return i8(lots)


@inlined
def perish(resource: Row, own: Row, party: Row) -> int:
    """Lose a share of the stock, as far as it is free; return the lots. What is sold meanwhile is not owed any more."""
    if own.inventory <= 0:
        party.owed = 0
        return _ZERO
    owed = party.owed + lots_of(party, own.inventory * resource.decay)
    lots = min(owed, max(own.inventory - own.ask_lots, _ZERO))
    party.owed = min(owed, own.inventory) - lots
    take_quality(own, lots)
    own.inventory = own.inventory - lots
    party.perished = party.perished + lots
    return i8(lots)


@inlined
def publish(resource: Row, market: Row) -> None:
    """Let everybody see what was made and wanted."""
    market.supply = resource.made
    market.demand = resource.wanted
    market.stock = resource.stock
    now = resource.lacked * MILLION / resource.wanted if resource.wanted > 0 else 0.0
    market.scarcity = i8(_KEPT * market.scarcity + (1.0 - _KEPT) * now)
