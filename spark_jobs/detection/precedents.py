"""What is known of pairs, of one agent and another one ahead of whose parent orders it trades, beside everybody else's orders."""

from __future__ import annotations

import numpy as np

from spark_jobs.detection.columns import Row
from spark_jobs.detection.compiled import part
from spark_jobs.detection.leans import NEAR

PAIR = np.dtype(
    [
        ("events", "f8"), ("parent", "f8"), ("exact", "f8"), ("into", "f8"), ("gain", "f8"), ("late", "f8"), ("weight", "f8"),
        ("last_exact", "f8"), ("last_into", "f8"), ("last_gain", "f8"), ("last_late", "f8"), ("last_weight", "f8"),
    ],
    align=True,
)  # fmt: skip
"""Of both: events, and the number of the latest one's order (from 1); sums over the events before that one, and what there is of it. A
weight is the lots ahead beside the agent's usual trade."""

PERSON = np.dtype(
    [("events", "f8"), ("weight", "f8"), ("square", "f8"), ("most", "f8"), ("who", "i8"), ("next", "f8")],
    align=True,
)  # fmt: skip
"""Of an agent: of what it does ahead of anybody's, the events and the sums of their weights and of their squares; ahead of its own, most
events of one pair, which (from 1), and the most of any other one."""

LEANT = np.dtype(
    [
        ("leans", "f8", (3,)), ("square", "f8"), ("near", "f8", (len(NEAR),)), ("against", "f8", (len(NEAR),)), ("lead", "f8"),
        ("lead_square", "f8"), ("lots", "f8"), ("bold", "f8"),
    ],
    align=True,
)  # fmt: skip
"""How an agent leant before orders, those of one other or anybody's: before how many its own last one was on the same side, and on the
other, and the sum of LEAN's sizes, and of their squares; how many times it had an order on the same side, and on the other, within each of
NEAR; sums of the leads, of their squares, of the lots and of how bold they were, of those on the same side."""


RIVAL = np.dtype([("most", "f8"), ("who", "i8"), ("next", "f8")], align=True)
"""Of an agent: for whom it is likeliest that it knows of its orders, and how likely, see nearest_of;
which pair (from 1), and any other one."""


@part
def contend(theirs: Row, pair: int, evidence: float) -> float:
    """Take in what there is of a pair, and return the most that there is of any other one ahead of the same."""
    if theirs.who == pair:
        theirs.most = evidence
    elif evidence > theirs.most:
        theirs.next, theirs.most, theirs.who = theirs.most, evidence, pair
    else:
        theirs.next = max(theirs.next, evidence)
    return rival_of(theirs, pair)


@part
def rival_of(theirs: Row, pair: int) -> float:
    """The most that there is of any other pair ahead of the same agent."""
    return float(theirs.next if theirs.who == pair else theirs.most)


@part
def lean(both: Row, own: Row, found: Row) -> None:
    """Take in how an agent leant before an order."""
    for known in (both, own):
        known.leans[0 if found.way > 0 else 1] += 1.0
        known.leans[2] += found.size
        known.square += found.size * found.size
        for place in range(len(NEAR)):
            known.near[place] += 1.0 if found.lead <= NEAR[place] else 0.0
            known.against[place] += 1.0 if found.against <= NEAR[place] else 0.0
        if found.lead <= NEAR[-1]:
            known.lead += found.lead
            known.lead_square += found.lead * found.lead
            known.lots += found.lots
            known.bold += found.bold


@part
def beyond(seen: float, expected: float) -> float:
    """How much likelier a count is with a rate of its own than with the expected one, as a logarithm; 0 where it is no larger.

    Source: the likelihood ratio of a Poisson count, as in Kulldorff, "A spatial scan statistic", Communications in Statistics 26 (1997).
    """
    return float(seen * np.log(seen / expected) - seen + expected) if seen > expected else 0.0


@part
def near_of(both: Row, own: Row, place: int, theirs: float, orders: float) -> float:
    """How likely it is more than chance that an agent so often had an order shortly before another one's, beside everybody else's."""
    rate = (own.near[place] - both.near[place] + 0.5) / (orders - theirs + 1.0)
    return beyond(both.near[place], rate * theirs)


@part
def nearest_of(both: Row, own: Row, theirs: float, orders: float) -> float:
    """The same, of the number of steps for which it is likeliest."""
    most = 0.0
    for place in range(len(NEAR)):
        most = max(most, near_of(both, own, place, theirs, orders))
    return most


@part
def chance_of(both: Row, own: Row, theirs: float, orders: float) -> float:
    """Share of everybody else's orders ahead of which an agent had an event."""
    return float((own.events - both.events + 1.0) / (orders - theirs + 2.0))


@part
def surprise_of(both: Row, own: Row, theirs: float, orders: float) -> float:
    """How many more earlier events a pair has than chance gives, in standard deviations."""
    expected = chance_of(both, own, theirs, orders) * max(theirs - 1.0, 0.0)
    return float((both.events - 1.0 - expected) / np.sqrt(expected + 1.0))


@part
def weight_of(both: Row, own: Row, theirs: float, orders: float) -> float:
    """How much more weight the earlier events of a pair have than chance gives, in standard deviations."""
    others, earlier = orders - theirs + 2.0, max(theirs - 1.0, 0.0)
    usual = (own.weight - both.weight - both.last_weight) / others
    square = (own.square + 1.0) / (orders + 2.0)
    return float((both.weight - usual * earlier) / np.sqrt(square * earlier + 1.0))


@part
def lean_of(both: Row, own: Row, theirs: float, orders: float) -> float:
    """How many more orders of one agent another one leans towards than away from, beside everybody else's, in standard deviations."""
    mine, usual = both.leans, own.leans
    expected = (usual[0] - mine[0] - usual[1] + mine[1]) / (orders - theirs + 2.0) * theirs
    return float((mine[0] - mine[1] - expected) / np.sqrt(mine[0] + mine[1] + 1.0))


@part
def lean_size_of(both: Row, own: Row, theirs: float, orders: float) -> float:
    """The same of the sizes of those leans."""
    expected = (own.leans[2] - both.leans[2]) / (orders - theirs + 2.0) * theirs
    return float((both.leans[2] - expected) / np.sqrt((own.square + 1.0) / (orders + 2.0) * theirs + 1.0))


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
        contend(theirs, pair, both.events)
    weight = event.ahead / event.usual
    own.weight += weight - both.last_weight
    own.square += weight * weight - both.last_weight * both.last_weight
    both.last_weight, both.last_exact, both.last_into = weight, event.exact, event.into / event.out
    both.last_gain, both.last_late = gain, event.late
