"""Parent orders: runs of orders by which one agent takes on one side, one soon after the other, until they are large.

What a parent order is to its broker, public data shows as such runs: "metaorders" in the words of Bouchaud, Bonart, Donier and Gould,
Trades, Quotes and Prices (2018), chapter 10.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pipelines.events.vocabulary import Reason, RecordKind
from spark_jobs.detection.columns import Array, Column, Orders, Row
from spark_jobs.detection.compiled import kernel, part

LEVELS = 4  # of size: from the least on, twice as large, four times, eight times
FAST, SLOW = range(2)  # paces: taken by one order soon after the other; little by little, by taking or resting
GAPS = (5, 40)  # steps between two trades of one run, at most
LARGE = (2.0, 6.0)  # times the usual order that comes in, from which on a run is a parent order
GROUPS = 2 * LEVELS  # by pace and size
_BOLDEST = 10.0  # changes of the price beyond which it makes no difference

PARENT = np.dtype(
    [
        ("agent", "i8"), ("side", "i8"), ("begin", "i8"), ("large", "i8"), ("next", "i8"), ("level", "i8"), ("pace", "i8"), ("run", "i8"),
    ],
    align=True,
)  # fmt: skip
"""A run that reached a level with the fill `large`, and the next one with `next` (after all fills, if not)."""


class Fills(NamedTuple):
    """Trades in continuous trading, in their order, each column (n,) int64; side is that which came in."""

    step: Column
    side: Column
    price: Column
    lots: Column
    rests: Column
    takes: Column
    usual: Array  # (n,) float64: mean lots of an order that came in, so far
    ticks: Array  # (n,) float64: mean change of the price from one trade to the next, so far


class Entered(NamedTuple):
    """Orders entered, in their order, each column (n,); `fills` is how many trades there were before."""

    step: Column
    agent: Column
    side: Column
    fills: Column
    size: Array  # float64: lots, beside the mean of the agent's orders up to this one
    bold: Array  # float64: how far its price is on the other side of the last trade's, in usual changes of the price


class Own(NamedTuple):
    """The same by agent: those of agent a are at first[a] to first[a + 1], in their order."""

    first: Column
    fill: Column
    lots: Column  # bought; negative sold
    traded: Column  # lots of this and all before it in the column, either way


def fills_of(orders: Orders) -> Fills:
    """The trades of a symbol, but those of auctions."""
    rows = np.flatnonzero((orders.kind == int(RecordKind.FILLED)) & (orders.reason != int(Reason.UNCROSSED)))
    step, side, price, lots = (column[rows] for column in (orders.step, orders.side, orders.price, orders.size))
    arrived, trades = orders.other_id[rows], np.arange(1, len(rows) + 1)
    usual = np.cumsum(lots) / np.cumsum(np.diff(arrived, prepend=-1) != 0)
    ticks = np.cumsum(np.abs(np.diff(price, prepend=price[:1]))) / trades
    return Fills(step, side, price, lots, orders.owner[rows], orders.other_owner[rows], usual, ticks)


def entered_of(orders: Orders, fills: Fills) -> Entered:
    """The orders that were accepted."""
    is_fill = (orders.kind == int(RecordKind.FILLED)) & (orders.reason != int(Reason.UNCROSSED))
    rows = np.flatnonzero(orders.kind == int(RecordKind.ACCEPTED))
    agent, lots = orders.owner[rows], orders.size[rows]
    totals = np.zeros((int(agent.max(initial=-1)) + 1, 2))
    size = np.zeros(len(rows))
    beside_mean(agent, lots, totals, size)
    before = np.cumsum(is_fill)[rows]
    return Entered(orders.step[rows], agent, orders.side[rows], before, size, _bold(orders, rows, before, fills))


def _bold(orders: Orders, rows: Column, before: Column, fills: Fills) -> Array:
    """How bold the prices of orders are; one at any price is as bold as can be."""
    if not len(fills.step):
        return np.zeros(len(rows))
    last = np.maximum(before - 1, 0)
    way = np.where(orders.side[rows] == 0, 1.0, -1.0)
    beyond = way * (orders.price[rows] - fills.price[last]) / np.maximum(fills.ticks[last], 0.5)
    return np.where(orders.price[rows] <= 0, _BOLDEST, np.clip(beyond, -_BOLDEST, _BOLDEST))


@kernel
def beside_mean(agent: Column, lots: Column, totals: Array, size: Array) -> None:
    """Write lots beside the mean of the agent's so far; `totals` (agents, 2) are zeros."""
    for row in range(len(agent)):
        total = totals[agent[row]]
        total[0] += 1.0
        total[1] += lots[row]
        size[row] = lots[row] * total[0] / total[1]


def own_of(fills: Fills) -> Own:
    """Everybody's own trades; one with oneself is none."""
    number, bought = np.arange(len(fills.step)), np.where(fills.side == 0, fills.lots, -fills.lots)
    agent, fill, lots = (np.concatenate(pair) for pair in ((fills.rests, fills.takes), (number, number), (-bought, bought)))
    order = np.lexsort((fill, agent))
    first = np.searchsorted(agent[order], np.arange(int(agent.max(initial=-1)) + 2))
    return Own(first.astype(np.int64), fill[order], lots[order], np.cumsum(np.abs(lots[order])))


def parents_of(fills: Fills, own: Own) -> Array:
    """All PARENT, each level of a run being one, in the order in which they reached it."""
    trades = len(fills.step)
    parents, count = np.zeros(3 * LEVELS * trades, PARENT), 0
    for pace in (FAST, SLOW):
        count = find_parents(fills, own, pace, parents, count)
    found = parents[:count]
    return found[np.lexsort((found["level"], found["side"], found["pace"], found["large"]))]


@kernel
def find_parents(fills: Fills, own: Own, pace: int, parents: Array, count: int) -> int:
    """Write all parents of a pace behind `count` others and return how many there are."""
    runs = count
    for agent in range(len(own.first) - 1):
        begin, side, level, lots, last = -1, 0, 0, 0, 0
        for at in range(own.first[agent], own.first[agent + 1]):
            fill = own.fill[at]
            if pace == FAST and fills.takes[fill] != agent:
                continue
            step, now = fills.step[fill], 0 if own.lots[at] > 0 else 1
            if begin < 0 or now != side or step - last > GAPS[pace]:
                begin, side, level, lots, runs = fill, now, 0, 0, runs + 1
            last = step
            lots += abs(own.lots[at])
            while level < LEVELS and lots >= LARGE[pace] * 2.0**level * fills.usual[fill]:
                parent = parents[count]
                parent.agent, parent.side, parent.begin, parent.large, parent.next = agent, side, begin, fill, len(fills.step)
                parent.level, parent.pace, parent.run = level, pace, runs
                if level > 0:
                    parents[count - 1].next = fill
                level += 1
                count += 1
    return count


@part
def group_of(parent: Row) -> int:
    """Number of those of its pace and size."""
    return int(parent.pace * LEVELS + parent.level)


@part
def continues(fills: Fills, fill: int, lots: int, parent: Row, last: int) -> bool:
    """Whether a trade of the parent order's owner, of so many lots its way, is of the order whose trade before was in step `last`."""
    taken = parent.pace == SLOW or fills.takes[fill] == parent.agent
    return bool(taken and lots > 0 and fills.step[fill] - last <= GAPS[parent.pace])
