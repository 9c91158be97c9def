"""The commands of a step, one after the other, on their way through the world's own rules into the book."""

from __future__ import annotations

from simulator.matching.arrays import Grow
from simulator.matching.compiled import called, i8, inlined, u1, u4, u8
from simulator.matching.crossing import look_ahead
from simulator.matching.kernel import find, submit
from simulator.matching.writing import emit
from simulator.types import CommandKind, InterventionKind, Outcome, Reason, RecordKind, Rule, TimeInForce
from simulator.world.accounts import refusal_by_limits, refusal_of_more
from simulator.world.acts import Act
from simulator.world.bands import edge_of, is_outside
from simulator.world.by_address import ROOM, What, call_beyond
from simulator.world.call import (
    Stop,
    agents_at,
    books_at,
    declared_at,
    i4_at,
    letters_at,
    levels_at,
    markets_at,
    orders_at,
    pages_at,
    pool_at,
    queued_rows_at,
    ring_at,
    symbols_at,
    table_at,
    turns_at,
    u4_at,
    u8_at,
)
from simulator.world.layout import DECLARE, MESSAGE, SIGNALS, Array, Row
from simulator.world.letters import deliver
from simulator.world.open_orders import NOT_FOUND, place_of
from simulator.world.settlement import settle, settle_auction
from simulator.world.view_type import open_order_at

_LIMIT, _MARKET, _CANCEL, _MODIFY = i8(CommandKind.LIMIT), i8(CommandKind.MARKET), i8(CommandKind.CANCEL), i8(CommandKind.MODIFY)
_UNCROSS = i8(CommandKind.UNCROSS)
_REJECTED, _MESSAGE_RECORD = u1(RecordKind.REJECTED), u1(RecordKind.MESSAGE)
_NONE, _NOT_OWNER, _INVALID_KIND = u1(Reason.NONE), u1(Reason.NOT_OWNER), u1(Reason.INVALID_KIND)
_INVALID_PRICE, _INVALID_SIZE, _INVALID_SIDE = u1(Reason.INVALID_PRICE), u1(Reason.INVALID_SIZE), u1(Reason.INVALID_SIDE)
_INVALID_TIME_IN_FORCE = u1(Reason.INVALID_TIME_IN_FORCE)
_PRICE_BAND, _IOC = u1(Reason.PRICE_BAND), i8(TimeInForce.IOC)
_MESSAGE_LIMIT, _UNKNOWN_RECEIVER = u1(Reason.MESSAGE_LIMIT), u1(Reason.UNKNOWN_RECEIVER)
_ZERO, _NOBODY = i8(0), i8(-1)
_DONE, _RING = i8(Grow.DONE), i8(Grow.RING)
_DECLARED, _LAST_OUTCOME = i8(Stop.DECLARED), i8(max(Outcome))
_HIGHEST, _LOWEST = i8(2**31 - 1), i8(-(2**31))
_ROOM_AROUND = i8(ROOM)  # records of a command beside those per order that it meets
_ACT, _HALT, _RESUME = i8(What.ACT), i8(CommandKind.HALT), i8(CommandKind.RESUME)
_INTERVENTION, _HALTED, _RESUMED = u1(RecordKind.INTERVENTION), i8(InterventionKind.HALTED), i8(InterventionKind.RESUMED)
_HALTED_RECORD, _CIRCUIT_BREAKER = u1(RecordKind.HALTED), i8(Rule.CIRCUIT_BREAKER)
_RESUMED_RECORD, _SWITCHED_OFF = u1(RecordKind.RESUMED), u1(Reason.SWITCHED_OFF)
_LAST_ACT = i8(max(Act))
_FIRST_OWN_KIND = 16  # of messages; those from 1 on below it are the world's


@inlined
def clipped(value: int) -> int:
    """Return a number as a record can hold it."""
    if value > _HIGHEST:
        return _HIGHEST
    return value if value > _LOWEST else _LOWEST


@inlined
def has_room(
    books: Array, pool: Array, orders: Array, levels: Array, pages: Array, ring: Array, symbol: int, agent: int, queued: Row
) -> bool:
    """Say whether the ring has room for all records of a command and of its trades; pool.needed says how much it takes."""
    free = len(ring) - pool[0].cursor
    book = books[symbol]
    meets = i8(book.orders[0]) + i8(book.orders[1])
    if free >= _ROOM_AROUND + 2 * meets:
        return True
    if queued.kind == _CANCEL or queued.kind >= MESSAGE or (queued.size <= 0 and queued.kind != _UNCROSS):
        meets = i8(0)
    elif book.in_call == 0 and queued.kind <= _MARKET and (queued.side == 0 or queued.side == 1):
        limit = queued.price if queued.kind == _LIMIT else (_HIGHEST if queued.side == 0 else _ZERO)
        meets, _ = look_ahead(orders, levels, pages, book, u8(queued.side), limit, i8(queued.size), i8(agent))
    pool[0].needed = _ROOM_AROUND + 2 * meets
    return bool(free >= pool[0].needed)


@inlined
def refusal(books: Array, orders: Array, table: Array, market: Row, own: Row, symbol: int, queued: Row) -> int:
    """Return the reason for which the world keeps a command from the book, NONE if the book may judge it."""
    kind, side, price, size = queued.kind, queued.side, queued.price, queued.size
    if kind < 0 or kind > _MODIFY:
        return _INVALID_KIND
    if kind == _CANCEL:
        return _refusal_of_id(orders, table, own, symbol, queued.order_id)
    if queued.time_in_force < 0 or queued.time_in_force > 3:
        return _INVALID_TIME_IN_FORCE
    if size > _HIGHEST or size < 1:
        return _INVALID_SIZE
    if price > _HIGHEST or (price < 1 and kind != _MARKET):
        return _INVALID_PRICE
    if books[symbol].halted != 0:
        return _NONE
    if kind == _MODIFY:
        return _refusal_of_change(orders, table, market, own, symbol, queued)
    if side < 0 or side > 1:
        return _INVALID_SIDE
    if kind == _LIMIT and is_outside(market, side, price):
        return _PRICE_BAND
    return refusal_by_limits(own, i8(books[symbol].best[1]), kind, side, queued.time_in_force, price, size)


@inlined
def _refusal_of_id(orders: Array, table: Array, own: Row, symbol: int, order_id: int) -> int:
    if place_of(own, order_id) == NOT_FOUND and find(orders, table, u4(symbol), order_id) != 0:
        return _NOT_OWNER
    return _NONE


@inlined
def _refusal_of_change(orders: Array, table: Array, market: Row, own: Row, symbol: int, queued: Row) -> int:
    place = place_of(own, queued.order_id)
    if place == NOT_FOUND:
        return _NOT_OWNER if find(orders, table, u4(symbol), queued.order_id) != 0 else _NONE
    order = open_order_at(own, place)
    if queued.price != order.price and is_outside(market, order.side, queued.price):
        return _PRICE_BAND
    lots, cost = queued.size - order.size, queued.price * queued.size - order.price * order.size
    if lots <= 0 and cost <= 0:
        return _NONE
    return refusal_of_more(own, order.side, lots, cost)


@called
def carry_out(call: Row, state: Row) -> int:
    """Carry out all commands from state.position and state.command on; return DONE, or what must grow before the next one."""
    books, pool, orders = books_at(call.books_at, call.books_rows), pool_at(call.pool_at, 1), orders_at(call.orders_at, call.orders_rows)
    levels, pages = levels_at(call.levels_at, call.levels_rows), pages_at(call.pages_at, call.pages_rows)
    table, directory = table_at(call.table_at, call.table_rows), u4_at(call.directory_at, call.directory_rows)
    ring, markets = ring_at(call.ring_at, call.ring_rows), markets_at(call.markets_at, call.markets_rows)
    agents, dirty = agents_at(call.agents_at, call.agents_rows), i4_at(call.dirty_at, call.dirty_rows)
    all_queued, turns = queued_rows_at(call.queued_at, call.queued_rows), turns_at(call.turns_at, call.turns_rows)
    for position in range(state.position, state.turns):
        turn = turns[u8(position)]
        agent = i8(turn.agent)
        own, by_world = agents[agent], agent < 0
        for command in range(state.command, i8(turn.count)):
            queued = all_queued[u8(turn.first + command)]
            symbol, kind = queued.order_id if by_world else own.symbol, queued.kind
            code = _DONE if has_room(books, pool, orders, levels, pages, ring, symbol, agent, queued) else _RING
            if code == _DONE and kind == DECLARE:
                code = note_declared(call, state, own, queued)
            elif code == _DONE and kind >= MESSAGE:
                speak(call, state, own, turn.first + command)
            elif code == _DONE:
                order_id = state.next_order_id if kind <= _MARKET else queued.order_id
                reason = _NONE if by_world else refusal(books, orders, table, markets[symbol], own, symbol, queued)
                price, size, before = clipped(queued.price), clipped(queued.size), i8(pool[0].cursor)
                if reason != _NONE:
                    emit(ring, pool, u4(symbol), state.step, _REJECTED, u8(queued.side), reason, u1(queued.time_in_force), price, size,
                         _ZERO, agent, _NOBODY, order_id, _NOBODY)  # fmt: skip
                else:
                    as_kind, time_in_force = kind, queued.time_in_force
                    if kind == _MARKET and markets[symbol].band_high != 0:
                        as_kind, time_in_force, price = _LIMIT, _IOC, edge_of(markets[symbol], queued.side)
                    code = submit(books, pool, orders, levels, pages, table, directory, ring, symbol, state.step, as_kind, queued.side,
                                  time_in_force, price, size, order_id, agent)  # fmt: skip
                    if code == _DONE and by_world:
                        note_phase(call, state, symbol, before)
                        if kind == _UNCROSS:
                            settle_auction(ring, pool, state, agents, dirty, before)
                    elif code == _DONE:
                        settle(ring, pool, state, agents, dirty, own, before, price, order_id)
                if code == _DONE and kind <= _MARKET:
                    state.next_order_id = state.next_order_id + 1
            if code != _DONE:
                state.position = position
                state.command = command
                return code
        state.command = 0
        state.sent = 0
    return _DONE


@called
def note_phase(call: Row, state: Row, symbol: int, before: int) -> None:
    """Write down on whose word trading in a symbol was halted or resumed, if it was."""
    pool, ring = pool_at(call.pool_at, 1), ring_at(call.ring_at, call.ring_rows)
    kind, asked = ring[before].kind, symbols_at(call.symbols_at, call.symbols_rows)[symbol]
    by = i8(asked.asked_by)
    asked.asked_by = -1
    if kind != _HALTED_RECORD and kind != _RESUMED_RECORD:
        return
    rule = _CIRCUIT_BREAKER if asked.resume_at != 0 or asked.paused != 0 else _ZERO
    asked.paused = 1 if kind == _HALTED_RECORD and rule != _ZERO else 0
    market = markets_at(call.markets_at, call.markets_rows)[symbol]
    observed, allowed = clipped(market.mid_twice // 2), clipped(asked.breaker_move)
    if by >= 0:
        rule, observed, allowed = i8(asked.asked_rule), clipped(asked.asked_observed), clipped(asked.asked_allowed)
    emit(ring, pool, u4(symbol), state.step, _INTERVENTION, u8(0), u1(_HALTED if kind == _HALTED_RECORD else _RESUMED), u1(rule),
         observed, allowed, _ZERO, by, _NOBODY, _ZERO, asked.resume_at)  # fmt: skip


@called
def note_declared(call: Row, state: Row, own: Row, queued: Row) -> int:
    """Keep what an agent declares of itself, beside the log; return DONE, or DECLARED where there is no room.

    What is no Outcome says nothing and is passed over.
    """
    if queued.side < 0 or queued.side > _LAST_OUTCOME:
        return _DONE
    if state.declared >= call.declared_rows:
        return _DECLARED
    row = declared_at(call.declared_at, call.declared_rows)[u8(state.declared)]
    row.agent = own.agent
    row.symbol = own.symbol
    row.step = state.step
    row.episode = queued.order_id
    row.outcome = queued.side
    state.declared = state.declared + 1
    return _DONE


@called
def speak(call: Row, state: Row, own: Row, row: int) -> None:
    """Carry out a command that is not for the book: a message, or what the scenario allows beyond it."""
    queued, beyond = queued_rows_at(call.queued_at, call.queued_rows)[u8(row)], u8_at(call.beyond_at, 1)[0]
    pool, ring = pool_at(call.pool_at, 1), ring_at(call.ring_at, call.ring_rows)
    if queued.kind == MESSAGE:
        send(call, ring, pool, state, own, queued)
    elif beyond != 0:
        call_beyond(beyond, call, _ACT, own.agent, row)
    else:
        reason = _SWITCHED_OFF if queued.kind <= _LAST_ACT else _INVALID_KIND
        emit(ring, pool, u4(own.symbol), state.step, _REJECTED, u8(0), reason, _NONE, clipped(queued.price), clipped(queued.size),
             _ZERO, own.agent, _NOBODY, queued.order_id, _NOBODY)  # fmt: skip


@inlined
def send(call: Row, ring: Array, pool: Array, state: Row, own: Row, queued: Row) -> None:
    """Deliver a message, to be seen from the next step on."""
    agents, markets = agents_at(call.agents_at, call.agents_rows), markets_at(call.markets_at, call.markets_rows)
    receiver, topic, value, kind = queued.order_id, clipped(queued.price), queued.size, queued.side
    value_1, value_2, value_4 = clipped(queued.time_in_force), clipped(queued.more), queued.most
    state.sent = state.sent + 1
    reason = _NONE
    if state.sent > own.message_limit:
        reason = _MESSAGE_LIMIT
    elif receiver < -1 or receiver >= len(agents):
        reason = _UNKNOWN_RECEIVER
    elif kind != 0 and (kind < _FIRST_OWN_KIND or kind > 255):
        reason = _INVALID_KIND
    if reason != _NONE:
        emit(ring, pool, u4(own.symbol), state.step, _REJECTED, u8(0), reason, _NONE, topic, clipped(value), _ZERO, own.agent,
             _NOBODY, receiver, _NOBODY)  # fmt: skip
        return
    emit(ring, pool, u4(own.symbol), state.step, _MESSAGE_RECORD, u8(0), u1(kind), _NONE, topic, value_1, value_2, own.agent,
         receiver, value, value_4)  # fmt: skip
    if receiver >= 0:
        to = agents[receiver]
        to.messages = to.messages + 1
        to.message_sender = own.agent
        to.message_topic = topic
        to.message_value = value
        letters = letters_at(call.letters_at, call.letters_rows)
        deliver(letters, to, state.step, own.agent, topic, kind, value_1, value_2, value, value_4)
        return
    for symbol in range(len(markets)):
        market = markets[symbol]
        market.broadcasts = market.broadcasts + 1
        market.broadcast_sender = own.agent
        market.broadcast_topic = topic
        market.broadcast_value = value
        if topic >= 0 and topic < SIGNALS:
            market.board[u8(topic)] = value
