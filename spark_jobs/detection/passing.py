"""The compiled pass over the orders of a symbol: the book is brought up to date row by row, and each proposer is told what it looks at."""

from __future__ import annotations

from pipelines.events.vocabulary import Reason, RecordKind, TimeInForce
from spark_jobs.detection import closes, followers, matched
from spark_jobs.detection.book import ASK, enter, next_step, reduce, slot_of, traded
from spark_jobs.detection.bursts import ENTERED, MOVED, WITHDRAWN, on_message, on_traded
from spark_jobs.detection.closes import on_auctioned, on_close, on_exit, on_taken
from spark_jobs.detection.columns import Array, Orders, Row
from spark_jobs.detection.compiled import kernel, part
from spark_jobs.detection.day import on_call, on_step, on_uncross
from spark_jobs.detection.excursions import FOLLOWERS, began, on_fill
from spark_jobs.detection.followers import on_take
from spark_jobs.detection.known import Found, Known
from spark_jobs.detection.matched import LATER, Matching, on_done, on_withdrawn
from spark_jobs.detection.partners import on_lots
from spark_jobs.detection.pressure import on_order, on_rest, on_trade, on_withdraw

_ACCEPTED, _FILLED, _CANCELLED = int(RecordKind.ACCEPTED), int(RecordKind.FILLED), int(RecordKind.CANCELLED)
_REJECTED, _PHASE, _CALL_BEGAN = int(RecordKind.REJECTED), int(RecordKind.PHASE), int(Reason.CALL_BEGAN)
_MODIFIED, _IOC, _FOK = int(RecordKind.MODIFIED), int(TimeInForce.IOC), int(TimeInForce.FOK)
_UNCROSSED, _BY_OWNER, _SELF_TRADE = int(Reason.UNCROSSED), int(Reason.BY_OWNER), int(Reason.SELF_TRADE)
_PRESSURE, _BURSTS, _EXCURSIONS, _CLOSES, _MATCHED = range(5)  # fields of Found


@kernel
def watch(rows: Orders, known: Known, found: Found, places: Found, counts: Array, noted: Array) -> None:
    """Take the rows in; candidates are written to `found`, the rows that made them to `places`, and how many of each to `counts`.

    `noted`, as long as `counts`, is used in between; both begin with zeros.
    """
    for row in range(len(rows.kind)):
        before(rows, row, known, found, counts)
        what, reason = rows.kind[row], rows.reason[row]
        if what <= _REJECTED or what == _MODIFIED or (what == _CANCELLED and reason == _BY_OWNER):
            messaged(rows, row, known, found, counts)
        if what == _ACCEPTED:
            accepted(rows, row, known)
        elif what == _FILLED:
            filled(rows, row, known, found, counts)
        elif what == _CANCELLED:
            left(rows, row, known, found, counts)
        elif what == _MODIFIED:
            counts[_PRESSURE] = move(known, rows.order_id[row], rows.price[row], rows.size[row], found.pressure, counts[_PRESSURE])
        elif what == _PHASE:
            auctioned(rows, row, known, found, counts)
        note(places.pressure, counts, noted, _PRESSURE, row)
        note(places.bursts, counts, noted, _BURSTS, row)
        note(places.excursions, counts, noted, _EXCURSIONS, row)
        note(places.closes, counts, noted, _CLOSES, row)
        note(places.matched, counts, noted, _MATCHED, row)


@part
def note(places: Array, counts: Array, noted: Array, which: int, row: int) -> None:
    """Note the row that made the newest candidates."""
    for place in range(noted[which], counts[which]):
        places[place] = row
    noted[which] = counts[which]


@part
def before(rows: Orders, row: int, known: Known, found: Found, counts: Array) -> None:
    """What is over when a row comes: the order that came in last trades no more, and so does its step."""
    what, reason, other_id, matching, coming = rows.kind[row], rows.reason[row], rows.other_id[row], known.matching, known.arriving[0]
    if matching.two[LATER].key != 0 and not trades_on(matching, what, other_id, reason):
        agents = known.agents
        parts = (agents.partners, agents.parties, agents.history, agents.spells)
        counts[_MATCHED] = on_done(matching, *parts, known.touch, found.matched, counts[_MATCHED])
    if coming.left > 0 and not comes_in(coming, what, rows.order_id[row], other_id, reason):
        settle(known, coming)
    if rows.step[row] != known.touch[0].step:
        next_step(known.levels, known.touch, rows.step[row])
        on_step(known.day[0], known.touch[0])


@part
def messaged(rows: Orders, row: int, known: Known, found: Found, counts: Array) -> None:
    """An agent sent an order, or changed or withdrew one."""
    what = rows.kind[row]
    kind = WITHDRAWN if what == _CANCELLED else MOVED if what == _MODIFIED else ENTERED
    order = (rows.side[row], rows.size[row], rows.price[row])
    counts[_BURSTS] = on_message(known.agents.bursts, rows.owner[row], kind, *order, known.touch, found.bursts, counts[_BURSTS])


@part
def accepted(rows: Orders, row: int, known: Known) -> None:
    """An order came in."""
    order_id, owner, side, price, size = rows.order_id[row], rows.owner[row], rows.side[row], rows.price[row], rows.size[row]
    rests = price > 0 and rows.time_in_force[row] != _IOC and rows.time_in_force[row] != _FOK
    on_order(known.agents.history[owner], size)
    if known.day[0].since < 0.0:
        closes.on_entry(known.agents.closers[owner], known.day[0], known.touch[0], side, size)
    matched.on_entry(known.matching, order_id, owner, side, price, size, known.touch, rests)
    if rests:
        arrive(known.arriving[0], order_id, owner, side, price, size, 1)


@part
def filled(rows: Orders, row: int, known: Known, found: Found, counts: Array) -> None:
    """Two orders traded with each other."""
    agents, touch, day, uncrossed = known.agents, known.touch, known.day[0], rows.reason[row] == _UNCROSSED
    owner, other, step, side, price, size = (
        rows.owner[row], rows.other_owner[row], rows.step[row], rows.side[row], rows.price[row], rows.size[row],
    )  # fmt: skip
    on_traded(agents.bursts[owner], size)
    on_traded(agents.bursts[other], size)
    if uncrossed:
        counts[_CLOSES] = on_auctioned(agents.closers, day, touch[0], owner, other, size, found.closes, counts[_CLOSES])
    else:
        on_taken(agents.closers, day, touch[0], owner, other, side, price, size)
    on_lots(agents.parties[owner], step, size)
    on_lots(agents.parties[other], step, size)
    if known.matching.two[LATER].key == rows.other_id[row] + 1:
        parts = (agents.partners, agents.parties, agents.history, agents.spells, touch)
        of = (rows.order_id[row], price, size)
        counts[_MATCHED] = matched.on_fill(known.matching, *parts, *of, found.matched, counts[_MATCHED])
    resting = ASK if uncrossed else 1 - side
    trade(known, rows.order_id[row], owner, resting, size, False)
    traded(touch[0], side, size, not uncrossed)
    out_and_back(rows, row, known, found.excursions, counts)
    trade(known, rows.other_id[row], other, 1 - resting, size, not uncrossed)


@part
def out_and_back(rows: Orders, row: int, known: Known, found: Array, counts: Array) -> None:
    """What a fill is in the excursions of both who traded."""
    agents, touch, active, told = known.agents, known.touch, rows.reason[row] != _UNCROSSED, counts[_EXCURSIONS]
    owner, other, side, price, size = rows.owner[row], rows.other_owner[row], rows.side[row], rows.price[row], rows.size[row]
    resting, trips = 1 - side if active else ASK, (agents.excursions, agents.round_trips)
    if active:
        on_take(known.takes, agents.takers, touch[0], other, side, size)
    counts[_EXCURSIONS] = on_fill(*trips, owner, resting, size, price, False, touch, found, counts[_EXCURSIONS])
    counts[_EXCURSIONS] = on_fill(*trips, other, 1 - resting, size, price, active, touch, found, counts[_EXCURSIONS])
    for place in range(told, counts[_EXCURSIONS]):
        followers.describe(known.takes, agents.takers, agents.followed, touch[0], found[place], began(found[place]), FOLLOWERS)


@part
def left(rows: Orders, row: int, known: Known, found: Found, counts: Array) -> None:
    """An order was cancelled."""
    if known.day[0].since < 0.0:
        on_exit(known.agents.closers[rows.owner[row]], known.day[0], rows.side[row], rows.size[row])
    if rows.reason[row] == _BY_OWNER:
        agents, of = known.agents, (rows.order_id[row], rows.step[row])
        parts = (agents.partners, agents.parties, agents.history, agents.spells, known.touch)
        counts[_MATCHED] = on_withdrawn(known.matching, *parts, *of, found.matched, counts[_MATCHED])
    counts[_PRESSURE] = cancel(known, rows.order_id[row], rows.size[row], rows.reason[row], found.pressure, counts[_PRESSURE])


@part
def auctioned(rows: Orders, row: int, known: Known, found: Found, counts: Array) -> None:
    """A call auction began or ended."""
    day, now = known.day[0], known.touch[0]
    if rows.reason[row] == _CALL_BEGAN:
        on_call(day, now)
    elif rows.reason[row] == _UNCROSSED:
        on_uncross(day, now, rows.price[row], rows.size[row])
        if rows.size[row] == 0 and day.closing != 0.0:
            counts[_CLOSES] = on_close(known.agents.closers, day, now, found.closes, counts[_CLOSES])


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
def settle(known: Known, coming: Row) -> None:
    """Let what is left of the order that came in rest."""
    enter(known.orders, known.levels, known.touch, coming.key - 1, coming.owner, coming.side, coming.price, coming.left)
    now, rested = known.touch[0], (coming.owner, coming.side, coming.left, coming.price)
    on_rest(known.agents.spells, *rested, now.step, now.mid, coming.new != 0)
    coming.left = 0


@part
def trade(known: Known, order_id: int, agent: int, side: int, lots: int, active: bool) -> None:
    """One of the two orders of a fill: it loses lots, its owner bought or sold."""
    coming, spells = known.arriving[0], known.agents.spells
    known.agents.history[agent].traded += lots
    on_trade(spells, agent, side, lots, known.touch[0].step, active)
    if coming.left > 0 and coming.key == order_id + 1:
        coming.left -= lots
        return
    slot = slot_of(known.orders, order_id)
    if known.orders[slot].key != 0:
        spell = spells[agent, side]
        spell.resting -= lots
        spell.filled += lots
        reduce(known.orders, known.levels, known.touch, slot, lots)


@part
def cancel(known: Known, order_id: int, lots: int, reason: int, found: Array, count: int) -> int:
    """An order left the book: by its owner's wish, in the way of another one of the owner's, or otherwise."""
    coming, orders, spells = known.arriving[0], known.orders, known.agents.spells
    if coming.left > 0 and coming.key == order_id + 1:
        coming.left = 0
        return count
    slot = slot_of(orders, order_id)
    if orders[slot].key == 0:
        return count
    agent, side = orders[slot].owner, orders[slot].side
    reduce(orders, known.levels, known.touch, slot, orders[slot].left)
    if reason == _BY_OWNER or reason == _SELF_TRADE:
        return on_withdraw(spells, known.agents.history, agent, side, lots, known.touch, found, count)
    spells[agent, side].resting -= lots
    return count


@part
def move(known: Known, order_id: int, price: int, lots: int, found: Array, count: int) -> int:
    """An order was given another price or size: it comes in anew, and what it lost was withdrawn."""
    orders, spells = known.orders, known.agents.spells
    slot = slot_of(orders, order_id)
    if orders[slot].key == 0:
        return count
    agent, side, resting = orders[slot].owner, orders[slot].side, orders[slot].left
    reduce(orders, known.levels, known.touch, slot, resting)
    if lots < resting:
        count = on_withdraw(spells, known.agents.history, agent, side, resting - lots, known.touch, found, count)
    spells[agent, side].resting -= min(resting, lots)
    arrive(known.arriving[0], order_id, agent, side, price, lots, 0)
    return count
