"""Who was ahead of a parent order, by its orders and by its trades, and when it was out again."""

from __future__ import annotations

import numpy as np

from spark_jobs.detection.columns import Array, Column, Row
from spark_jobs.detection.compiled import kernel, part
from spark_jobs.detection.parents import SLOW, Fills, Own, continues

BEFORE = 40  # steps before a parent order in which trading counts as ahead of it
OUT, SUPPLIES = range(2)  # what an event is: out of what was traded ahead, or of that by trading with the order itself
AFTER = 100  # steps after its last order in which to get out again
PIECES = 12  # latest trades ahead that are looked at
_OVER = 1.5  # who gets out of more than so many times what it got into did something else
_BUSY = 100  # steps before in which own trades are counted

EVENT = np.dtype(
    [
        ("what", "i4"), ("fill", "i4"), ("parent", "i4"), ("agent", "i4"), ("begin", "i4"), ("paid", "f8"), ("got", "f8"),
        ("lead", "f4"), ("span", "f4"), ("ahead", "f4"), ("active", "f4"), ("order", "f4"), ("out", "f4"), ("into", "f4"),
        ("late", "f4"), ("trades", "f4"), ("busy", "f4"),
        ("exact", "f4"), ("ever", "f4"), ("usual", "f4"),
    ],
    align=True,
)  # fmt: skip
"""An agent that traded ahead of a parent order is out again, with a fill, or by that trades with the order itself.

Step of its latest trade ahead, steps from it and the first one to the order; lots ahead, x price, those by taking; lots of the order so
far; lots out, x price, those that the order itself took; steps since its last; trades to get out; 1 if it is out of just what it got into;
own trades shortly before, and ever; mean lots of those."""

PIECE = np.dtype([("step", "f8"), ("lots", "f8"), ("paid", "f8"), ("active", "f8"), ("at", "i8")], align=True)
"""Trades ahead from one on: the first one's step and place among the agent's own; lots, x price, lots by taking, of all."""


@kernel
def find_events(fills: Fills, own: Own, parents: Array, seen: Column, pieces: Array, events: Array) -> int:
    """Write the events that there is room for, and return how many there are; `seen` (agents,) is -1, `pieces` (PIECES,) PIECE."""
    count = 0
    for number in range(len(parents)):
        parent = parents[number]
        if parent.pace == SLOW:  # its pieces are few and far between: who gets out meanwhile has many reasons
            continue
        before = parent.begin - 1
        seen[parent.agent] = number
        while before >= 0 and fills.step[before] >= fills.step[parent.begin] - BEFORE:
            for side in range(2):
                agent = fills.rests[before] if side == 0 else fills.takes[before]
                if seen[agent] != number:
                    seen[agent] = number
                    count = follow(fills, own, parents, number, agent, pieces, events, count)
            before -= 1
    return count


@part
def place_of(own: Own, agent: int, fill: int) -> int:
    """Place of the first own trade of an agent from a fill on."""
    low, high = own.first[agent], own.first[agent + 1]
    while low < high:
        middle = (low + high) // 2
        if own.fill[middle] < fill:
            low = middle + 1
        else:
            high = middle
    return int(low)


@part
def trades_ahead(fills: Fills, own: Own, agent: int, at: int, since: int, way: int, pieces: Array) -> int:
    """Look back from a place at trades all one way; return how many, 0 if the last one went the other way or was before `since`."""
    count = 0
    while count < len(pieces) and at - 1 >= own.first[agent]:
        at -= 1
        fill, lots = own.fill[at], way * own.lots[at]
        if lots <= 0 or fills.step[fill] < since:
            break
        piece = pieces[count]
        piece.step, piece.at, piece.lots, piece.paid = fills.step[fill], at, lots, lots * fills.price[fill]
        piece.active = lots if fills.takes[fill] == agent else 0
        if count > 0:
            piece.lots += pieces[count - 1].lots
            piece.paid += pieces[count - 1].paid
            piece.active += pieces[count - 1].active
        count += 1
    return count


@part
def follow(fills: Fills, own: Own, parents: Array, number: int, agent: int, pieces: Array, events: Array, count: int) -> int:
    """Write what an agent did ahead of a parent order, and when it was out of that; return how many events there are then."""
    parent = parents[number]
    way, since = (1 if parent.side == 0 else -1), fills.step[parent.begin] - BEFORE
    at, end = place_of(own, agent, parent.begin), own.first[agent + 1]
    there = trades_ahead(fills, own, agent, at, since, way, pieces)
    if there == 0:
        return count
    order, theirs, last = 0, place_of(own, parent.agent, parent.begin), fills.step[parent.begin]
    more = paid = active = out = got = into = trades = 0.0
    while at < end:
        fill = own.fill[at]
        while theirs < own.first[parent.agent + 1] and own.fill[theirs] <= fill:
            their_fill = own.fill[theirs]
            if continues(fills, their_fill, way * own.lots[theirs], parent, last):
                order, last = order + way * own.lots[theirs], fills.step[their_fill]
            theirs += 1
        lots, price, taking = way * own.lots[at], fills.price[fill], fills.takes[fill] == agent
        if fills.step[fill] > last + AFTER or (lots > 0 and out > 0):
            return count
        if lots > 0:
            more, paid, active = more + lots, paid + lots * price, active + (lots if taking else 0)
        else:
            out, got, trades = out - lots, got - lots * price, trades + 1
            into -= lots if parent.agent in (fills.takes[fill], fills.rests[fill]) else 0
            which, exact = matched_by(pieces, there, out - more)
            if which >= 0 and fill >= parent.large:
                if count < len(events):
                    piece, event = pieces[which], events[count]
                    describe(event, piece, pieces[0], fills, own, parent, agent)
                    event.ahead, event.paid, event.active = piece.lots + more, piece.paid + paid, piece.active + active
                    event.order, event.out, event.got, event.into, event.trades = order, out, got, into, trades
                    event.late, event.exact = fills.step[fill] - last, 1.0 if exact else 0.0
                    event.what, event.fill, event.parent, event.agent = OUT, fill, number, agent
                count += 1
            if out >= pieces[there - 1].lots + more:
                return count
        at += 1
    return count


@part
def matched_by(pieces: Array, there: int, out: float) -> tuple[int, bool]:
    """From which trade ahead on an agent is out of them with so many lots, -1 if of none; and whether exactly."""
    for which in range(there):
        if pieces[which].lots == out:
            return which, True
    return (there - 1 if pieces[there - 1].lots < out <= _OVER * pieces[there - 1].lots else -1), False


@part
def describe(event: Row, piece: Row, latest: Row, fills: Fills, own: Own, parent: Row, agent: int) -> None:
    """Write what was before the parent order."""
    begin = fills.step[parent.begin]
    event.begin, event.lead, event.span = latest.step, begin - latest.step, begin - piece.step
    first = own.first[agent]
    event.ever = piece.at - first
    traded = own.traded[piece.at - 1] - (own.traded[first - 1] if first > 0 else 0) if piece.at > first else 0
    event.usual = traded / event.ever if piece.at > first else fills.usual[parent.begin]
    at = piece.at - 1
    while at >= first and fills.step[own.fill[at]] >= piece.step - _BUSY:
        at -= 1
    event.busy = piece.at - 1 - at
