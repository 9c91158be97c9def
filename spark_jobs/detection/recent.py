"""What each agent did last: the evidence that goes with an alert, the same however the stream is cut into blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pipelines.events.vocabulary import Reason, RecordKind, Side
from spark_jobs.detection.columns import Array, Orders
from spark_jobs.detection.compiled import kernel, part

KEPT = 24  # deeds of an agent: a dozen layers, placed and withdrawn
_AGENTS = 64  # rows to begin with
_FILLED, _UNCROSSED = int(RecordKind.FILLED), int(Reason.UNCROSSED)

DEED = np.dtype([("order_id", "i8"), ("step", "i4"), ("price", "i4"), ("size", "i4"), ("kind", "i1"), ("side", "i1")], align=True)
"""A row of market.orders as one of its agents sees it: its order and its side of a fill."""


class Recent:
    """The last deeds of every agent of a symbol.

    Attributes
    ----------
    deeds : (agents, KEPT) DEED, a ring for each agent. counts : (agents,) deeds ever.
    """

    def __init__(self, deeds: Array | None = None, counts: Array | None = None) -> None:
        self.deeds = np.zeros((_AGENTS, KEPT), DEED) if deeds is None else deeds
        self.counts = np.zeros(_AGENTS, np.int64) if counts is None else counts

    def add(self, rows: Orders) -> None:
        """Take rows in."""
        agents = int(max(rows.owner.max(initial=0), rows.other_owner.max(initial=0))) + 1
        if agents > len(self.counts):
            wanted = max(agents, 2 * len(self.counts)) - len(self.counts)
            self.deeds = np.concatenate([self.deeds, np.zeros((wanted, KEPT), DEED)])
            self.counts = np.concatenate([self.counts, np.zeros(wanted, np.int64)])
        remember(rows, self.deeds, self.counts)

    def of(self, agent: int) -> Array:
        """The last deeds of an agent in order, at most KEPT."""
        if agent >= len(self.counts):
            return np.zeros(0, DEED)
        count = int(self.counts[agent])
        first = count % KEPT
        ring = self.deeds[agent]
        return np.concatenate([ring[first:], ring[:first]]) if count >= KEPT else ring[:count]


@kernel
def remember(rows: Orders, deeds: Array, counts: Array) -> None:
    """Write each row to the ring of its owner, a fill to those of both."""
    for row in range(len(rows.kind)):
        for place in range(2):
            agent = rows.owner[row] if place == 0 else rows.other_owner[row]
            if agent < 0 or (place == 1 and rows.kind[row] != _FILLED):
                continue
            deed = deeds[agent, counts[agent] % KEPT]
            deed.order_id = rows.order_id[row] if place == 0 else rows.other_id[row]
            deed.step, deed.price, deed.size, deed.kind = rows.step[row], rows.price[row], rows.size[row], rows.kind[row]
            deed.side = side_of(rows, row, place)
            counts[agent] += 1


@part
def side_of(rows: Orders, row: int, place: int) -> int:
    """The side of the row's first order, or of its second."""
    if rows.kind[row] == _FILLED and rows.reason[row] == _UNCROSSED:
        return int(1 - place)
    resting = rows.kind[row] == _FILLED and place == 0
    return int(1 - rows.side[row] if resting else rows.side[row])


def evidence(before: Recent, rows: Orders, until: int, agent: int, first_step: int) -> list[dict[str, Any]]:
    """The agent's last deeds from first_step on, as of row `until` of `rows`, which came after `before`."""
    now = Recent()
    now.add(Orders(*(column[: until + 1][_involves(rows, until, agent)] for column in rows)))
    deeds = np.concatenate([before.of(agent), now.of(agent)])[-KEPT:]
    return list(_told(deeds[deeds["step"] >= first_step], agent))


def _involves(rows: Orders, until: int, agent: int) -> Array:
    mine = rows.owner[: until + 1] == agent
    return np.asarray(mine | ((rows.other_owner[: until + 1] == agent) & (rows.kind[: until + 1] == _FILLED)))


def _told(deeds: Array, agent: int) -> Iterator[dict[str, Any]]:
    for deed in deeds:
        kind, side = RecordKind(int(deed["kind"])), Side(int(deed["side"]))
        numbers = {name: int(deed[name]) for name in ("step", "price", "size", "order_id")}
        yield {"agent": agent, "what": kind.name.lower(), "side": side.name.lower()} | numbers
