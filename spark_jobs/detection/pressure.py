"""Pressure on one side of the book: what an agent has resting there, from the first order until most of it is withdrawn.

Spoofing and layering are such spells, and so is much that is honest; a spell becomes a candidate when it ends by withdrawal. What tells
them apart is in its FEATURES: how large it was beside what is usual in the market and for the agent, how much of it was withdrawn and
how suddenly, what the agent traded on the other side meanwhile, and how its earlier spells went. Published rules have parts of this: US
v. Coscia (2015) turned on the share of orders withdrawn and the asymmetry of sizes; ESMA's MAR annex II names the withdrawal of orders
after trading on the other side.
"""

from __future__ import annotations

import numpy as np

from spark_jobs.detection.columns import Array, Row
from spark_jobs.detection.compiled import part

LEAST_LOTS = 6  # of the greatest size of a spell
LEAST_WITHDRAWN = 0.05  # share of it
OVER = 0.2  # a spell is over when so little of its greatest size is left
_SUDDEN = 2  # steps within which withdrawals count as one
_NEVER = 1000.0  # steps since a trade on the other side, if there was none

SPELL = np.dtype(
    [
        ("resting", "f8"), ("most", "f8"), ("since", "f8"), ("orders", "f8"), ("withdrawn", "f8"), ("filled", "f8"), ("placed", "f8"),
        ("mid", "f8"), ("passive", "f8"), ("active", "f8"), ("traded_at", "f8"), ("burst", "f8"), ("burst_at", "f8"), ("away", "f8"),
        ("across", "f8"),
    ],
    align=True,
)  # fmt: skip
"""What an agent has and had on one side since the spell began.

Lots resting, most of them at once; step of the begin; orders placed; lots withdrawn, filled, placed; mid at the begin; lots traded on the
other side by resting there and by taking, and the last step of that; lots withdrawn in one go and its step; lots x ticks from the mid; most
lots that rested on the other side meanwhile.
"""

HISTORY = np.dtype(
    [
        ("orders", "f8"), ("lots", "f8"), ("usual", "f8"), ("traded", "f8"), ("spells", "f8"), ("withdrawn", "f8"), ("opposite", "f8"),
        ("size", "f8"),
    ],
    align=True,
)  # fmt: skip
"""An agent so far: orders, their lots, the usual size of one, lots traded; spells, and over them the sums of the shares withdrawn, of
those with trades on the other side, and of sizes beside the touch."""

FEATURES = (
    "size_to_touch",  # greatest size beside the usual lots at the touch
    "size_to_depth",  # and beside those within ten ticks of it
    "duration",  # steps
    "withdrawn_share",  # of the lots that left the book
    "orders",  # placed in the spell
    "distance",  # mean ticks from the mid at placement, in usual spreads
    "opposite_passive",  # lots traded on the other side by resting there
    "opposite_active",  # and by taking
    "opposite_share",  # both beside the greatest size
    "since_opposite",  # steps from the last of them to the withdrawal
    "favourable_move",  # of the mid, towards what helps the other side, in usual spreads
    "burst_share",  # of the greatest size, withdrawn in one go
    "opposite_resting",  # what rests on the other side at the end, beside the greatest size
    "opposite_most",  # the most that rested there meanwhile, beside it
    "size_to_own",  # greatest size beside the agent's usual order
    "earlier_rate",  # spells a thousand steps
    "earlier_withdrawn",  # mean share withdrawn in them
    "earlier_opposite",  # share of them with trades on the other side
    "fill_ratio",  # lots traded per lot ordered, ever
    "order_rate",  # orders per hundred steps, ever
    "earlier_size",  # mean of size_to_touch
)
WIDTH = 4 + len(FEATURES)
"""A candidate: agent, side, first step, last step, then the features."""


@part
def clear(spell: Row, left: float, step: int, mid: float) -> None:
    """Begin a spell with so much resting."""
    spell.resting, spell.most, spell.since, spell.mid = left, left, step, mid
    spell.orders = spell.withdrawn = spell.filled = spell.placed = spell.passive = spell.active = spell.burst = spell.away = 0.0
    spell.across = 0.0
    spell.traded_at = spell.burst_at = -_NEVER


@part
def on_rest(spells: Array, agent: int, side: int, lots: int, price: int, step: int, mid: float, new: bool) -> None:
    """Lots came to rest; `new` unless an order was only moved."""
    spell, other = spells[agent, side], spells[agent, 1 - side]
    if spell.resting <= 0 and new:
        clear(spell, 0.0, step, mid)
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
def on_withdraw(spells: Array, history: Array, agent: int, side: int, lots: int, touch: Array, found: Array, count: int) -> int:
    """Lots were withdrawn; writes a candidate to `found` at `count` if that ends a spell, and returns how many there are then."""
    spell, past, now = spells[agent, side], history[agent], touch[0]
    spell.resting -= lots
    spell.withdrawn += lots
    spell.burst = lots + (spell.burst if now.step - spell.burst_at <= _SUDDEN else 0.0)
    spell.burst_at = now.step
    if spell.resting > OVER * spell.most:
        return count
    placed = spell.orders > 0  # otherwise it is what the spell before left over
    if placed and spell.most >= LEAST_LOTS and spell.withdrawn >= LEAST_WITHDRAWN * spell.most and count < len(found):
        describe(spell, spells[agent, 1 - side].resting, past, now, side, found[count])
        found[count, 0], found[count, 1], found[count, 2], found[count, 3] = agent, side, spell.since, now.step
        past.spells += 1.0
        past.withdrawn += spell.withdrawn / (spell.withdrawn + spell.filled)
        past.opposite += 1.0 if spell.passive + spell.active > 0 else 0.0
        past.size += spell.most / (now.size[side] + 1.0)
        count += 1
    clear(spell, spell.resting, now.step, now.mid)
    spell.across = spells[agent, 1 - side].resting
    return count


@part
def describe(spell: Row, opposite: float, past: Row, now: Row, side: int, row: Row) -> None:
    """Write the features of a spell behind the first four numbers of a row."""
    toward = 1.0 if side == 0 else -1.0
    spells, step = max(past.spells, 1.0), now.step + 1.0
    row[4] = spell.most / (now.size[side] + 1.0)
    row[5] = spell.most / (now.depth[side] + 1.0)
    row[6] = now.step - spell.since
    row[7] = spell.withdrawn / (spell.withdrawn + spell.filled)
    row[8] = spell.orders
    row[9] = spell.away / max(spell.placed, 1.0) / now.spread
    row[10] = spell.passive
    row[11] = spell.active
    row[12] = (spell.passive + spell.active) / spell.most
    row[13] = min(now.step - spell.traded_at, _NEVER)
    row[14] = toward * (now.mid - spell.mid) / now.spread
    row[15] = spell.burst / spell.most
    row[16] = max(opposite, 0.0) / spell.most
    row[17] = spell.across / spell.most
    row[18] = spell.most / max(past.usual, 1.0)
    row[19] = 1000.0 * past.spells / step
    row[20] = past.withdrawn / spells
    row[21] = past.opposite / spells
    row[22] = past.traded / max(past.lots, 1.0)
    row[23] = 100.0 * past.orders / step
    row[24] = past.size / spells


@part
def on_order(past: Row, lots: int) -> None:
    """An agent entered an order."""
    past.orders += 1.0
    past.lots += lots
    past.usual += (lots - past.usual) * max(0.05, 1.0 / past.orders)
