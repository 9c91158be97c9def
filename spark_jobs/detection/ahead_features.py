"""What is told of a candidate of front running: this time, its orders before, and what is known of both and of everybody else."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spark_jobs.detection.columns import Array, Column, Row
from spark_jobs.detection.compiled import part
from spark_jobs.detection.leans import NEAR, NEVER
from spark_jobs.detection.parents import LEVELS, Fills
from spark_jobs.detection.precedents import beyond, chance_of, lean_of, lean_size_of, near_of, nearest_of, rival_of, surprise_of, weight_of

_MOST = 50.0  # no ratio is larger

FEATURES = (
    "lead",  # steps from the last trade ahead to the parent order
    "span",  # and from the first one
    "ahead_to_usual",  # lots ahead, beside the usual order that comes in
    "ahead_to_own",  # beside the own usual trade
    "ahead_share",  # beside the parent order so far
    "order_to_usual",  # that one beside the usual order
    "active_share",  # of the lots ahead, those by taking
    "out_share",  # lots that it got out of, beside those ahead
    "into_share",  # of them, those that the parent order itself took
    "late",  # steps since the parent order's last one
    "gain",  # a lot, in usual changes of the price
    "trades",  # to get out
    "busyness",  # own trades in the 100 steps before
    "exact",  # 1: out of exactly what its trades ahead made
    "own_rate",  # own trades a hundred steps, ever
    "what",  # makes it a candidate: 0 is out, 1 trades with the order, 2 had an order before it; of that all above is 0
    "level",  # of the parent order's size: it is beside orders of at least the same, and the same pace, that all that follows is
    "pace",  # 0: fast, by taking; 1: slow
    "ordered",  # steps from its latest order on the same side to the parent order
    "ordered_against",  # on the other
    "ordered_size",  # lots of its orders in the 40 steps before, those on the other side less, beside its usual one
    "ordered_lots",  # of the latest one, beside its usual one
    "bold",  # how far its price is beyond the last trade's, in usual changes of the price
    "entries",  # orders in the 40 steps before
    "off_lead",  # how far that lead is from the earlier ones'
    "orders",  # earlier parent orders of the other
    "events",  # earlier ones of both
    "event_share",  # beside those orders
    "leaning_share",  # share of those before which its own last order was on the same side
    "against_share",  # and on the other
    "other_share",  # events beside orders, of everybody else's
    "lift",  # event_share beside that
    "surprise",  # earlier events above that share of the orders, in standard deviations
    "rival_share",  # most earlier events of anybody else ahead of the same, beside the orders
    "leaning",  # those on the same side less those on the other, above everybody else's orders, in standard deviations
    "leaning_size",  # the same of the lots of all its orders on either side
    "weight",  # lots ahead beside the own usual trade, of all earlier events, above those of everybody else's, in standard deviations
    "earlier_weight",  # mean
    "earlier_late",  # mean
    "earlier_exact",  # share of the events of both
    "earlier_into",  # mean
    "earlier_gain",  # mean
    "evidence",  # how much likelier so many events are than by chance, as a logarithm
    "other_events",  # of both, of the other way to get out
    "other_evidence",
    "near_2",  # how much likelier it is than by chance that it had so often an order on the same side 2 steps before, as a logarithm
    "near_6",
    "near_16",
    "near_40",
    "against_16",  # the share of the other's orders before which it had one on the other side
    "usual_near",  # share of everybody else's orders before which it had an order on the same side 16 steps before
    "reverse",  # the likeliest of those, of the other one ahead of its own orders
    "earlier_lead",  # mean, of orders on the same side
    "earlier_spread",  # of those leads
    "earlier_lots",  # mean
    "earlier_bold",  # mean
    "tilt",  # orders before which it had one on the same side less those on the other, of anybody's, in standard deviations
    "rival",  # how likely it is of the likeliest other one ahead of the same that it knows of its orders, as a logarithm
    "rate",  # events ahead of anybody's, beside their orders
)
WIDTH = 4 + len(FEATURES)
"""A candidate: agent, whose parent order, step of the last trade ahead or order, step in which it came up, then the features."""


class History(NamedTuple):
    """What is known so far."""

    pairs: Array  # (OUT or SUPPLIES, pairs) PAIR
    people: Array  # (OUT or SUPPLIES, agents, GROUPS) PERSON
    leant: Array  # (pairs,) LEANT
    leaners: Array  # (agents, GROUPS) LEANT
    rivals: Array  # (agents, GROUPS) RIVAL
    orders: Array  # (agents, GROUPS) float64: parent orders
    everybody: Array  # (GROUPS,) float64: of all


class Numbered(NamedTuple):
    """Numbers of pairs, of one agent, another one and a group of its parent orders; and where the leans of each parent order begin."""

    leans: Column  # (leans,): the pair of each
    events: Column  # (events,)
    reverse: Column  # (pairs,): the same the other way round, -1 for none
    first: Column  # (parents + 1,)


@part
def describe_event(event: Row, fills: Fills, gain: float, row: Row) -> None:
    """Write the features of this time behind the first four numbers of a row."""
    usual = fills.usual[event.fill]
    row[4] = event.lead
    row[5] = event.span
    row[6] = event.ahead / usual
    row[7] = event.ahead / event.usual
    row[8] = min(event.ahead / max(event.order, 1.0), _MOST)
    row[9] = event.order / usual
    row[10] = event.active / event.ahead
    row[11] = event.out / event.ahead
    row[12] = event.into / event.out
    row[13] = event.late
    row[14] = gain
    row[15] = event.trades
    row[16] = event.busy
    row[17] = event.exact
    row[18] = 100.0 * event.ever / (fills.step[event.fill] + 1.0)


@part
def describe_lean(there: bool, found: Row, both: Row, row: Row) -> None:
    """Write the features of its orders before the parent order behind those of the trades."""
    row[22] = found.lead if there else NEVER
    row[23] = found.against if there else NEVER
    row[24] = found.size if there else 0.0
    ahead = there and found.lead < NEVER
    row[25] = found.lots if ahead else 0.0
    row[26] = found.bold if ahead else 0.0
    row[27] = found.orders if there else 0.0
    others = both.near[-1] - 1.0
    row[28] = abs(found.lead - (both.lead - found.lead) / others) if ahead and others > 0.0 else NEVER


@part
def describe_history(what: int, agent: int, parent: Row, group: int, which: int, numbered: Numbered, history: History, row: Row) -> None:
    """Write the features of what came before behind those."""
    both, own, theirs = history.pairs[what, which], history.people[what, agent, group], history.people[what, parent.agent, group]
    leant, leaner, mine = history.leant[which], history.leaners[agent, group], history.orders[parent.agent, group]
    orders, earlier = history.everybody[group], max(mine - 1.0, 0.0)
    before = max(both.events - 1.0, 0.0)
    of_orders, of_events, chance = max(earlier, 1.0), max(before, 1.0), chance_of(both, own, mine, orders)
    row[20], row[21] = parent.level, parent.pace
    row[29] = earlier
    row[30] = before
    row[31] = before / of_orders
    row[32] = leant.leans[0] / (earlier + 1.0)
    row[33] = leant.leans[1] / (earlier + 1.0)
    row[34] = chance
    row[35] = min(row[31] / chance, _MOST)
    row[36] = surprise_of(both, own, mine, orders)
    row[37] = rival_of(theirs, which + 1) / of_orders
    row[38] = lean_of(leant, leaner, mine, orders)
    row[39] = lean_size_of(leant, leaner, mine, orders)
    row[40] = weight_of(both, own, mine, orders)
    row[41] = both.weight / of_events
    row[42] = both.late / of_events
    row[43] = both.exact / of_events
    row[44] = both.into / of_events
    row[45] = both.gain / of_events
    other, others = history.pairs[1 - what, which], history.people[1 - what, agent, group]
    row[46] = beyond(before, chance * of_orders)
    row[47] = other.events
    row[48] = beyond(other.events, chance_of(other, others, mine, orders) * mine)
    for place in range(len(NEAR)):
        row[49 + place] = near_of(leant, leaner, place, mine, orders)
    row[53] = leant.against[2] / mine
    row[54] = (leaner.near[2] - leant.near[2]) / (orders - mine + 1.0)
    back = numbered.reverse[which]
    if back >= 0:
        row[55] = nearest_of(history.leant[back], history.leaners[parent.agent, group], history.orders[agent, group], orders)
    times = max(leant.near[-1], 1.0)
    row[56] = leant.lead / times
    row[57] = np.sqrt(max(leant.lead_square / times - row[56] ** 2, 0.0))
    row[58] = leant.lots / times
    row[59] = leant.bold / times
    of_all = history.leaners[agent, parent.pace * LEVELS]
    row[60] = (of_all.near[2] - of_all.against[2]) / np.sqrt(of_all.near[2] + of_all.against[2] + 1.0)
    rivals = history.rivals[parent.agent, group]
    row[61] = rival_of(rivals, which + 1)
    row[62] = history.people[what, agent, parent.pace * LEVELS].events / history.everybody[parent.pace * LEVELS]
