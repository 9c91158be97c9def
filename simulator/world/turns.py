"""One command of a step, on its way through the world's own rules into the book."""

from __future__ import annotations

from simulator.matching.arrays import Grow
from simulator.matching.compiled import i8, inlined, u8
from simulator.matching.crossing import look_ahead
from simulator.matching.kernel import find, submit
from simulator.matching.writing import emit
from simulator.types import CommandKind, Reason, RecordKind
from simulator.world.accounts import refusal_by_limits, refusal_of_more
from simulator.world.layout import MESSAGE, Array, Row
from simulator.world.open_orders import NOT_FOUND, place_of
from simulator.world.settlement import settle
from simulator.world.view_type import open_order_at

_LIMIT, _MARKET, _CANCEL, _MODIFY = int(CommandKind.LIMIT), int(CommandKind.MARKET), int(CommandKind.CANCEL), int(CommandKind.MODIFY)
_REJECTED, _MESSAGE_RECORD = int(RecordKind.REJECTED), int(RecordKind.MESSAGE)
_NONE, _NOT_OWNER, _INVALID_KIND = int(Reason.NONE), int(Reason.NOT_OWNER), int(Reason.INVALID_KIND)
_INVALID_PRICE, _INVALID_SIZE, _INVALID_SIDE = int(Reason.INVALID_PRICE), int(Reason.INVALID_SIZE), int(Reason.INVALID_SIDE)
_INVALID_TIME_IN_FORCE = int(Reason.INVALID_TIME_IN_FORCE)
_MESSAGE_LIMIT, _UNKNOWN_RECEIVER = int(Reason.MESSAGE_LIMIT), int(Reason.UNKNOWN_RECEIVER)
_DONE, _RING = int(Grow.DONE), int(Grow.RING)
_HIGHEST, _LOWEST = 2**31 - 1, -(2**31)
_ROOM_AROUND = 4  # records of a command beside those per order that it meets


@inlined
def clipped(value: int) -> int:
    """Return a number as a record can hold it."""
    return min(max(value, _LOWEST), _HIGHEST)


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
    if queued.kind == _CANCEL or queued.kind == MESSAGE or queued.size <= 0:
        meets = i8(0)
    elif queued.kind != _MODIFY and (queued.side == 0 or queued.side == 1):
        limit = i8(queued.price) if queued.kind == _LIMIT else i8(_HIGHEST if queued.side == 0 else 0)
        meets, _ = look_ahead(orders, levels, pages, book, u8(queued.side), limit, i8(queued.size), i8(agent))
    pool[0].needed = _ROOM_AROUND + 2 * meets
    return bool(free >= pool[0].needed)


@inlined
def refusal(books: Array, orders: Array, table: Array, own: Row, symbol: int, queued: Row) -> int:
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
        return _refusal_of_change(orders, table, own, symbol, queued)
    if side < 0 or side > 1:
        return _INVALID_SIDE
    return refusal_by_limits(own, i8(books[symbol].best[1]), kind, side, queued.time_in_force, price, size)


@inlined
def _refusal_of_id(orders: Array, table: Array, own: Row, symbol: int, order_id: int) -> int:
    if place_of(own, order_id) == NOT_FOUND and find(orders, table, symbol, order_id) != 0:
        return _NOT_OWNER
    return _NONE


@inlined
def _refusal_of_change(orders: Array, table: Array, own: Row, symbol: int, queued: Row) -> int:
    place = place_of(own, queued.order_id)
    if place == NOT_FOUND:
        return _NOT_OWNER if find(orders, table, symbol, queued.order_id) != 0 else _NONE
    order = open_order_at(own, place)
    lots, cost = queued.size - order.size, queued.price * queued.size - order.price * order.size
    if lots <= 0 and cost <= 0:
        return _NONE
    return refusal_of_more(own, order.side, lots, cost)


@inlined
def carry_out(
    books: Array,
    pool: Array,
    orders: Array,
    levels: Array,
    pages: Array,
    table: Array,
    directory: Array,
    ring: Array,
    state: Row,
    markets: Array,
    agents: Array,
    dirty: Array,
    agent: int,
    queued: Row,
) -> int:
    """Carry out one command; return DONE, or what must grow before anything was changed."""
    own = agents[agent]
    by_world = agent < 0
    symbol = queued.order_id if by_world else own.symbol
    if not has_room(books, pool, orders, levels, pages, ring, symbol, agent, queued):
        return _RING
    if queued.kind == MESSAGE:
        send(ring, pool, state, markets, agents, own, queued)
        return _DONE
    kind = queued.kind
    is_new = kind <= _MARKET
    order_id = state.next_order_id if is_new else queued.order_id
    reason = _NONE if by_world else refusal(books, orders, table, own, symbol, queued)
    price, size = clipped(queued.price), clipped(queued.size)
    if reason != _NONE:
        emit(ring, pool, symbol, state.step, _REJECTED, queued.side, reason, queued.time_in_force, price, size, 0, agent, -1, order_id, -1)
    else:
        before = i8(pool[0].cursor)
        code = submit(books, pool, orders, levels, pages, table, directory, ring, symbol, state.step, kind, queued.side,
                      queued.time_in_force, price, size, order_id, agent)  # fmt: skip
        if code != _DONE:
            return code
        settle(ring, pool, state, agents, dirty, own, before, price, order_id)
    if is_new:
        state.next_order_id = state.next_order_id + 1
    return _DONE


@inlined
def send(ring: Array, pool: Array, state: Row, markets: Array, agents: Array, own: Row, queued: Row) -> None:
    """Deliver a message, to be seen from the next step on."""
    receiver, topic, value = queued.order_id, clipped(queued.price), queued.size
    state.sent = state.sent + 1
    reason = _NONE
    if state.sent > own.message_limit:
        reason = _MESSAGE_LIMIT
    elif receiver < -1 or receiver >= len(agents):
        reason = _UNKNOWN_RECEIVER
    if reason != _NONE:
        emit(ring, pool, own.symbol, state.step, _REJECTED, 0, reason, 0, topic, clipped(value), 0, own.agent, -1, receiver, -1)
        return
    emit(ring, pool, own.symbol, state.step, _MESSAGE_RECORD, 0, queued.side & 255, 0, topic, 0, 0, own.agent, receiver, value, 0)
    if receiver >= 0:
        to = agents[receiver]
        to.messages = to.messages + 1
        to.message_sender = own.agent
        to.message_topic = topic
        to.message_value = value
        return
    for symbol in range(len(markets)):
        market = markets[symbol]
        market.broadcasts = market.broadcasts + 1
        market.broadcast_sender = own.agent
        market.broadcast_topic = topic
        market.broadcast_value = value
