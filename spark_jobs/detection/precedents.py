"""What is known of pairs, of one agent and another one ahead of whose parent orders it trades, beside everybody else's orders."""

from __future__ import annotations

import numpy as np

from spark_jobs.detection.columns import Row
from spark_jobs.detection.compiled import part

PAIR = np.dtype(
    [
        ("leans", "f8", (3,)), ("events", "f8"), ("parent", "f8"), ("exact", "f8"), ("into", "f8"), ("gain", "f8"), ("late", "f8"),
        ("weight", "f8"), ("last_exact", "f8"), ("last_into", "f8"), ("last_gain", "f8"), ("last_late", "f8"), ("last_weight", "f8"),
    ],
    align=True,
)  # fmt: skip
"""Of both: orders before which the agent's own last one was on the same side, and on the other, and the sum of LEAN's sizes; events, and
the number of the latest one's order (from 1); sums over the events before that one, and what there is of it. A weight is the lots ahead
beside the agent's usual trade."""

PERSON = np.dtype(
    [
        ("orders", "f8"), ("events", "f8"), ("leans", "f8", (3,)), ("leans_square", "f8"), ("weight", "f8"), ("square", "f8"),
        ("most", "f8"), ("who", "i8"), ("next", "f8"),
    ],
    align=True,
)  # fmt: skip
"""Of an agent: its parent orders; of what it does ahead of anybody's, the events, the leans as of a pair and the sum of their squares, and
the sums of the weights of events and of their squares; ahead of its own, most events of one pair, which (from 1), and the most of any
other one."""


@part
def lean(both: Row, own: Row, found: Row) -> None:
    """Take in how an agent leant before an order."""
    for known in (both.leans, own.leans):
        known[0 if found.way > 0 else 1] += 1.0
        known[2] += found.size
    own.leans_square += found.size * found.size


@part
def chance_of(both: Row, own: Row, theirs: Row, orders: float) -> float:
    """Share of everybody else's orders ahead of which an agent had an event."""
    return float((own.events - both.events + 1.0) / (orders - theirs.orders + 2.0))


@part
def surprise_of(both: Row, own: Row, theirs: Row, orders: float) -> float:
    """How many more earlier events a pair has than chance gives, in standard deviations."""
    expected = chance_of(both, own, theirs, orders) * max(theirs.orders - 1.0, 0.0)
    return float((both.events - 1.0 - expected) / np.sqrt(expected + 1.0))


@part
def weight_of(both: Row, own: Row, theirs: Row, orders: float) -> float:
    """How much more weight the earlier events of a pair have than chance gives, in standard deviations."""
    others, earlier = orders - theirs.orders + 2.0, max(theirs.orders - 1.0, 0.0)
    usual = (own.weight - both.weight - both.last_weight) / others
    square = (own.square + 1.0) / (orders + 2.0)
    return float((both.weight - usual * earlier) / np.sqrt(square * earlier + 1.0))


@part
def lean_of(both: Row, own: Row, theirs: Row, orders: float) -> float:
    """How many more orders of one agent another one leans towards than away from, beside everybody else's, in standard deviations."""
    mine, usual = both.leans, own.leans
    expected = (usual[0] - mine[0] - usual[1] + mine[1]) / (orders - theirs.orders + 2.0) * theirs.orders
    return float((mine[0] - mine[1] - expected) / np.sqrt(mine[0] + mine[1] + 1.0))


@part
def lean_size_of(both: Row, own: Row, theirs: Row, orders: float) -> float:
    """The same of the sizes of those leans."""
    expected = (own.leans[2] - both.leans[2]) / (orders - theirs.orders + 2.0) * theirs.orders
    return float((both.leans[2] - expected) / np.sqrt((own.leans_square + 1.0) / (orders + 2.0) * theirs.orders + 1.0))


@part
def remember(both: Row, own: Row, theirs: Row, pair: int, event: Row, gain: float) -> None:
    """Let the event before be an earlier one, unless this is of the same order; then it takes its place."""
    if both.parent != event.parent + 1:
        both.exact += both.last_exact
        both.into += both.last_into
        both.gain += both.last_gain
        both.late += both.last_late
        both.weight += both.last_weight
        both.last_weight = 0.0
        both.parent = event.parent + 1
        both.events += 1.0
        own.events += 1.0
        if theirs.who == pair:
            theirs.most = both.events
        elif both.events > theirs.most:
            theirs.next, theirs.most, theirs.who = theirs.most, both.events, pair
        else:
            theirs.next = max(theirs.next, both.events)
    weight = event.ahead / event.usual
    own.weight += weight - both.last_weight
    own.square += weight * weight - both.last_weight * both.last_weight
    both.last_weight, both.last_exact, both.last_into = weight, event.exact, event.into / event.out
    both.last_gain, both.last_late = gain, event.late
