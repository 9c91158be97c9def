"""What fills tell of a symbol, step by step: the tape of the whole market, and what each agent held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.events.vocabulary import Reason, RecordKind
from spark_jobs.detection.columns import Column, Orders

_CHANGE = 10  # steps over which the usual change of the price is measured


@dataclass(frozen=True)
class Tape:
    """Of each step from 0 on, as of its end; the price is that of the last fill, and stays where nobody trades.

    Parameters
    ----------
    volume : lots traded so far; flow : of them those bought by taking, less those sold.
    price : ticks; change : mean size of its changes over ten steps so far, in ticks, never below one.
    """

    volume: Column
    flow: Column
    price: NDArray[np.float64]
    change: NDArray[np.float64]

    def moved(self, first: int, last: int) -> float:
        """Change of the price between two steps, beside what is usual over ten until the latter."""
        return float((self.price[last] - self.price[first]) / self.change[last])

    def usual_volume(self, step: int) -> float:
        """Lots that the market trades in a hundred steps, by all until now; never below one."""
        return max(100.0 * float(self.volume[step]) / (step + 1.0), 1.0)


class Holding(NamedTuple):
    """One agent's fills in order, each column (fills,): step, lots bought by then less those sold, and the same by taking alone."""

    steps: Column
    position: Column
    taken: Column
    bought: Column
    sold: Column

    def at(self, column: Column, step: int) -> int:
        """A column after all fills until a step; 0 before the first."""
        place = int(np.searchsorted(self.steps, step, side="right"))
        return int(column[place - 1]) if place else 0

    def between(self, column: Column, first: int, last: int) -> int:
        """How a column changed after one step until another."""
        return self.at(column, last) - self.at(column, first)


_NOTHING = Holding(*(np.zeros(0, np.int64) for _ in Holding._fields))


@dataclass(frozen=True)
class Holdings:
    """All agents' holdings."""

    by_agent: dict[int, Holding]

    def of(self, agent: int) -> Holding:
        """An agent's, empty for one who never traded."""
        return self.by_agent.get(agent, _NOTHING)


def tape_of(orders: Orders, steps: int) -> Tape:
    """The tape until a step, which is not in it."""
    fills = _fills(orders)
    signed = np.where(fills.reason == Reason.UNCROSSED, 0, np.where(fills.side == 0, fills.size, -fills.size))
    volume = np.cumsum(np.bincount(fills.step, fills.size, steps)).astype(np.int64)
    flow = np.cumsum(np.bincount(fills.step, signed, steps)).astype(np.int64)
    last = np.zeros(steps, np.int64)
    last[fills.step] = np.arange(1, len(fills.step) + 1)  # of several in a step the last one stays
    prices = np.concatenate([fills.price[:1], fills.price]) if len(fills.price) else np.zeros(1, np.int64)
    price = prices[np.maximum.accumulate(last)].astype(np.float64)
    changes = np.abs(price - price[np.maximum(np.arange(steps) - _CHANGE, 0)])
    return Tape(volume, flow, price, np.maximum(np.cumsum(changes) / np.arange(1, steps + 1), 1.0))


def holdings_of(orders: Orders) -> Holdings:
    """Who held what, after every fill."""
    fills = _fills(orders)
    auction = fills.reason == Reason.UNCROSSED
    incoming = np.where(auction, 0, fills.side)  # in an auction the owner sells and the other one buys
    agents = np.concatenate([fills.owner, fills.other_owner])
    steps = np.concatenate([fills.step, fills.step])
    lots = np.concatenate([np.where(incoming == 0, -fills.size, fills.size), np.where(incoming == 0, fills.size, -fills.size)])
    taken = np.concatenate([np.zeros_like(fills.size), np.where(auction, 0, lots[len(fills.size) :])])
    order = np.lexsort((np.concatenate([np.arange(len(fills.step))] * 2), agents))
    ends = np.flatnonzero(np.diff(agents[order], append=-1))
    found, first = {}, 0
    for end in ends.tolist():
        rows = order[first : end + 1]
        mine = lots[rows]
        sums = (np.cumsum(each) for each in (mine, taken[rows], np.maximum(mine, 0), np.maximum(-mine, 0)))
        found[int(agents[rows[0]])] = Holding(steps[rows], *sums)
        first = end + 1
    return Holdings(found)


def _fills(orders: Orders) -> Orders:
    rows = orders.kind == RecordKind.FILLED
    return Orders(*(column[rows] for column in orders))
