"""Matched orders: two agents' orders on opposite sides, of one size and at one price, entered at nearly the same time.

Wash trades are arranged by them, whether or not the two then trade with each other; chance makes them, too, and so do makers and takers
who meet often. Which orders meet is found here, and in meetings what that says of two agents. The definitions: US Securities Exchange Act
section 9(a)(1)(B) and (C), an order entered in the knowledge that one "of substantially the same size, at substantially the same time, and
at substantially the same price" is on the other side; "improper matched orders" and "wash trades", annex II to Delegated Regulation (EU)
2016/522.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spark_jobs.detection.columns import Array
from spark_jobs.detection.compiled import part
from spark_jobs.detection.fellows import on_gone_alone
from spark_jobs.detection.meetings import MEETING, meet
from spark_jobs.detection.partners import on_gone

KEPT = 1 << 12  # orders that are remembered: a power of two
NEAR = 3  # steps between two orders of one size and price
YOUNG = 10  # and between two that trade with each other
SIMILAR = 0.8  # their sizes then, the smaller beside the larger
HALF = 0.5  # of the larger one that must trade
SOON = 2  # steps in which an order that is gone did not last
_HASH = 2654435761  # Knuth's multiplier for 32 bits
EARLIER, LATER = 0, 1

ENTERED = np.dtype(
    [("key", "i8"), ("owner", "i8"), ("side", "i8"), ("price", "i8"), ("lots", "i8"), ("step", "i8"), ("mid", "f8")], align=True
)
"""An order as it came in: its id plus one, price 0 at the market; with the mid of the step before."""


class Matching(NamedTuple):
    """Orders of late, and the one that may still be trading."""

    entered: Array  # (KEPT,) ENTERED by id, of those that may rest
    newest: Array  # (KEPT,) key of the newest of them by side, price and size
    two: Array  # (2,) ENTERED: the order that the one that came in last meets, and that one; key 0 without one
    meeting: Array  # (1,) MEETING


def nothing() -> Matching:
    """No order so far."""
    return Matching(np.zeros(KEPT, ENTERED), np.zeros(KEPT, np.int64), np.zeros(2, ENTERED), np.zeros(1, MEETING))


@part
def on_entry(now: Matching, order_id: int, owner: int, side: int, price: int, lots: int, touch: Array, rests: bool) -> None:
    """An order came in, which may rest or not: an earlier one may be like it."""
    later, meeting = now.two[LATER], now.meeting[0]
    later.key, later.owner, later.side, later.price, later.lots = order_id + 1, owner, side, price, lots
    later.step, later.mid = touch[0].step, touch[0].mid
    now.two[EARLIER].key = meeting.alike = meeting.traded = meeting.together = 0
    if price > 0:
        look_for_alike(now, price)
    if rests:
        now.entered[order_id & (KEPT - 1)] = later
        now.newest[place_of(side, price, lots)] = order_id + 1


@part
def place_of(side: int, price: int, lots: int) -> int:
    """Where the newest order with these is noted."""
    return (((price * 64 + lots) * 2 + side) * _HASH >> 8) & (KEPT - 1)


@part
def look_for_alike(now: Matching, price: int) -> None:
    """Meet the newest order of the same size at a price on the other side, if it is another agent's and came in just before."""
    later = now.two[LATER]
    key = now.newest[place_of(1 - later.side, price, later.lots)]
    found = now.entered[(key - 1) & (KEPT - 1)]
    same = found.key == key and found.price == price and found.lots == later.lots and found.side == 1 - later.side
    if key > 0 and same and found.owner != later.owner and later.step - found.step <= NEAR:
        now.two[EARLIER] = found
        now.meeting[0].alike, now.meeting[0].together = 1, 0


@part
def on_fill(
    now: Matching, partners: Array, parties: Array, history: Array, spells: Array, touch: Array, order_id: int, price: int, lots: int,
    found: Array, count: int,
) -> int:  # fmt: skip
    """The order that came in last traded with one that rested: without one that is alike it meets the one that it trades most with.

    Where that one did not last it may be a candidate, see fellows; returns how many there are then.
    """
    later, meeting, resting = now.two[LATER], now.meeting[0], now.entered[order_id & (KEPT - 1)]
    known = resting.key == order_id + 1
    if known and later.step - resting.step <= SOON:
        on_gone(parties[resting.owner], resting.step, later.step)
        count = on_gone_alone(resting, later.owner, partners, parties, meeting, history, spells, touch, found, count)
    meeting.traded += lots
    if meeting.alike == 0:
        look_for_alike(now, price)
    if meeting.alike != 0:
        meeting.together += lots if now.two[EARLIER].key == order_id + 1 else 0
    elif known and lots > meeting.together:
        now.two[EARLIER] = resting
        meeting.together = lots
    return count


@part
def on_withdrawn(
    now: Matching, partners: Array, parties: Array, history: Array, spells: Array, touch: Array, order_id: int, step: int, found: Array,
    count: int,
) -> int:  # fmt: skip
    """An order was withdrawn by its owner; where it did not last it may be a candidate, see fellows. Returns how many there are then."""
    order = now.entered[order_id & (KEPT - 1)]
    if order.key == order_id + 1 and step - order.step <= SOON:
        parties[order.owner].withdrawn += 1.0
        on_gone(parties[order.owner], order.step, step)
        return on_gone_alone(order, -1, partners, parties, now.meeting[0], history, spells, touch, found, count)
    return count


@part
def on_done(now: Matching, partners: Array, parties: Array, history: Array, spells: Array, touch: Array, found: Array, count: int) -> int:
    """The order that came in last trades no more; writes a candidate to `found` at `count` if it is one, and returns how many there are."""
    earlier, later, meeting = now.two[EARLIER], now.two[LATER], now.meeting[0]
    meets = earlier.key != 0 and earlier.owner != later.owner
    later.key = 0
    if not meets:
        return count
    small, large = min(earlier.lots, later.lots), max(earlier.lots, later.lots)
    traded = small >= SIMILAR * large and meeting.together >= HALF * large and later.step - earlier.step <= YOUNG
    return meet(now.two, meeting, meeting.alike != 0 or traded, partners, parties, history, spells, touch, found, count)
