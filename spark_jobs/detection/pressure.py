"""Pressure on one side of the book: what an agent has resting there, from the first order until most of it is withdrawn.

Spoofing and layering are such spells, and so is much that is honest; a spell becomes a candidate when it ends by withdrawal. What tells
them apart is in its FEATURES: how large it was beside what is usual in the market and for the agent, how much of it was withdrawn and
how suddenly, what the agent traded on the other side meanwhile, and how its earlier spells went. Published rules have parts of this: US
v. Coscia (2015) turned on the share of orders withdrawn and the asymmetry of sizes; ESMA's MAR annex II names the withdrawal of orders
after trading on the other side.
"""

from __future__ import annotations

import numpy as np

from spark_jobs.detection import habits
from spark_jobs.detection.columns import Array, Row
from spark_jobs.detection.compiled import part
from spark_jobs.detection.habits import NEVER

LEAST_LOTS = 6  # of the greatest size of a spell
LEAST_WITHDRAWN = 0.05  # share of it
OVER = 0.3  # a spell is over when so little of its greatest size is left
_SUDDEN = 2  # steps within which withdrawals count as one, and a new spell as the old one
_ALIKE = 0.4  # a new order is at least so large beside one that it renews, and this one beside it

SPELL = np.dtype(
    [
        ("resting", "f8"), ("most", "f8"), ("since", "f8"), ("orders", "f8"), ("withdrawn", "f8"), ("filled", "f8"), ("placed", "f8"),
        ("mid", "f8"), ("passive", "f8"), ("active", "f8"), ("traded_at", "f8"), ("burst", "f8"), ("burst_at", "f8"), ("away", "f8"),
        ("across", "f8"), ("last", "f8"), ("ended", "f8"), ("begun", "f8"),
        ("before", "f8"), ("order", "f8"),
    ],
    align=True,
)  # fmt: skip
"""What an agent has and had on one side since the spell began.

Lots resting, most of them at once; step of the begin; orders placed; lots withdrawn, filled, placed; mid at the begin; lots traded on the
other side by resting there and by taking, and the last step of that; lots withdrawn in one go and its step; lots x ticks from the mid; most
lots that rested on the other side meanwhile. Of the spell before, greatest size and step of its end. Begin of
this and of that one, or of the first one that they renewed; lots of the order that was withdrawn last.
"""

FEATURES = (
    "size_to_touch",  # greatest size beside the usual lots at the touch
    "size_to_depth",  # and beside those within ten ticks of it
    "duration",  # steps
    "withdrawn_share",  # of the lots that left the book
    "orders",  # placed in the spell
    "distance",  # mean ticks from the mid at placement, in usual spreads
    "opposite_passive",  # lots traded on the other side by resting there, beside what is usual at its touch
    "opposite_active",  # and by taking
    "opposite_share",  # both beside the greatest size
    "since_opposite",  # steps from the last of them to the withdrawal
    "favourable_move",  # of the mid, towards what helps the other side, in usual spreads
    "burst_share",  # of the greatest size, withdrawn in one go
    "opposite_resting",  # what rests on the other side at the end, beside the greatest size
    "opposite_most",  # the most that rested there meanwhile, beside it
    *habits.FEATURES,
)
WIDTH = 4 + len(FEATURES)
_OWN = WIDTH - len(habits.FEATURES)  # place of the first feature of habits
"""A candidate: agent, side, first step, last step, then the features."""


@part
def clear(spell: Row, left: float, step: int, mid: float) -> None:
    """Begin a spell with so much resting."""
    spell.resting, spell.most, spell.since, spell.mid = left, left, step, mid
    spell.begun = step
    spell.orders = spell.withdrawn = spell.filled = spell.placed = spell.passive = spell.active = spell.burst = spell.away = 0.0
    spell.across = 0.0
    spell.burst_at = -NEVER


@part
def on_rest(spells: Array, agent: int, side: int, lots: int, price: int, step: int, mid: float, new: bool) -> None:
    """Lots came to rest; `new` unless an order was only moved."""
    spell, other = spells[agent, side], spells[agent, 1 - side]
    if new and spell.resting <= OVER * (spell.resting + lots):
        renewed = step - spell.ended <= _SUDDEN and _ALIKE * lots <= spell.order <= lots / _ALIKE
        clear(spell, max(spell.resting, 0.0), step, mid)
        if renewed:
            spell.begun = spell.before
    spell.resting += lots
    spell.most = max(spell.most, spell.resting)
    spell.across = max(spell.across, other.resting)
    other.across = max(other.across, spell.resting)
    if new:
        spell.orders += 1.0
        spell.placed += lots
        spell.away += lots * ((mid - price) if side == 0 else (price - mid))


@part
def on_trade(spells: Array, agent: int, side: int, lots: int, step: int, active: bool) -> None:
    """An agent bought (side 0) or sold: that is the other side of its spell over there."""
    spell = spells[agent, 1 - side]
    if active:
        spell.active += lots
    else:
        spell.passive += lots
    spell.traded_at = step


@part
def on_withdraw(spells: Array, history: Array, usual: Row, agent: int, side: int, lots: int, touch: Array, found: Array, count: int) -> int:
    """Lots were withdrawn; writes a candidate to `found` at `count` if that ends a spell, and returns how many there are then."""
    spell, past, now = spells[agent, side], history[agent], touch[0]
    spell.resting -= lots
    spell.withdrawn += lots
    spell.burst = lots + (spell.burst if now.step - spell.burst_at <= _SUDDEN else 0.0)
    spell.burst_at, spell.order = now.step, lots
    if spell.resting > OVER * spell.most:
        return count
    placed = spell.orders > 0  # otherwise it is what the spell before left over
    if placed and spell.most >= LEAST_LOTS and spell.withdrawn >= LEAST_WITHDRAWN * spell.most and count < len(found):
        describe(spell, spells[agent, 1 - side].resting, now, side, found[count])
        habits.describe(past, usual, spell, now.step, _OWN, found[count])
        found[count, 0], found[count, 1], found[count, 2], found[count, 3] = agent, side, spell.begun, now.step
        habits.on_spell(past, usual, spell, now.size[side], now.step)
        spell.before, spell.last, spell.ended = spell.begun, spell.most, now.step
        count += 1
    clear(spell, spell.resting, now.step, now.mid)
    spell.across = spells[agent, 1 - side].resting
    return count


@part
def describe(spell: Row, opposite: float, now: Row, side: int, row: Row) -> None:
    """Write the features of a spell behind the first four numbers of a row."""
    toward = 1.0 if side == 0 else -1.0
    row[4] = spell.most / (now.size[side] + 1.0)
    row[5] = spell.most / (now.depth[side] + 1.0)
    row[6] = now.step - spell.since
    row[7] = spell.withdrawn / (spell.withdrawn + spell.filled)
    row[8] = spell.orders
    row[9] = spell.away / max(spell.placed, 1.0) / now.spread
    row[10] = spell.passive / (now.size[1 - side] + 1.0)
    row[11] = spell.active / (now.size[1 - side] + 1.0)
    row[12] = (spell.passive + spell.active) / spell.most
    row[13] = min(now.step - spell.traded_at, NEVER) if spell.traded_at > 0 else NEVER
    row[14] = toward * (now.mid - spell.mid) / now.spread
    row[15] = spell.burst / spell.most
    row[16] = max(opposite, 0.0) / spell.most
    row[17] = spell.across / spell.most
