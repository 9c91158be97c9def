"""Parent orders: runs of orders by which one agent takes on one side, one soon after the other, until they are large.

What a parent order is to its broker, public data shows as such runs: "metaorders" in the words of Bouchaud, Bonart, Donier and Gould,
Trades, Quotes and Prices (2018), chapter 10.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pipelines.events.vocabulary import Reason, RecordKind
from spark_jobs.detection.columns import Array, Column, Orders
from spark_jobs.detection.compiled import kernel

GAP = 5  # steps between two orders of one run, at most
LARGE = 2.0  # times the usual order that comes in, from which on a run is a parent order
LEVELS = 4  # of size: from LARGE on, twice as large, four times, eight times

RUN = np.dtype([("agent", "i8"), ("side", "i8"), ("begin", "i8"), ("step", "i8"), ("lots", "i8"), ("level", "i8")], align=True)
"""Who takes on which side; its first fill, step of its last one, lots so far, levels reached."""

PARENT = np.dtype(
    [("agent", "i8"), ("side", "i8"), ("begin", "i8"), ("large", "i8"), ("next", "i8"), ("level", "i8"), ("run", "i8")], align=True
)
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


def entered_of(orders: Orders) -> Entered:
    """The orders that were accepted."""
    is_fill = (orders.kind == int(RecordKind.FILLED)) & (orders.reason != int(Reason.UNCROSSED))
    rows = np.flatnonzero(orders.kind == int(RecordKind.ACCEPTED))
    agent, lots = orders.owner[rows], orders.size[rows]
    totals = np.zeros((int(agent.max(initial=-1)) + 1, 2))
    size = np.zeros(len(rows))
    beside_mean(agent, lots, totals, size)
    return Entered(orders.step[rows], agent, orders.side[rows], np.cumsum(is_fill)[rows], size)


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


def parents_of(fills: Fills) -> Array:
    """All PARENT, each level of a run being one, in the order in which they reached it."""
    trades = len(fills.step)
    parents = np.zeros(LEVELS * trades, PARENT)
    count = find_parents(fills, np.full(int(fills.takes.max(initial=-1)) + 1, -1), np.zeros(trades, RUN), parents)
    return parents[:count]


@kernel
def find_parents(fills: Fills, latest: Column, runs: Array, parents: Array) -> int:
    """Write all parents and return how many there are; `latest` (agents,) is -1."""
    there = count = 0
    for fill in range(len(fills.step)):
        agent, step = fills.takes[fill], fills.step[fill]
        at = latest[agent]
        if at < 0 or runs[at].side != fills.side[fill] or step - runs[at].step > GAP:
            at = latest[agent] = there
            there += 1
            runs[at].agent, runs[at].side, runs[at].begin = agent, fills.side[fill], fill
        run = runs[at]
        run.step = step
        run.lots += fills.lots[fill]
        while run.level < LEVELS and run.lots >= LARGE * 2.0**run.level * fills.usual[fill]:
            parent = parents[count]
            parent.agent, parent.side, parent.begin, parent.large = agent, run.side, run.begin, fill
            parent.level, parent.run, parent.next = run.level, at, len(fills.step)
            before = count - 1
            while run.level > 0 and parents[before].run != at:
                before -= 1
            if run.level > 0:
                parents[before].next = fill
            run.level += 1
            count += 1
    return count
