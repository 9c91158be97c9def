"""What agents remember of those whose orders meet theirs, and of their own trading.

An agent remembers a bounded number of partners; those that it met often, and above all in matched orders, are kept longest, in the manner
of Metwally, Agrawal and El Abbadi, "Efficient computation of frequent and top-k elements in data streams" (2005).
"""

from __future__ import annotations

import numpy as np

from spark_jobs.detection.columns import Array, Row
from spark_jobs.detection.compiled import part

SLOTS = 8  # partners that an agent remembers
RUN = 50  # steps without a meeting that end a run of them
FIRST = 3  # meetings of a run that make a candidate even if they are not matched; then 6, 12 and so on
PAUSE = 20  # steps that part two episodes
LONGEST = 60  # steps for which orders that do not last may keep one going
FEW, FAR = 3.0, 3.0  # matched orders of two, and deviations beyond chance, from which on they belong together
NEVER = 1000.0  # steps since what never was
_FADING = 0.01  # share a step by which what happened lately fades
_CREDIT, _MATCHED_CREDIT, _MOST_CREDIT = 50.0, 400.0, 20_000.0  # steps for which a partner is kept, for each meeting and at most

PARTNER = np.dtype(
    [
        ("key", "i8"), ("keep", "f8"), ("meetings", "f8"), ("matched", "f8"), ("matched_at", "f8"), ("together", "f8"), ("distance", "f8"),
        ("lately", "f8"), ("runs", "f8"), ("begin", "f8"), ("last", "f8"), ("run", "f8"), ("due", "f8"), ("lots", "f8"), ("net", "f8"),
        ("spacing", "f8"), ("uneven", "f8"), ("size", "f8"), ("same", "f8"), ("lag", "f8"),
    ],
    align=True,
)  # fmt: skip
"""What an agent remembers of another: its number plus one, and until when.

Meetings; those with matched orders, the step of the last one, sums of the share traded together and of the distance from the mid; lots that
fade; runs. Of the present run: step of its begin and of the last meeting, meetings, at how many it is a candidate next, lots, those bought
less those sold, steps between the last two, sum of how much that changed, size of the last, how many had the size of the one before. At
last the steps between the two orders that matched last.
"""

PARTY = np.dtype(
    [
        ("meetings", "f8"), ("matched", "f8"), ("withdrawn", "f8"), ("faded", "f8"), ("lots", "f8"), ("net", "f8"), ("traded", "f8"),
        ("begin", "f8"), ("end", "f8"), ("gone", "f8"), ("gone_key", "i8"), ("gone_step", "f8"), ("gone_lots", "f8"),
    ],
    align=True,
)  # fmt: skip
"""An agent: meetings; those with matched orders; orders withdrawn soon. What fades, and until which step it has: lots of matched orders,
those bought less those sold, and all lots traded. Begin of the present series of orders that did not last, and the step after it, 0 without
any; how many there were at all; key, step and size of the last one."""


@part
def partner(mine: Array, other: int, step: int) -> Row:
    """What an agent remembers of another one: for a new one it forgets whom it would keep least."""
    place = 0
    for slot in range(SLOTS):
        if mine[slot].key == other + 1:
            return mine[slot]
        if mine[slot].keep < mine[place].keep:
            place = slot
    new = mine[place]
    new.key, new.last, new.matched_at = other + 1, step - RUN - 1.0, step - NEVER
    new.meetings = new.matched = new.together = new.distance = new.lately = new.runs = 0.0
    return new


@part
def remember(mine: Row, step: int, begin: int, lots: float, bought: float) -> None:
    """Take a meeting into the present run, or begin one."""
    between = step - mine.last
    if between > RUN:
        mine.begin, mine.due, mine.runs = begin, FIRST, mine.runs + 1.0
        mine.run = mine.lots = mine.net = mine.spacing = mine.uneven = mine.same = 0.0
    else:
        mine.uneven += abs(between - mine.spacing) if mine.run > 1.0 else 0.0
        mine.spacing = between
        mine.same += 1.0 if mine.size == lots else 0.0
    mine.lately = mine.lately * np.exp(-_FADING * between) + lots
    mine.meetings += 1.0
    mine.run += 1.0
    mine.lots += lots
    mine.net += bought
    mine.size, mine.last = lots, step


@part
def keep(mine: Row, step: int) -> None:
    """Keep a partner for as long as it deserves from now on."""
    mine.keep = step + min(_CREDIT * mine.meetings + _MATCHED_CREDIT * mine.matched, _MOST_CREDIT)


@part
def fade(party: Row, step: int) -> None:
    """Let what happened lately fade until now."""
    left = np.exp(-_FADING * (step - party.faded))
    party.lots *= left
    party.net *= left
    party.traded *= left
    party.faded = step


@part
def on_lots(party: Row, step: int, lots: int) -> None:
    """An agent traded, with whomever."""
    if step != party.faded:
        fade(party, step)
    party.traded += lots


@part
def on_gone(party: Row, entered: int, step: int) -> None:
    """An order was withdrawn, or traded with whomever, soon after it came in."""
    if party.end == 0.0 or entered - party.end >= PAUSE:
        party.begin = entered
    party.end = step + 1


@part
def beyond_chance(count: float, mine: float, others: float, all_together: float) -> float:
    """By how many deviations of a Poisson number two agents met more often than those who meet so much would by chance."""
    chance = mine * others / max(2.0 * all_together, 1.0)
    return (count - chance) / np.sqrt(chance + 1.0)  # type: ignore[no-any-return]


@part
def begin_of(partners: Array, parties: Array, agent: int, first: int, matched: float) -> int:
    """Since when an agent, or one that belongs to it, has had orders that did not last, without a pause until `first`."""
    begin = _series(parties[agent], first, first)
    for slot in range(SLOTS):
        pair = partners[agent, slot]
        if pair.matched >= FEW:
            other = parties[pair.key - 1]
            if beyond_chance(pair.matched, parties[agent].matched, other.matched, matched) > FAR:
                begin = _series(other, first, begin)
    return begin


@part
def _series(party: Row, first: int, begin: int) -> int:
    over = party.end == 0.0 or first - party.end >= PAUSE
    return begin if over else min(begin, int(max(party.begin, first - LONGEST)))
