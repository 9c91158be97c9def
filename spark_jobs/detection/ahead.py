"""Trading ahead of somebody's parent order: the same way shortly before it, and out again into it or after it.

Everybody does so at times by chance. Front running is that one agent does it ahead of another one's orders again and again, and not
ahead of others. Three things make a candidate: that an agent is out of what it traded ahead of an order (`outs.py`), that it
trades with the order out of what it got into (`supplies.py`), and, once the evidence is there, that it had an order on the same side
before (`leans.py`). Each is described by what it was this time and what came before, so that the score rises with the evidence. Only who
was ahead is a suspect; the number beside it is whose order it was. Sources: FINRA rules 5270 and 5320; Brunnermeier and Pedersen,
"Predatory trading", Journal of Finance 60 (2005), on trading ahead and back into the order.
"""

from __future__ import annotations

import numpy as np

from spark_jobs.detection.ahead_features import WIDTH, History, Numbered, describe_event, describe_history, describe_lean
from spark_jobs.detection.columns import Array, Column, Public, Row
from spark_jobs.detection.compiled import kernel, part
from spark_jobs.detection.leans import LEAN, NEVER, find_leans
from spark_jobs.detection.outs import EVENT, OUT, PIECE, PIECES, find_events
from spark_jobs.detection.parents import GROUPS, LEVELS, Entered, Fills, Own, entered_of, fills_of, group_of, own_of, parents_of
from spark_jobs.detection.precedents import (
    LEANT,
    PAIR,
    PERSON,
    RIVAL,
    beyond,
    chance_of,
    contend,
    lean,
    lean_of,
    lean_size_of,
    nearest_of,
    remember,
    rival_of,
    surprise_of,
    weight_of,
)
from spark_jobs.detection.supplies import find_supplies

LEAST_EVENTS = 1  # earlier ones of a pair, before it can be a candidate
LEAST_SURPRISE = 4.0  # and what they and leaning towards its orders, or their weight, exceed chance by, in standard deviations
LEAST_EVIDENCE = 4.0  # or how much likelier they are than by chance, as a logarithm
OF_RIVAL = 0.8  # and beside that of the likeliest other one ahead of the same
PLACED = 2  # what makes a candidate, beside OUT and SUPPLIES
_DONE, _ORDERED = range(2)  # of a cursor: events, and parent orders
_ROOM = 1 << 16  # candidates at a time
_EVENTS = 1 << 22  # and leans, to begin with: what is not written takes no memory
_TABLE = 1 << 26  # keys, of which a table is made


def candidates(public: Public) -> Array:
    """All candidates of a symbol (n, WIDTH), in the order in which they came up."""
    fills = fills_of(public.orders)
    own = own_of(fills)
    parents, entered = parents_of(fills, own), entered_of(public.orders, fills)
    agents = int(max(len(own.first) - 1, entered.agent.max(initial=-1) + 1))
    leans, events = _leans(fills, entered, parents, agents), _events(fills, own, parents, agents)
    numbered, pairs = _numbered(parents, leans, events, agents)
    history = History(
        np.zeros((2, pairs), PAIR), np.zeros((2, agents, GROUPS), PERSON), np.zeros(pairs, LEANT), np.zeros((agents, GROUPS), LEANT),
        np.zeros((agents, GROUPS), RIVAL), np.zeros((agents, GROUPS)), np.zeros(GROUPS),
    )  # fmt: skip
    found, cursor = [np.zeros((0, WIDTH))], np.zeros(2, np.int64)
    while cursor[_DONE] <= len(events):
        rows = np.zeros((_ROOM + agents, WIDTH))
        found.append(rows[: sweep(fills, parents, leans, events, numbered, history, cursor, rows)])
    return np.concatenate(found)


def _leans(fills: Fills, entered: Entered, parents: Array, agents: int) -> Array:
    ends = np.searchsorted(entered.fills, parents["begin"], "right")
    leans = np.zeros(_EVENTS, LEAN)
    while (count := find_leans(fills, entered, parents, ends, np.full(agents, -1), np.full(agents, -1), leans)) > len(leans):
        leans = np.zeros(count, LEAN)
    return leans[:count]


def _events(fills: Fills, own: Own, parents: Array, agents: int) -> Array:
    """All events in their order."""
    outs, supplies = np.zeros(_EVENTS, EVENT), np.zeros(_EVENTS, EVENT)
    while (count := find_events(fills, own, parents, np.full(agents, -1), np.zeros(PIECES, PIECE), outs)) > len(outs):
        outs = np.zeros(count, EVENT)
    outs, nobody = outs[:count], (np.full(agents, -1), np.full(agents, -1.0))
    while (count := find_supplies(fills, own, parents, *nobody, np.zeros(2, PIECE), supplies)) > len(supplies):
        supplies, nobody = np.zeros(count, EVENT), (np.full(agents, -1), np.full(agents, -1.0))
    events = np.concatenate([outs, supplies[:count]])
    return events[np.lexsort((events["what"], events["parent"], events["fill"]))]


def _numbered(parents: Array, leans: Array, events: Array, agents: int) -> tuple[Numbered, int]:
    """Numbers of pairs, by group of the parent order, and how many there are."""
    of = parents[np.concatenate([leans["parent"], events["parent"]])]
    who, group = np.concatenate([leans["agent"], events["agent"]]).astype(np.int64), of["pace"] * LEVELS + of["level"]
    keys, pair = _unique((who * agents + of["agent"]) * GROUPS + group, agents * agents * GROUPS)
    both, of_group = np.divmod(keys, GROUPS)
    reverse = _places(keys, (both % agents * agents + both // agents) * GROUPS + of_group)
    first = np.searchsorted(leans["parent"], np.arange(len(parents) + 1))
    return Numbered(pair[: len(leans)], pair[len(leans) :], reverse, first), len(keys)


def _unique(keys: Column, most: int) -> tuple[Column, Column]:
    """The keys that there are, in order, and the place of each: np.unique, but without sorting where a table of all has room."""
    if most > _TABLE:
        return np.unique(keys, return_inverse=True)
    there = np.zeros(most, np.bool_)
    there[keys] = True
    return np.flatnonzero(there).astype(np.int64), (np.cumsum(there, dtype=np.int64) - 1)[keys]


def _places(there: Column, wanted: Column) -> Column:
    """Where numbers stand among others in order, -1 for none."""
    place = np.minimum(np.searchsorted(there, wanted), max(len(there) - 1, 0))
    return np.where(there[place] == wanted, place, -1) if len(there) else np.full(len(wanted), -1)


@kernel
def sweep(
    fills: Fills, parents: Array, leans: Array, events: Array, numbered: Numbered, history: History, cursor: Column, found: Array
) -> int:
    """Go through parent orders and events from where `cursor` is, write candidates while there is room, and return how many there are."""
    count, agents = 0, len(history.orders)
    while cursor[_DONE] <= len(events) and count + agents < len(found):
        number, ordered = cursor[_DONE], cursor[_ORDERED]
        until = events[number].fill if number < len(events) else len(fills.step)
        if ordered < len(parents) and parents[ordered].large <= until:
            parent = parents[ordered]
            history.orders[parent.agent, group_of(parent)] += 1.0
            history.everybody[group_of(parent)] += 1.0
            for leant in range(numbered.first[ordered], numbered.first[ordered + 1]):
                count = placed(fills, parent, leans[leant], numbered.leans[leant], numbered, history, found, count)
            cursor[_ORDERED] += 1
        else:
            cursor[_DONE] += 1
            if number < len(events):
                count = out(fills, parents, leans, events[number], numbered.events[number], numbered, history, found, count)
    return count


@part
def out(
    fills: Fills, parents: Array, leans: Array, event: Row, which: int, numbered: Numbered, history: History, found: Array, count: int,
) -> int:  # fmt: skip
    """Take in an event; a candidate if there were some before, more than by chance."""
    parent, what = parents[event.parent], event.what
    group = group_of(parent)
    both, own, theirs = history.pairs[what, which], history.people[what, event.agent, group], history.people[what, parent.agent, group]
    way = 1.0 if parent.side == 0 else -1.0
    gain = way * (event.got / event.out - event.paid / event.ahead) / max(fills.ticks[event.fill], 1e-9)
    remember(both, own, theirs, which + 1, event, gain)
    if event.fill >= parent.next or not worth_a_look(both, own, parent, event.agent, group, which, history):
        return count
    row = found[count]
    row[0], row[1], row[2], row[3] = event.agent, parent.agent, event.begin, fills.step[event.fill]
    describe_event(event, fills, gain, row)
    at, end = numbered.first[event.parent], numbered.first[event.parent + 1]
    while at < end and leans[at].agent != event.agent:
        at += 1
    describe_lean(at < end, leans[at if at < end else 0], history.leant[which], row)
    describe_history(what, event.agent, parent, group, which, numbered, history, row)
    row[19] = what
    return count + 1


@part
def placed(
    fills: Fills, parent: Row, found: Row, which: int, numbered: Numbered, history: History, rows: Array, count: int,
) -> int:  # fmt: skip
    """Take in how an agent leant; a candidate if it had an order on the same side and did so more often than by chance."""
    group = group_of(parent)
    both, own = history.leant[which], history.leaners[found.agent, group]
    lean(both, own, found)
    theirs, everybody = history.orders[parent.agent, group], history.everybody[group]
    evidence = nearest_of(both, own, theirs, everybody)
    rival = contend(history.rivals[parent.agent, group], which + 1, evidence)
    if found.lead == NEVER or theirs < 2.0 or evidence < LEAST_EVIDENCE or evidence < OF_RIVAL * rival:
        return count
    row = rows[count]
    row[0], row[1], row[2], row[3] = found.agent, parent.agent, found.begin, fills.step[parent.large]
    describe_lean(True, found, both, row)
    describe_history(OUT, found.agent, parent, group, which, numbered, history, row)
    row[19] = PLACED
    return count + 1


@part
def worth_a_look(both: Row, own: Row, parent: Row, agent: int, group: int, which: int, history: History) -> bool:
    """Whether there were events before, and more than by chance."""
    if both.events <= LEAST_EVENTS:
        return False
    theirs, orders, leant, leaner = (
        history.orders[parent.agent, group],
        history.everybody[group],
        history.leant[which],
        history.leaners[agent, group],
    )
    surprise = surprise_of(both, own, theirs, orders) + lean_of(leant, leaner, theirs, orders)
    size = max(weight_of(both, own, theirs, orders), lean_size_of(leant, leaner, theirs, orders))
    if max(surprise, size) >= LEAST_SURPRISE:
        return True
    expected = chance_of(both, own, theirs, orders) * max(theirs - 1.0, 0.5)
    rivals, nearest = history.rivals[parent.agent, group], nearest_of(leant, leaner, theirs, orders)
    rival = rival_of(rivals, which + 1)
    return bool(beyond(both.events - 1.0, expected) >= LEAST_EVIDENCE or nearest >= max(LEAST_EVIDENCE, OF_RIVAL * rival))
