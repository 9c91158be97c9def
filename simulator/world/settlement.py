"""Settlement: read what a command did to the book, move cash and inventory, and write the tape."""

from __future__ import annotations

from simulator.matching.compiled import called, i8, inlined, u1, u4, u8
from simulator.matching.writing import emit
from simulator.types import Reason, RecordKind
from simulator.world.accounts import pay
from simulator.world.holdings import hand_quality
from simulator.world.layout import Array, Row
from simulator.world.open_orders import drop, keep, shrink, shrink_to

_ACCEPTED, _FILLED, _CANCELLED = u1(RecordKind.ACCEPTED), u1(RecordKind.FILLED), u1(RecordKind.CANCELLED)
_MODIFIED, _TRADE = u1(RecordKind.MODIFIED), u1(RecordKind.TRADE)
_SELF_TRADE, _REQUEUED, _NONE = u1(Reason.SELF_TRADE), u1(Reason.REQUEUED), u1(Reason.NONE)
_ZERO = i8(0)


@inlined
def settle(
    ring: Array, pool: Array, state: Row, agents: Array, dirty: Array, own: Row, before: int, price: int, order_id: int
) -> None:  # fmt: skip
    """Carry the records that one command of `own` wrote, from row `before` of the ring on, into accounts and open orders."""
    after = i8(pool[0].cursor)
    head = ring[before]
    side, open_size = i8(head.side), i8(0)
    if head.kind == _ACCEPTED:
        open_size = i8(head.size)
    elif head.kind == _CANCELLED:
        drop(own, order_id)
    elif head.kind == _MODIFIED:
        if head.reason == _REQUEUED:
            drop(own, order_id)
            open_size = i8(head.size)
        else:
            shrink_to(own, order_id, i8(head.size))
    for row in range(before + 1, after):
        record = ring[row]
        if record.kind == _FILLED:
            open_size -= record.size
            fill(ring, pool, state, agents, dirty, own, row)
        elif record.reason == _SELF_TRADE:
            drop(own, record.order_id)
        else:  # the rest of a market or IOC order
            open_size = i8(0)
    if open_size > 0:
        keep(own, order_id, side, price, open_size)


@inlined
def fill(ring: Array, pool: Array, state: Row, agents: Array, dirty: Array, taker: Row, row: int) -> None:
    """Settle one FILLED record and write its TRADE."""
    record = ring[row]
    side, price, size = i8(record.side), i8(record.price), i8(record.size)
    maker = agents[record.owner]
    sign = 1 - 2 * side  # the side that came in: 1 bought, -1 sold
    if state.graded != 0:
        hand_quality(maker if side == 0 else taker, taker if side == 0 else maker, size)
    pay(taker, sign, price, size, state.taker_fee)
    pay(maker, -sign, price, size, state.maker_fee)
    shrink(maker, record.order_id, size)
    mark_dirty(state, dirty, taker)
    mark_dirty(state, dirty, maker)
    bought = side == 0
    buyer = record.other_owner if bought else record.owner
    seller = record.owner if bought else record.other_owner
    buy_order = record.other_id if bought else record.order_id
    sell_order = record.order_id if bought else record.other_id
    emit(ring, pool, u4(record.symbol), i8(record.step), _TRADE, u8(side), _NONE, _NONE, price, size, _ZERO, i8(buyer), i8(seller),
         buy_order, sell_order)  # fmt: skip


@called
def settle_auction(ring: Array, pool: Array, state: Row, agents: Array, dirty: Array, before: int) -> None:
    """Carry the records of the end of a call auction into accounts and open orders. Nobody came in, so both sides pay the maker's fee."""
    for row in range(before + 1, i8(pool[0].cursor)):
        record = ring[row]
        price, size = i8(record.price), i8(record.size)
        seller, buyer = agents[record.owner], agents[record.other_owner]
        if state.graded != 0:
            hand_quality(seller, buyer, size)
        pay(buyer, 1, price, size, state.maker_fee)
        pay(seller, -1, price, size, state.maker_fee)
        shrink(buyer, record.other_id, size)
        shrink(seller, record.order_id, size)
        mark_dirty(state, dirty, buyer)
        mark_dirty(state, dirty, seller)
        emit(ring, pool, u4(record.symbol), i8(record.step), _TRADE, u8(record.side), _NONE, _NONE, price, size, _ZERO,
             i8(record.other_owner), i8(record.owner), record.other_id, record.order_id)  # fmt: skip


@inlined
def mark_dirty(state: Row, dirty: Array, own: Row) -> None:
    """Note once that an account changed in this step."""
    dirty[state.dirty] = own.agent
    state.dirty = state.dirty + 1 - own.changed
    own.changed = 1
