"""Stances: for how long an agent had a price in the book, and when two came to have the same one at nearly the same time.

An agent that renews its order at the same price keeps its stance. Identical quotes that move together are the oldest sign of agreed
prices: Christie and Schultz, "Why do NASDAQ market makers avoid odd-eighth quotes?", Journal of Finance 49 (1994).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pipelines.events.vocabulary import RecordKind, TimeInForce
from spark_jobs.detection.columns import Array, Column, Orders
from spark_jobs.detection.compiled import kernel

GAP = 2  # steps without an order that do not end a stance
TOGETHER = 12  # steps within which two come to the same price, for it to be the same move
LASTING = 15  # steps that both stay there
CROWD = 8  # stances at that price, of which more are no agreement but the touch
OPEN = 2**40  # step in which a stance that goes on ends
_ACCEPTED, _FILLED, _CANCELLED, _MODIFIED = (
    int(kind) for kind in (RecordKind.ACCEPTED, RecordKind.FILLED, RecordKind.CANCELLED, RecordKind.MODIFIED)
)  # fmt: skip
_RESTS = (int(TimeInForce.GTC), int(TimeInForce.POST_ONLY))


class Stances(NamedTuple):
    """Sorted by side, price and begin; each (n,) int64. end: the step of the row that ended it."""

    side: Column
    price: Column
    begin: Column
    end: Column
    agent: Column


class Joint(NamedTuple):
    """Two stances of the same side and price, (n,) each: places in Stances, and from when to when both were there."""

    one: Column
    two: Column
    begin: Column
    end: Column
    there: Column  # stances at that price once both had lasted


def stances(orders: Orders) -> Stances:
    """All stances of a symbol."""
    rests = (orders.kind == _ACCEPTED) & np.isin(orders.time_in_force, _RESTS) & (orders.price > 0)
    wanted = rests | np.isin(orders.kind, (_FILLED, _CANCELLED, _MODIFIED))
    rows = np.flatnonzero(wanted)
    fills = rows[orders.kind[rows] == _FILLED]
    number = np.concatenate([orders.order_id[rows], orders.other_id[fills]])
    row = np.concatenate([rows, fills])
    order = np.lexsort((row, number))
    number, row = number[order], row[order]
    found = np.zeros((len(row), 6), np.int64)
    kind, step, price = orders.kind[row], orders.step[row], orders.price[row]
    count = lives(number, row, kind, step, price, orders.size[row], orders.side[row], orders.owner[row], found)
    found = found[:count]
    found = found[np.lexsort((found[:, 5], found[:, 4], found[:, 1], found[:, 0]))]
    merged = found[: merge(found)]
    merged = merged[np.lexsort((merged[:, 5], merged[:, 1], merged[:, 0]))]
    return Stances(*np.ascontiguousarray(merged[:, :5].T))


@kernel
def lives(
    number: Column, row: Column, kind: Column, step: Column, price: Column, size: Column, side: Column, owner: Column, found: Array
) -> int:
    """Write side, price, begin, end, agent and row of every time that an order had one price; returns how many."""
    count, going, left = 0, -1, 0
    for at in range(len(number)):
        if at == 0 or number[at] != number[at - 1]:
            going = -1
        what = kind[at]
        ends = going >= 0 and what in (_CANCELLED, _MODIFIED)
        if going >= 0 and what == _FILLED:
            left -= size[at]
            ends = left <= 0
        if ends:
            found[going, 3] = step[at]
        if what == _ACCEPTED or (what == _MODIFIED and going >= 0):
            agent, whose = (owner[at], side[at]) if what == _ACCEPTED else (found[going, 4], found[going, 0])
            new = found[count]
            new[0], new[1], new[2], new[3], new[4], new[5] = whose, price[at], step[at], OPEN, agent, row[at]
            going, left, count = count, size[at], count + 1
        elif ends:
            going = -1
    return count


@kernel
def merge(found: Array) -> int:
    """Join what one agent had at one price with hardly a pause, in place; sorted by side, price, agent, row. Returns how many."""
    last = -1
    for row in range(len(found)):
        same = last >= 0
        for column in (0, 1, 4):
            same = same and found[row, column] == found[last, column]
        if same and found[row, 2] <= found[last, 3] + GAP:
            found[last, 3] = max(found[last, 3], found[row, 3])
        else:
            last += 1
            for column in range(6):
                found[last, column] = found[row, column]
    return last + 1


def joint(known: Stances) -> Joint:
    """Every two stances of different agents that began nearly together at a price that few others had, and lasted."""
    found = np.zeros((max(64, 8 * len(known.side)), len(Joint._fields)), np.int64)
    ends = known.end[np.lexsort((known.end, known.price, known.side))]  # in each price's part of the rows, by end
    new = np.flatnonzero(np.diff(known.side, prepend=-1) | np.diff(known.price, prepend=-1))
    parts = np.append(new, len(known.side))
    count = pairs_of(*known, ends, parts, found)
    return Joint(*np.ascontiguousarray(found[:count].T))


@kernel
def pairs_of(side: Column, price: Column, begin: Column, end: Column, agent: Column, ends: Column, parts: Column, found: Array) -> int:
    """Write places and times of the pairs; returns how many, at most as many as there is room for."""
    count = 0
    for part in range(len(parts) - 1):
        first, last = parts[part], parts[part + 1]
        for one in range(first, last):
            two = one + 1
            while two < last and begin[two] - begin[one] <= TOGETHER:
                until, seen = min(end[one], end[two]), begin[two] + LASTING
                if agent[two] != agent[one] and until > seen and count < len(found):
                    begun = np.searchsorted(begin[first:last], seen, "right")
                    there = begun - np.searchsorted(ends[first:last], seen, "right")
                    if there <= CROWD:
                        found[count, 0], found[count, 1], found[count, 2], found[count, 3], found[count, 4] = (
                            one,
                            two,
                            begin[two],
                            until,
                            there,
                        )
                        count += 1
                two += 1
    return count
