"""One pass over the orders of a symbol: the book is kept, and whatever looks like the end of something becomes a candidate.

The state is arrays alone, and what comes out does not depend on how the rows are cut into blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pipelines.events.vocabulary import Reason, RecordKind, TimeInForce
from spark_jobs.detection import book, bursts, matched, meetings, pressure
from spark_jobs.detection.book import ARRIVING, ASK, enter, next_step, reduce, slot_of
from spark_jobs.detection.bursts import BURST, ENTERED, MOVED, WITHDRAWN, on_message, on_traded
from spark_jobs.detection.columns import Array, Orders, Row
from spark_jobs.detection.compiled import kernel, part
from spark_jobs.detection.matched import LATER, Matching, on_done, on_entry, on_fill, on_withdrawn
from spark_jobs.detection.partners import PARTNER, PARTY, SLOTS, on_lots
from spark_jobs.detection.pressure import HISTORY, SPELL, on_order, on_rest, on_trade, on_withdraw

_ACCEPTED, _FILLED, _CANCELLED = int(RecordKind.ACCEPTED), int(RecordKind.FILLED), int(RecordKind.CANCELLED)
_REJECTED = int(RecordKind.REJECTED)
_MODIFIED, _IOC, _FOK = int(RecordKind.MODIFIED), int(TimeInForce.IOC), int(TimeInForce.FOK)
_UNCROSSED, _BY_OWNER, _SELF_TRADE = int(Reason.UNCROSSED), int(Reason.BY_OWNER), int(Reason.SELF_TRADE)
_AGENTS = 64  # rows to begin with


class Found(NamedTuple):
    """Candidates, each (n, WIDTH) of its module, in the order in which they came up."""

    pressure: Array
    bursts: Array
    matched: Array


WIDTHS = Found(pressure.WIDTH, bursts.WIDTH, meetings.WIDTH)  # type: ignore[arg-type]


class Agents(NamedTuple):
    """What is known of every agent seen; the first axis is the agent's number."""

    spells: Array  # (agents, 2) SPELL
    history: Array  # (agents,) HISTORY
    bursts: Array  # (agents,) BURST
    partners: Array  # (agents, SLOTS) PARTNER
    parties: Array  # (agents,) PARTY


def nobody(agents: int) -> Agents:
    """Rows of agents that have done nothing yet."""
    return Agents(
        np.zeros((agents, 2), SPELL), np.zeros(agents, HISTORY), np.zeros(agents, BURST), np.zeros((agents, SLOTS), PARTNER),
        np.zeros(agents, PARTY),
    )  # fmt: skip


class Known(NamedTuple):
    """All that a pass over rows works on."""

    orders: Array  # ORDER, levels and TOUCH: the book, see book.empty
    levels: Array
    touch: Array
    arriving: Array  # (1,) ARRIVING: the order that came in last
    agents: Agents
    matching: Matching


@dataclass
class Watch:
    """What is known of one symbol of one world; nothing is `known` before the first price, until when the rows are `waiting`."""

    known: Known | None = None
    waiting: Orders | None = None

    def feed(self, rows: Orders) -> Found:
        """Take the next rows and return what they made a candidate."""
        if self.known is None:
            rows = rows if self.waiting is None else Orders(*map(np.concatenate, zip(self.waiting, rows, strict=True)))
            priced = rows.price[(rows.kind == _ACCEPTED) & (rows.price > 0)]
            self.waiting = None if len(priced) else rows
            if not len(priced):
                return Found(*(np.zeros((0, width)) for width in WIDTHS))
            self.known = Known(*book.empty(int(priced[0])), np.zeros(1, ARRIVING), nobody(_AGENTS), matched.nothing())
        self.known = _with_room(self.known, rows)
        found, counts = Found(*(np.zeros((len(rows.kind), width)) for width in WIDTHS)), np.zeros(len(WIDTHS), np.int64)
        watch(rows, self.known, found, counts)
        return Found(*(each[:count] for each, count in zip(found, counts, strict=True)))


def _with_room(known: Known, rows: Orders) -> Known:
    """The same with room for all orders and agents of the rows."""
    orders = book.with_room(known.orders, int(known.touch["resting"][0]) + len(rows.kind))
    wanted = int(max(rows.owner.max(initial=0), rows.other_owner.max(initial=0))) + 1
    there = len(known.agents.history)
    if wanted <= there:
        return known._replace(orders=orders)
    agents = nobody(max(wanted, 2 * there))
    for larger, before in zip(agents, known.agents, strict=True):
        larger[:there] = before
    return known._replace(orders=orders, agents=agents)


@kernel
def watch(rows: Orders, known: Known, found: Found, counts: Array) -> None:
    """Take the rows in; candidates are written to `found`, and how many of each to `counts`."""
    count, burst_count, matched_count = 0, 0, 0
    orders, levels, touch, coming, agents = known.orders, known.levels, known.touch, known.arriving[0], known.agents
    spells, history, bursts, parties, matching = agents.spells, agents.history, agents.bursts, agents.parties, known.matching
    for row in range(len(rows.kind)):
        what, side, reason, step = rows.kind[row], rows.side[row], rows.reason[row], rows.step[row]
        price, size, owner, order_id = rows.price[row], rows.size[row], rows.owner[row], rows.order_id[row]
        if matching.two[LATER].key != 0 and not trades_on(matching, what, rows.other_id[row], reason):
            matched_count = on_done(matching, agents.partners, parties, history, spells, touch, found.matched, matched_count)
        if coming.left > 0 and not comes_in(coming, what, order_id, rows.other_id[row], reason):
            settle(orders, levels, touch, coming, spells)
        if step != touch[0].step:
            next_step(levels, touch, step)
        if what <= _REJECTED or what == _MODIFIED or (what == _CANCELLED and reason == _BY_OWNER):
            kind_of = WITHDRAWN if what == _CANCELLED else MOVED if what == _MODIFIED else ENTERED
            burst_count = on_message(bursts, owner, kind_of, side, size, price, touch, found.bursts, burst_count)
        if what == _ACCEPTED:
            on_order(history[owner], size)
            rests = price > 0 and rows.time_in_force[row] != _IOC and rows.time_in_force[row] != _FOK
            on_entry(matching, order_id, owner, side, price, size, touch, rests)
            if rests:
                arrive(coming, order_id, owner, side, price, size, 1)
        elif what == _FILLED:
            other = rows.other_owner[row]
            on_traded(bursts[owner], size)
            on_traded(bursts[other], size)
            on_lots(parties[owner], step, size)
            on_lots(parties[other], step, size)
            if matching.two[LATER].key == rows.other_id[row] + 1:
                on_fill(matching, parties, order_id, price, size)
            resting = ASK if reason == _UNCROSSED else 1 - side
            trade(orders, levels, touch, coming, spells, history, order_id, owner, resting, size, False)
            active = reason != _UNCROSSED
            trade(orders, levels, touch, coming, spells, history, rows.other_id[row], other, 1 - resting, size, active)
        elif what == _CANCELLED:
            if reason == _BY_OWNER:
                on_withdrawn(matching, parties, order_id, step)
            count = cancel(orders, levels, touch, coming, spells, history, order_id, size, reason, found.pressure, count)
        elif what == _MODIFIED:
            count = move(orders, levels, touch, coming, spells, history, order_id, price, size, found.pressure, count)
    counts[0], counts[1], counts[2] = count, burst_count, matched_count


@part
def comes_in(coming: Row, what: int, order_id: int, other_id: int, reason: int) -> bool:
    """Whether a row is still about the order that came in last: a fill by coming in, the end of its rest, or of its owner's before it."""
    if what == _FILLED:
        return bool(other_id == coming.key - 1 and reason != _UNCROSSED)
    return bool(what == _CANCELLED and reason != _BY_OWNER and coming.key - 1 in (order_id, other_id))


@part
def trades_on(matching: Matching, what: int, other_id: int, reason: int) -> bool:
    """Whether the order that came in last may still be trading after a row: one of its fills, or an order that gives way to it."""
    return bool((what == _FILLED and other_id + 1 == matching.two[LATER].key) or (what == _CANCELLED and reason != _BY_OWNER))


@part
def arrive(coming: Row, order_id: int, owner: int, side: int, price: int, lots: int, new: int) -> None:
    """Note the order that comes in."""
    coming.key, coming.owner, coming.side, coming.price, coming.left, coming.new = order_id + 1, owner, side, price, lots, new


@part
def settle(orders: Array, levels: Array, touch: Array, coming: Row, spells: Array) -> None:
    """Let what is left of the order that came in rest."""
    enter(orders, levels, touch, coming.key - 1, coming.owner, coming.side, coming.price, coming.left)
    spell = spells[coming.owner, coming.side]
    on_rest(spell, coming.side, coming.left, coming.price, touch[0].step, touch[0].mid, coming.new != 0)
    coming.left = 0


@part
def trade(
    orders: Array, levels: Array, touch: Array, coming: Row, spells: Array, history: Array, order_id: int, agent: int, side: int,
    lots: int, active: bool,
) -> None:  # fmt: skip
    """One of the two orders of a fill: it loses lots, its owner bought or sold."""
    history[agent].traded += lots
    on_trade(spells, agent, side, lots, touch[0].step, active)
    if coming.left > 0 and coming.key == order_id + 1:
        coming.left -= lots
        return
    slot = slot_of(orders, order_id)
    if orders[slot].key != 0:
        spell = spells[agent, side]
        spell.resting -= lots
        spell.filled += lots
        reduce(orders, levels, touch, slot, lots)


@part
def cancel(
    orders: Array, levels: Array, touch: Array, coming: Row, spells: Array, history: Array, order_id: int, lots: int, reason: int,
    found: Array, count: int,
) -> int:  # fmt: skip
    """An order left the book: by its owner's wish, in the way of another one of the owner's, or otherwise."""
    if coming.left > 0 and coming.key == order_id + 1:
        coming.left = 0
        return count
    slot = slot_of(orders, order_id)
    if orders[slot].key == 0:
        return count
    agent, side = orders[slot].owner, orders[slot].side
    reduce(orders, levels, touch, slot, orders[slot].left)
    if reason == _BY_OWNER or reason == _SELF_TRADE:
        return on_withdraw(spells, history, agent, side, lots, touch, found, count)
    spells[agent, side].resting -= lots
    return count


@part
def move(
    orders: Array, levels: Array, touch: Array, coming: Row, spells: Array, history: Array, order_id: int, price: int, lots: int,
    found: Array, count: int,
) -> int:  # fmt: skip
    """An order was given another price or size: it comes in anew, and what it lost was withdrawn."""
    slot = slot_of(orders, order_id)
    if orders[slot].key == 0:
        return count
    agent, side, left = orders[slot].owner, orders[slot].side, orders[slot].left
    reduce(orders, levels, touch, slot, left)
    if lots < left:
        count = on_withdraw(spells, history, agent, side, left - lots, touch, found, count)
    spells[agent, side].resting -= min(left, lots)
    arrive(coming, order_id, agent, side, price, lots, 0)
    return count
