"""Who traded with a parent order out of what it had got into before it and meanwhile: it stands between that order and the market.

Source: SEC and NYSE v. Fleet Specialist and others (2004), on specialists who traded ahead of orders and then with them.
"""

from __future__ import annotations

from spark_jobs.detection.columns import Array, Column, Row
from spark_jobs.detection.compiled import kernel, part
from spark_jobs.detection.outs import BEFORE, SUPPLIES, describe, place_of
from spark_jobs.detection.parents import GAPS, SLOW, Fills, Own, continues

LEAST = 0.5  # of the usual order that comes in: lots of such trades from which on it is an event


@kernel
def find_supplies(fills: Fills, own: Own, parents: Array, seen: Column, sold: Array, pieces: Array, events: Array) -> int:
    """Write the events that there is room for, and return how many there are; `seen` and `sold` (agents,) are -1, `pieces` (2,) PIECE."""
    count = 0
    for number in range(len(parents)):
        parent = parents[number]
        way, last, order = (1 if parent.side == 0 else -1), fills.step[parent.begin], 0.0
        for at in range(place_of(own, parent.agent, parent.begin), own.first[parent.agent + 1]):
            fill, lots = own.fill[at], way * own.lots[at]
            takes = fills.takes[fill] == parent.agent
            if fills.step[fill] - last > GAPS[parent.pace] or (lots < 0 and (takes or parent.pace == SLOW)):
                break
            if not continues(fills, fill, lots, parent, last):
                continue
            last, order = fills.step[fill], order + lots
            other = fills.rests[fill] if takes else fills.takes[fill]
            if seen[other] < 2 * number:
                seen[other], sold[other] = 2 * number, 0.0
            sold[other] += lots
            if seen[other] > 2 * number or fill < parent.large or sold[other] < LEAST * fills.usual[fill] or other == parent.agent:
                continue
            if bought(fills, own, parent, other, fill, way, pieces) < LEAST * fills.usual[fill]:
                continue
            seen[other] = 2 * number + 1
            if count < len(events):
                event = events[count]
                event.what, event.fill, event.parent, event.agent = SUPPLIES, fill, number, other
                event.order, event.into = order, sold[other]
                describe(event, pieces[0], pieces[1], fills, own, parent, other)
                describe_trades(event, fills, own, pieces[0].at, fill, way)
            count += 1
    return count


@part
def bought(fills: Fills, own: Own, parent: Row, agent: int, until: int, way: int, pieces: Array) -> float:
    """Lots by which an agent got into it shortly before a parent order and until a fill; notes the first and the latest of such trades."""
    at, since, lots = place_of(own, agent, until), fills.step[parent.begin] - BEFORE, 0.0
    while at > own.first[agent] and fills.step[own.fill[at - 1]] >= since:
        at -= 1
        if way * own.lots[at] > 0:
            if lots == 0.0:
                pieces[1].step = fills.step[own.fill[at]]
            lots += way * own.lots[at]
            pieces[0].step, pieces[0].at = fills.step[own.fill[at]], at
    return lots


@part
def describe_trades(event: Row, fills: Fills, own: Own, at: int, until: int, way: int) -> None:
    """Write what an agent got into and out of from one of its trades until a fill."""
    event.ahead = event.paid = event.active = event.out = event.got = event.trades = event.late = event.exact = 0.0
    while at < own.first[event.agent + 1] and own.fill[at] <= until:
        lots, price = way * own.lots[at], fills.price[own.fill[at]]
        if lots > 0:
            event.ahead += lots
            event.paid += lots * price
            event.active += lots if fills.takes[own.fill[at]] == event.agent else 0
        else:
            event.out -= lots
            event.got -= lots * price
            event.trades += 1.0
        at += 1
    event.exact = 1.0 if event.out == event.ahead else 0.0
