"""One pass over the orders of a symbol: the book is kept, and whatever looks like the end of something becomes a candidate.

The state is arrays alone, and what comes out does not depend on how the rows are cut into blocks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from pipelines.events.vocabulary import Reason, RecordKind, TimeInForce
from spark_jobs.detection import book, bursts, pressure
from spark_jobs.detection.book import ARRIVING, ASK, enter, next_step, reduce, slot_of
from spark_jobs.detection.bursts import BURST, ENTERED, MOVED, WITHDRAWN, on_message, on_traded
from spark_jobs.detection.columns import Array, Orders, Row
from spark_jobs.detection.compiled import kernel, part
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


@dataclass
class Watch:
    """What is known of one symbol of one world.

    Attributes
    ----------
    orders, levels, touch : the book (book.empty); None before the first price, until when the rows are `waiting`.
    arriving (1,) ARRIVING : the order that came in last.
    spells (agents, 2) SPELL, history (agents,) HISTORY, bursts (agents,) BURST : of every agent seen.
    """

    orders: Array | None = None
    levels: Array | None = None
    touch: Array | None = None
    waiting: Orders | None = None
    arriving: Array = field(default_factory=lambda: np.zeros(1, ARRIVING))
    spells: Array = field(default_factory=lambda: np.zeros((_AGENTS, 2), SPELL))
    history: Array = field(default_factory=lambda: np.zeros(_AGENTS, HISTORY))
    bursts: Array = field(default_factory=lambda: np.zeros(_AGENTS, BURST))

    def feed(self, rows: Orders) -> Found:
        """Take the next rows and return what they made a candidate."""
        if self.orders is None or self.levels is None or self.touch is None:
            rows = rows if self.waiting is None else Orders(*map(np.concatenate, zip(self.waiting, rows, strict=True)))
            priced = rows.price[(rows.kind == _ACCEPTED) & (rows.price > 0)]
            self.waiting = None if len(priced) else rows
            if not len(priced):
                return Found(np.zeros((0, pressure.WIDTH)), np.zeros((0, bursts.WIDTH)))
            self.orders, self.levels, self.touch = book.empty(int(priced[0]))
        self.orders = book.with_room(self.orders, int(self.touch["resting"][0]) + len(rows.kind))
        self._make_room(int(max(rows.owner.max(initial=0), rows.other_owner.max(initial=0))) + 1)
        found = Found(*(np.zeros((len(rows.kind), width)) for width in (pressure.WIDTH, bursts.WIDTH)))
        state = (self.orders, self.levels, self.touch, self.arriving, self.spells, self.history, self.bursts)
        counts = np.zeros(len(found), np.int64)
        watch(*rows, *state, *found, counts)
        return Found(*(each[:count] for each, count in zip(found, counts, strict=True)))

    def _make_room(self, agents: int) -> None:
        if agents > len(self.history):
            wanted = max(agents, 2 * len(self.history))
            for name in ("spells", "history", "bursts"):
                before = getattr(self, name)
                larger = np.zeros((wanted, *before.shape[1:]), before.dtype)
                larger[: len(before)] = before
                setattr(self, name, larger)


@kernel
def watch(
    kind: Array, side: Array, reason: Array, time_in_force: Array, step: Array, price: Array, size: Array, owner: Array,
    other_owner: Array, order_id: Array, other_id: Array, orders: Array, levels: Array, touch: Array, arriving: Array, spells: Array,
    history: Array, bursts: Array, pressing: Array, bursting: Array, counts: Array,
) -> None:  # fmt: skip
    """Take the rows in; candidates are written to `pressing` and `bursting`, and how many to `counts`."""
    count, burst_count, coming = 0, 0, arriving[0]
    for row in range(len(kind)):
        what = kind[row]
        if coming.left > 0 and not comes_in(coming, what, order_id[row], other_id[row], reason[row]):
            settle(orders, levels, touch, coming, spells)
        if step[row] != touch[0].step:
            next_step(levels, touch, step[row])
        if what <= _REJECTED or what == _MODIFIED or (what == _CANCELLED and reason[row] == _BY_OWNER):
            kind_of = WITHDRAWN if what == _CANCELLED else MOVED if what == _MODIFIED else ENTERED
            message = (kind_of, side[row], size[row], price[row])
            burst_count = on_message(bursts, owner[row], *message, touch, bursting, burst_count)
        if what == _ACCEPTED:
            on_order(history[owner[row]], size[row])
            if price[row] > 0 and time_in_force[row] != _IOC and time_in_force[row] != _FOK:
                arrive(coming, order_id[row], owner[row], side[row], price[row], size[row], 1)
        elif what == _FILLED:
            on_traded(bursts[owner[row]], size[row])
            on_traded(bursts[other_owner[row]], size[row])
            resting = ASK if reason[row] == _UNCROSSED else 1 - side[row]
            trade(orders, levels, touch, coming, spells, history, order_id[row], owner[row], resting, size[row], False)
            active = reason[row] != _UNCROSSED
            trade(orders, levels, touch, coming, spells, history, other_id[row], other_owner[row], 1 - resting, size[row], active)
        elif what == _CANCELLED:
            count = cancel(orders, levels, touch, coming, spells, history, order_id[row], size[row], reason[row], pressing, count)
        elif what == _MODIFIED:
            count = move(orders, levels, touch, coming, spells, history, order_id[row], price[row], size[row], pressing, count)
    counts[0], counts[1] = count, burst_count


@part
def comes_in(coming: Row, what: int, order_id: int, other_id: int, reason: int) -> bool:
    """Whether a row is still about the order that came in last: a fill by coming in, the end of its rest, or of its owner's before it."""
    if what == _FILLED:
        return bool(other_id == coming.key - 1 and reason != _UNCROSSED)
    return bool(what == _CANCELLED and reason != _BY_OWNER and coming.key - 1 in (order_id, other_id))


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
