"""Trading ahead of somebody's parent order: the same way shortly before it, and out again into it or after it.

Everybody does so at times by chance. Front running is that one agent does it ahead of another one's orders again and again, and not
ahead of others': each time that an agent is out again is a candidate, with what it did this time and what came before, so that the score
rises with the evidence. Only who traded ahead is a suspect; the number beside it is whose order it was. Sources: FINRA rules 5270 and
5320; Brunnermeier and Pedersen, "Predatory trading", Journal of Finance 60 (2005), on trading ahead and back into the order.
"""

from __future__ import annotations

import numpy as np

from spark_jobs.detection.columns import Array, Public, Row
from spark_jobs.detection.compiled import kernel, part
from spark_jobs.detection.outs import EVENT, LEAN, PIECE, PIECES, find_events, find_leans
from spark_jobs.detection.parents import LEVELS, Fills, entered_of, fills_of, own_of, parents_of
from spark_jobs.detection.precedents import PAIR, PERSON, chance_of, lean, lean_of, lean_size_of, remember, surprise_of, weight_of

LEAST_EVENTS = 2  # earlier ones of a pair, before it can be a candidate
LEAST_SURPRISE = 4.0  # and what they and leaning towards its orders, or their weight, exceed chance by, in standard deviations
_MOST = 50.0  # no ratio is larger
_ROOM = 1 << 16  # events to begin with

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
    "level",  # of the parent order's size: it is beside orders of at least the same that all that follows is
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
)
WIDTH = 4 + len(FEATURES)
"""A candidate: agent, whose parent order, step of the last trade ahead, step in which it was out, then the features."""


def candidates(public: Public) -> Array:
    """All candidates of a symbol (n, WIDTH), in the order in which they came up."""
    fills = fills_of(public.orders)
    own, parents = own_of(fills), parents_of(fills)
    entered = entered_of(public.orders)
    agents = int(max(len(own.first) - 1, entered.agent.max(initial=-1) + 1))
    leans, events = np.zeros(_ROOM, LEAN), np.zeros(_ROOM, EVENT)
    while (count := find_leans(fills, entered, parents, np.full(agents, -1), np.full(agents, -1), leans)) > len(leans):
        leans = np.zeros(count, LEAN)
    leans = leans[:count]
    while (count := find_events(fills, own, parents, np.full(agents, -1), np.zeros(PIECES, PIECE), events)) > len(events):
        events = np.zeros(count, EVENT)
    events = events[:count][np.lexsort((events["parent"][:count], events["fill"][:count]))]
    of = parents[np.concatenate([leans["parent"], events["parent"]])]
    who = np.concatenate([leans["agent"], events["agent"]])
    pairs, pair = np.unique((who * agents + of["agent"]) * LEVELS + of["level"], return_inverse=True)
    known = np.zeros(len(pairs), PAIR), np.zeros((agents, LEVELS), PERSON), np.zeros(LEVELS)
    found = np.zeros((len(events), WIDTH))
    return found[: sweep(fills, parents, leans, events, pair, *known, found)]


@kernel
def sweep(
    fills: Fills, parents: Array, leans: Array, events: Array, pair: Array, pairs: Array, people: Array, orders: Array, found: Array,
) -> int:  # fmt: skip
    """Go through the events, and write a candidate for everyone who is out; returns how many there are. `pair` is of leans, then events."""
    count = ordered = leant = 0
    for number in range(len(events)):
        event, which = events[number], pair[len(leans) + number]
        while ordered < len(parents) and parents[ordered].large <= event.fill:
            people[parents[ordered].agent, parents[ordered].level].orders += 1.0
            orders[parents[ordered].level] += 1.0
            while leant < len(leans) and leans[leant].parent == ordered:
                lean(pairs[pair[leant]], people[leans[leant].agent, parents[ordered].level], leans[leant])
                leant += 1
            ordered += 1
        parent, both = parents[event.parent], pairs[which]
        theirs, own, everybody = people[parent.agent, parent.level], people[event.agent, parent.level], orders[parent.level]
        way = 1.0 if parent.side == 0 else -1.0
        gain = way * (event.got / event.out - event.paid / event.ahead) / max(fills.ticks[event.fill], 1e-9)
        remember(both, own, theirs, which + 1, event, gain)
        if event.fill < parent.next and worth_a_look(both, own, theirs, everybody):
            row = found[count]
            row[0], row[1], row[2], row[3] = event.agent, parent.agent, event.begin, fills.step[event.fill]
            describe_event(event, fills, gain, row)
            describe_history(both, own, theirs, everybody, which + 1, row)
            row[19] = parent.level
            count += 1
    return count


@part
def worth_a_look(both: Row, own: Row, theirs: Row, orders: float) -> bool:
    """Whether there were events before, and more than by chance."""
    if both.events <= LEAST_EVENTS:
        return False
    surprise = surprise_of(both, own, theirs, orders) + lean_of(both, own, theirs, orders)
    size = max(weight_of(both, own, theirs, orders), lean_size_of(both, own, theirs, orders))
    return bool(max(surprise, size) >= LEAST_SURPRISE)


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
def describe_history(both: Row, own: Row, theirs: Row, orders: float, pair: int, row: Row) -> None:
    """Write the features of what came before behind those."""
    earlier, before = max(theirs.orders - 1.0, 0.0), both.events - 1.0
    of_orders, of_events, chance = max(earlier, 1.0), max(before, 1.0), chance_of(both, own, theirs, orders)
    row[20] = earlier
    row[21] = before
    row[22] = before / of_orders
    row[23] = both.leans[0] / (earlier + 1.0)
    row[24] = both.leans[1] / (earlier + 1.0)
    row[25] = chance
    row[26] = min(row[22] / chance, _MOST)
    row[27] = surprise_of(both, own, theirs, orders)
    row[28] = (theirs.next if theirs.who == pair else theirs.most) / of_orders
    row[29] = lean_of(both, own, theirs, orders)
    row[30] = lean_size_of(both, own, theirs, orders)
    row[31] = weight_of(both, own, theirs, orders)
    row[32] = both.weight / of_events
    row[33] = both.late / of_events
    row[34] = both.exact / of_events
    row[35] = both.into / of_events
    row[36] = both.gain / of_events
