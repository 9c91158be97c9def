"""What an agent usually does with its orders, and what spells of pressure are usually like: its own before, and everybody's.

A single withdrawal says little. That somebody's large orders are withdrawn again and again, and that it trades nearly always while they
rest on the other side, is what cases turn on: in US v. Coscia (7th Cir. 2017) the large orders were withdrawn, the small ones traded.
Sums are weighted by the size of spells, since what hides a manipulator is small, and forget slowly, since habits change.
"""

from __future__ import annotations

import math

import numpy as np

from spark_jobs.detection.columns import Row
from spark_jobs.detection.compiled import part

NEVER = 1000.0  # steps since what never was
_KEPT = 0.97  # of an agent's earlier spells, at each new one
_SLOW = 0.01  # weight of the newest spell in what is usual of everybody's
_SHIELD = 2.0  # times the lots that rest on the side of a trade: with so many on the other side it is shielded
_AFTER = 2  # steps for which those count that were withdrawn

HISTORY = np.dtype(
    [
        ("orders", "f8"), ("lots", "f8"), ("usual", "f8"), ("traded", "f8"), ("trades", "f8"), ("shielded", "f8"), ("spells", "f8"),
        ("withdrawn", "f8"), ("opposite", "f8"), ("size", "f8"), ("ended", "f8"), ("number", "f8"), ("weight", "f8"), ("gone", "f8"),
        ("answered", "f8"), ("across", "f8"), ("sudden", "f8"), ("lasted", "f8"),
    ],
    align=True,
)  # fmt: skip
"""An agent so far: orders, their lots, the usual size of one; lots traded, in how many trades, and those of them that were shielded.

Of its spells: how many, and sums of the shares withdrawn, of those with trades on the other side, of sizes beside the touch; step at which
the last one ended. And, forgetting: number; their lots; and by these, sums of the shares withdrawn, of the lots traded on the other side
beside the size, of the most that rested there, of what was withdrawn in one go, and of the logarithms of the steps that they took.
"""

USUAL = np.dtype([("spells", "f8"), ("size", "f8"), ("lasted", "f8"), ("opposite", "f8")], align=True)
"""Everybody's spells: how many; usual lots, logarithm of the steps, and share of those with trades on the other side."""

FEATURES = (
    "size_to_own",  # greatest size beside the agent's usual order
    "earlier_rate",  # spells a thousand steps
    "earlier_withdrawn",  # mean share withdrawn in them
    "earlier_opposite",  # share of them with trades on the other side
    "fill_ratio",  # lots traded per lot ordered, ever
    "order_rate",  # orders per hundred steps, ever
    "earlier_size",  # mean of size_to_touch
    "pause",  # steps from the agent's last spell to this one's begin
    "size_to_earlier",  # greatest size beside the mean one of its earlier spells
    "duration_to_earlier",  # steps beside theirs
    "earlier_gone",  # by size: share withdrawn in them
    "earlier_answered",  # lots traded on the other side beside their size
    "earlier_across",  # most lots that rested there beside it
    "earlier_sudden",  # what was withdrawn in one go beside it
    "earlier_duration",  # steps
    "shielded_share",  # of the lots that it traded ever, those that much more on the other side shielded
    "order_to_trade",  # mean order of the spell beside the agent's mean trade
    "size_to_usual",  # beside everybody's spells lately
    "duration_to_usual",  # steps beside theirs
    "usual_opposite",  # share of theirs with trades on the other side
)


@part
def on_order(past: Row, lots: int) -> None:
    """An agent entered an order."""
    past.orders += 1.0
    past.lots += lots
    past.usual += (lots - past.usual) * max(0.05, 1.0 / past.orders)


@part
def on_deal(past: Row, spell: Row, shield: Row, lots: int, step: int) -> None:
    """An agent traded on the side of `spell`, `shield` being its spell on the other one."""
    past.traded += lots
    past.trades += 1.0
    there = shield.last if shield.last > 0 and step - shield.ended <= _AFTER else shield.resting
    if there > _SHIELD * (max(spell.resting, 0.0) + lots):
        past.shielded += lots


@part
def on_spell(past: Row, usual: Row, spell: Row, touch_size: float, step: int) -> None:
    """A spell ended."""
    most, opposite, lasted = spell.most, spell.passive + spell.active, math.log1p(step - spell.since)
    gone = spell.withdrawn / (spell.withdrawn + spell.filled)
    past.spells += 1.0
    past.withdrawn += gone
    past.opposite += 1.0 if opposite > 0 else 0.0
    past.size += most / (touch_size + 1.0)
    past.ended = step
    past.number = _KEPT * past.number + 1.0
    past.weight = _KEPT * past.weight + most
    past.gone = _KEPT * past.gone + most * gone
    past.answered = _KEPT * past.answered + min(opposite, most)
    past.across = _KEPT * past.across + min(spell.across, most)
    past.sudden = _KEPT * past.sudden + spell.burst
    past.lasted = _KEPT * past.lasted + most * lasted
    usual.spells += 1.0
    share = max(_SLOW, 1.0 / usual.spells)
    usual.size += (most - usual.size) * share
    usual.lasted += (lasted - usual.lasted) * share
    usual.opposite += ((1.0 if opposite > 0 else 0.0) - usual.opposite) * share


@part
def describe(past: Row, usual: Row, spell: Row, step: int, first: int, row: Row) -> None:
    """Write the features from place `first` of a row on; nothing of this spell is in `past` or `usual` yet."""
    spells, steps, weight, lasted = max(past.spells, 1.0), step + 1.0, max(past.weight, 1.0), math.log1p(step - spell.since)
    row[first] = spell.most / max(past.usual, 1.0)
    row[first + 1] = 1000.0 * past.spells / steps
    row[first + 2] = past.withdrawn / spells
    row[first + 3] = past.opposite / spells
    row[first + 4] = past.traded / max(past.lots, 1.0)
    row[first + 5] = 100.0 * past.orders / steps
    row[first + 6] = past.size / spells
    row[first + 7] = min(spell.since - past.ended, NEVER) if past.spells > 0 else NEVER
    row[first + 8] = spell.most * past.number / weight
    row[first + 9] = math.exp(lasted - past.lasted / weight)
    row[first + 10] = past.gone / weight
    row[first + 11] = past.answered / weight
    row[first + 12] = past.across / weight
    row[first + 13] = past.sudden / weight
    row[first + 14] = math.exp(past.lasted / weight) - 1.0
    row[first + 15] = past.shielded / max(past.traded, 1.0)
    row[first + 16] = spell.placed / max(spell.orders, 1.0) * past.trades / max(past.traded, 1.0)
    row[first + 17] = spell.most / max(usual.size, 1.0)
    row[first + 18] = math.exp(lasted - usual.lasted)
    row[first + 19] = usual.opposite
