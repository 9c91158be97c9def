"""Oversight: what regulators do, and the public facts by which they judge, read from the log that everybody can read."""

from __future__ import annotations

from simulator.matching.arrays import Grow
from simulator.matching.compiled import called, i8, inlined, u1, u4, u8
from simulator.matching.writing import emit
from simulator.types import CommandKind, InterventionKind, Reason, RecordKind, Role, Rule
from simulator.world.acts import Act
from simulator.world.call import (
    Stop,
    agents_at,
    commands_at,
    i4_at,
    i8_at,
    mechanisms_at,
    parties_at,
    pool_at,
    publics_at,
    queued_rows_at,
    ring_at,
    symbols_at,
    turns_at,
)
from simulator.world.layout import Row
from simulator.world.settlement import mark_dirty
from simulator.world.turns import clipped
from simulator.world.view_type import open_order_at

_INTERVENTION = u1(RecordKind.INTERVENTION)
_ACCEPTED, _CANCELLED, _MODIFIED = u1(RecordKind.ACCEPTED), u1(RecordKind.CANCELLED), u1(RecordKind.MODIFIED)
_TRADE, _BY_OWNER = u1(RecordKind.TRADE), u1(Reason.BY_OWNER)
_WARNED, _FINED, _SUSPENDED = i8(InterventionKind.WARNED), i8(InterventionKind.FINED), i8(InterventionKind.SUSPENDED)
_RESTORED = i8(InterventionKind.RESTORED)
_WARN, _FINE, _SUSPEND, _HALT_TRADING = i8(Act.WARN), i8(Act.FINE), i8(Act.SUSPEND), i8(Act.HALT_TRADING)
_HALT, _RESUME, _CANCEL = i8(CommandKind.HALT), i8(CommandKind.RESUME), i8(CommandKind.CANCEL)
_NONE, _NOT_PERMITTED, _UNKNOWN_RECEIVER = i8(Reason.NONE), i8(Reason.NOT_PERMITTED), i8(Reason.UNKNOWN_RECEIVER)
_UNKNOWN_SYMBOL, _INVALID_AMOUNT = i8(Reason.UNKNOWN_SYMBOL), i8(Reason.INVALID_AMOUNT)
_DONE, _QUEUE = i8(Grow.DONE), i8(Stop.QUEUE)
_REGULATOR, _LAST_RULE, _NOBODY, _ZERO, _ONE = i8(Role.REGULATOR), i8(max(Rule)), i8(-1), i8(0), i8(1)


@called
def intervene(call: Row, state: Row, own: Row, queued: Row) -> int:
    """Do what a regulator asks; return the reason for which it cannot be, or NONE."""
    agents, rules = agents_at(call.agents_at, call.agents_rows), mechanisms_at(call.mechanisms_at, 1)[0]
    if parties_at(call.parties_at, call.parties_rows)[u8(own.agent)].role != _REGULATOR:
        return _NOT_PERMITTED
    if queued.kind >= _HALT_TRADING:
        symbols = symbols_at(call.symbols_at, call.symbols_rows)
        if queued.order_id < 0 or queued.order_id >= len(symbols):
            return _UNKNOWN_SYMBOL
        if queued.side < 0 or queued.side > _LAST_RULE:
            return _INVALID_AMOUNT
        symbol = symbols[u8(queued.order_id)]
        symbol.wanted = _HALT if queued.kind == _HALT_TRADING else _RESUME
        symbol.asked_by = own.agent
        symbol.asked_rule = queued.side
        symbol.asked_observed = queued.price
        symbol.asked_allowed = queued.size
        return _NONE
    if queued.order_id < 0 or queued.order_id >= len(agents):
        return _UNKNOWN_RECEIVER
    if queued.side < 0 or queued.side > _LAST_RULE or queued.more < 0 or queued.more > rules.highest_fine:
        return _INVALID_AMOUNT
    target = agents[u8(queued.order_id)]
    if queued.kind == _WARN:
        write(call, state.step, target.symbol, _WARNED, queued, own.agent, target.agent, _ZERO, _ZERO)
        return _NONE
    if queued.kind == _FINE:
        party = parties_at(call.parties_at, call.parties_rows)[u8(target.agent)]
        known = publics_at(call.publics_at, call.publics_rows)[u8(target.agent)]
        target.cash = target.cash - queued.more
        party.fines = party.fines + queued.more
        known.fined = known.fined + queued.more
        mark_dirty(state, i4_at(call.dirty_at, call.dirty_rows), target)
        write(call, state.step, target.symbol, _FINED, queued, own.agent, target.agent, queued.more, _ZERO)
        return _NONE
    if queued.most < 1 or queued.most > rules.longest_suspension:
        return _INVALID_AMOUNT
    suspend(call, state, target, state.step + queued.most)
    write(call, state.step, target.symbol, _SUSPENDED, queued, own.agent, target.agent, _ZERO, state.step + queued.most)
    return _NONE


@inlined
def write(call: Row, step: int, symbol: int, what: int, queued: Row, by: int, target: int, amount: int, until: int) -> None:
    """Write down what a regulator did."""
    pool, ring = pool_at(call.pool_at, 1), ring_at(call.ring_at, call.ring_rows)
    emit(ring, pool, u4(symbol), step, _INTERVENTION, u8(0), u1(what), u1(queued.side), clipped(queued.price), clipped(queued.size), _ZERO,
         by, target, amount, until)  # fmt: skip


@inlined
def suspend(call: Row, state: Row, target: Row, until: int) -> None:
    """Keep an agent out of the market: it is not asked any more."""
    known, rules = publics_at(call.publics_at, call.publics_rows)[u8(target.agent)], mechanisms_at(call.mechanisms_at, 1)[0]
    if known.suspended_until == 0:
        i8_at(call.suspended_at, call.suspended_rows)[u8(rules.suspended)] = target.agent
        rules.suspended = rules.suspended + 1
    known.suspended_until = max(known.suspended_until, until)
    target.activity = 0.0


@called
def withdraw_orders(call: Row, state: Row) -> int:
    """Before a step, withdraw the orders of those who are suspended; return DONE, or QUEUE before anything while there is no room."""
    rules, commands = mechanisms_at(call.mechanisms_at, 1)[0], commands_at(call.commands_at, 1)[0]
    agents, suspended = agents_at(call.agents_at, call.agents_rows), i8_at(call.suspended_at, call.suspended_rows)
    queued, turns = queued_rows_at(call.queued_at, call.queued_rows), turns_at(call.turns_at, call.turns_rows)
    taken = i8(commands.count)
    for place in range(rules.suspended):
        taken += agents[u8(suspended[u8(place)])].open_orders
    if taken > commands.capacity:
        return _QUEUE
    for place in range(rules.suspended):
        own = agents[u8(suspended[u8(place)])]
        if own.open_orders == 0:
            continue
        turn = turns[u8(state.turns)]
        turn.agent = own.agent
        turn.first = commands.count
        turn.count = own.open_orders
        for order in range(own.open_orders):
            row = queued[u8(commands.count + order)]
            row.kind = _CANCEL
            row.side = row.time_in_force = row.price = row.size = 0
            row.order_id = open_order_at(own, order).order_id
        commands.count = commands.count + own.open_orders
        state.turns = state.turns + 1
    return _DONE


@called
def public_phase(call: Row, state: Row) -> None:
    """Bring what is public of every agent up to date: read the step's log, let counts fade, end suspensions that are over."""
    rules, publics = mechanisms_at(call.mechanisms_at, 1)[0], publics_at(call.publics_at, call.publics_rows)
    if rules.watch == 0:
        return
    pool, ring = pool_at(call.pool_at, 1), ring_at(call.ring_at, call.ring_rows)
    agents, dirty = agents_at(call.agents_at, call.agents_rows), i4_at(call.dirty_at, call.dirty_rows)
    for row in range(max(rules.scanned - state.first_seq, _ZERO), pool[0].cursor):
        record = ring[row]
        kind = record.kind
        if kind == _TRADE:
            publics[u8(record.owner)].trades += _ONE
            publics[u8(record.other_owner)].trades += _ONE
        elif kind == _ACCEPTED or kind == _MODIFIED or (kind == _CANCELLED and record.reason == _BY_OWNER):
            publics[u8(record.owner)].orders += _ONE
    rules.scanned = state.first_seq + pool[0].cursor
    for place in range(state.dirty):
        own = agents[i8(dirty[place])]
        publics[u8(own.agent)].position = own.inventory
    if (state.step + 1) % rules.watch == 0:
        for number in range(len(publics)):
            known = publics[u8(number)]
            known.orders = known.orders // 2
            known.trades = known.trades // 2


@called
def restoring_phase(call: Row, state: Row) -> bool:
    """Let those trade again whose suspension is over; False while the ring has no room for it."""
    rules, suspended = mechanisms_at(call.mechanisms_at, 1)[0], i8_at(call.suspended_at, call.suspended_rows)
    agents, publics = agents_at(call.agents_at, call.agents_rows), publics_at(call.publics_at, call.publics_rows)
    pool, ring, place = pool_at(call.pool_at, 1), ring_at(call.ring_at, call.ring_rows), _ZERO
    while place < rules.suspended:
        agent = suspended[u8(place)]
        if publics[u8(agent)].suspended_until > state.step:
            place += _ONE
            continue
        if len(ring) - pool[0].cursor < 1:
            pool[0].needed = 1
            return False
        publics[u8(agent)].suspended_until = 0
        agents[u8(agent)].activity = parties_at(call.parties_at, call.parties_rows)[u8(agent)].asked
        rules.suspended = rules.suspended - 1
        suspended[u8(place)] = suspended[u8(rules.suspended)]
        emit(ring, pool, u4(agents[u8(agent)].symbol), state.step, _INTERVENTION, u8(0), u1(_RESTORED), u1(0), _ZERO, _ZERO, _ZERO, _NOBODY,
             agent, _ZERO, _ZERO)  # fmt: skip
    return True
