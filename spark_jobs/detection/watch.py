"""One pass over the orders of a symbol: the book is kept, and whatever looks like the end of something becomes a candidate.

The state is arrays alone, and what comes out does not depend on how the rows are cut into blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pipelines.events.vocabulary import Reason, RecordKind
from spark_jobs.detection import book
from spark_jobs.detection.columns import Array, Orders, rows_between
from spark_jobs.detection.known import WIDTHS, Found, Known, nobody, unknown
from spark_jobs.detection.passing import watch

_ACCEPTED, _PHASE, _UNCROSSED = int(RecordKind.ACCEPTED), int(RecordKind.PHASE), int(Reason.UNCROSSED)


class Taken(NamedTuple):
    """Rows that were taken in, the candidates that came of it, and for each of these the place of the row that made it one."""

    rows: Orders
    found: Found
    places: Found


@dataclass
class Watch:
    """What is known of one symbol of one world; nothing is `known` before the first price, until when the rows are `waiting`."""

    known: Known | None = None
    waiting: Orders | None = None

    def feed(self, rows: Orders) -> Found:
        """Take the next rows and return what they made a candidate."""
        return self.take(rows).found

    def take(self, rows: Orders) -> Taken:
        """Take the next rows, after those that were waiting."""
        if self.known is None:
            rows = rows if self.waiting is None else Orders(*map(np.concatenate, zip(self.waiting, rows, strict=True)))
            priced = rows.price[(rows.kind == _ACCEPTED) & (rows.price > 0)]
            self.waiting = None if len(priced) else rows
            if not len(priced):
                nothing = Found(*(np.zeros((0, width)) for width in WIDTHS))
                return Taken(rows_between(rows, 0, 0), nothing, nothing)
            self.known = unknown(int(priced[0]))
        self.known = _with_room(self.known, rows)
        room = _room(rows, self.known)
        found, counts = Found(*map(np.zeros, zip(room, WIDTHS, strict=True))), np.zeros(len(WIDTHS), np.int64)
        places = Found(*(np.zeros(most, np.int64) for most in room))
        watch(rows, self.known, found, places, counts, np.zeros_like(counts))
        return Taken(rows, Found(*map(_first, found, counts.tolist())), Found(*map(_first, places, counts.tolist())))


def _first(rows: Array, count: int) -> Array:
    return rows[:count]


def _room(rows: Orders, known: Known) -> Found:
    """How many candidates of each the rows can make at most.

    One a row, of a fill one of either party, of excursions in either pace, and at a close one an agent.
    """
    uncrossed = int(((rows.kind == _PHASE) & (rows.reason == _UNCROSSED)).sum()) + int(known.day["left"][0] > 0)
    most = Found(*(2 * len(rows.kind) for _ in WIDTHS))  # type: ignore[arg-type]
    return most._replace(excursions=4 * len(rows.kind), closes=uncrossed * len(known.agents.closers))  # type: ignore[arg-type]


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
