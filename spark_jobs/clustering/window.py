"""One market in one window of simulated time, as arrays that features are measured on.

Only rows of the window count: an order that came in before it is not known, and a position is what was traded in it. Agents are numbered
from 0 in the order of their ids, and nothing is measured on the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipelines.events.vocabulary import Reason, RecordKind, Side, TimeInForce
from spark_jobs.clustering.by_agent import Array, Numbers

Steps = NDArray[np.int64]
EVERYBODY = -1
NEEDED = {
    "orders": ("step", "seq", "kind", "side", "reason", "time_in_force", "price", "size", "remaining", "owner", "order_id"),
    "trades": ("step", "seq", "price", "size", "buyer", "seller", "buy_order_id", "sell_order_id", "aggressor"),
    "ticks": ("step", "seq", "best_bid", "best_ask"),
    "messages": ("step", "seq", "sender", "receiver", "kind", "value_3"),
}
"""Columns of silver tables that features are made from."""


@dataclass(frozen=True)
class Entered:
    """Orders as they came in; each array (orders,). step counts from the window's begin, sign is 1 to buy and -1 to sell."""

    agent: Steps
    step: Steps
    sign: Steps
    size: Steps
    price: Steps  # 0 of a market order
    order_id: Steps
    immediate: NDArray[np.bool_]  # could not rest

    def where(self, chosen: NDArray[np.bool_]) -> Entered:
        """Some of the orders."""
        return Entered(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Sides:
    """Both sides of all trades; each array (2 x trades,): first the buyers', then the sellers'."""

    agent: Steps
    step: Steps
    seq: Steps
    sign: Steps
    size: Steps
    price: Steps
    order_id: Steps
    came_in: NDArray[np.bool_]
    partner: Steps


class Window:
    """Rows of one symbol from a first step on, cut to so many steps.

    Parameters
    ----------
    rows : by table the columns of NEEDED; rows of other steps are left out, and their order does not matter.
    first_step, steps : where the window begins, and how long it is.
    """

    def __init__(self, rows: Mapping[str, Mapping[str, Array]], first_step: int, steps: int) -> None:
        self.first_step, self.steps = first_step, steps
        self.rows = {table: self._cut(rows[table], NEEDED[table]) for table in NEEDED}
        book, tape, talk = self.rows["orders"], self.rows["trades"], self.rows["messages"]
        acting = (book["owner"][book["kind"] == RecordKind.ACCEPTED], tape["buyer"], tape["seller"], talk["sender"])
        self.agents = np.unique(np.concatenate(acting))
        self.count = len(self.agents)

    def _cut(self, columns: Mapping[str, Array], names: tuple[str, ...]) -> dict[str, Steps]:
        step = np.asarray(columns["step"])
        inside = np.flatnonzero((step >= self.first_step) & (step < self.first_step + self.steps))
        order = inside[np.argsort(np.asarray(columns["seq"])[inside], kind="stable")]
        cut = {name: np.asarray(columns[name])[order].astype(np.int64) for name in names}
        cut["step"] -= self.first_step
        return cut

    def number(self, ids: Steps) -> Steps:
        """Numbers of agents, all of whom act in the window."""
        return np.searchsorted(self.agents, ids)

    @cached_property
    def mids(self) -> Numbers:
        """Mid price after each step, (steps,): the last known, before the first one the first; in ticks."""
        found = np.full(self.steps, np.nan)
        found[self._quotes["step"]] = 0.5 * (self._quotes["best_bid"] + self._quotes["best_ask"])
        known = np.flatnonzero(~np.isnan(found))
        if not len(known):
            return np.zeros(self.steps)
        return np.asarray(found[known[np.maximum(np.searchsorted(known, np.arange(self.steps), side="right") - 1, 0)]])

    @cached_property
    def seen_mids(self) -> Numbers:
        """Mid price that is seen as a step begins, (steps,)."""
        return np.concatenate([self.mids[:1], self.mids[:-1]])

    @cached_property
    def spread(self) -> float:
        """Usual best ask less best bid, in ticks; 1 where none was ever seen."""
        gaps = self._quotes["best_ask"] - self._quotes["best_bid"]
        return float(gaps.mean()) if len(gaps) and gaps.mean() > 0 else 1.0

    @cached_property
    def _quotes(self) -> dict[str, Steps]:
        both = (self.rows["ticks"]["best_bid"] > 0) & (self.rows["ticks"]["best_ask"] > 0)
        return {name: column[both] for name, column in self.rows["ticks"].items()}

    def moves(self, steps: int) -> Numbers:
        """How far the mid that is seen in each step lies from the one seen so many steps before, (steps,), in ticks."""
        return np.asarray(self.seen_mids - self.seen_mids[np.maximum(np.arange(self.steps) - steps, 0)])

    @cached_property
    def entered(self) -> Entered:
        """All orders that came in."""
        book = self.rows["orders"]
        new = book["kind"] == RecordKind.ACCEPTED
        force = book["time_in_force"][new]
        immediate = (force == TimeInForce.IOC) | (force == TimeInForce.FOK)
        agent, sign = self.number(book["owner"][new]), 1 - 2 * book["side"][new]
        return Entered(agent, book["step"][new], sign, book["size"][new], book["price"][new], book["order_id"][new], immediate)

    @cached_property
    def resting(self) -> Entered:
        """Those that could rest."""
        return self.entered.where(~self.entered.immediate)

    @cached_property
    def ends(self) -> Steps:
        """Step in which each of `resting` was gone, the window's length where it was not."""
        book = self.rows["orders"]
        gone = (book["kind"] == RecordKind.CANCELLED) | ((book["kind"] == RecordKind.FILLED) & (book["remaining"] == 0))
        by_id = np.argsort(self.resting.order_id, kind="stable")
        ids, ends = self.resting.order_id[by_id], np.full(len(by_id), self.steps)
        if len(ids):
            place = np.minimum(np.searchsorted(ids, book["order_id"][gone]), len(ids) - 1)
            ours = ids[place] == book["order_id"][gone]
            np.minimum.at(ends, by_id[place[ours]], book["step"][gone][ours])
        return ends

    @cached_property
    def changed(self) -> dict[str, tuple[Steps, Steps]]:
        """Agents and steps of what owners did to orders in the book: `cancelled`, `modified`."""
        book = self.rows["orders"]
        known = np.isin(book["owner"], self.agents)
        chosen = {
            "cancelled": known & (book["kind"] == RecordKind.CANCELLED) & (book["reason"] == Reason.BY_OWNER),
            "modified": known & (book["kind"] == RecordKind.MODIFIED),
        }
        return {name: (self.number(book["owner"][rows]), book["step"][rows]) for name, rows in chosen.items()}

    @cached_property
    def sides(self) -> Sides:
        """Who traded what."""
        tape = self.rows["trades"]
        buyer, seller, bought = self.number(tape["buyer"]), self.number(tape["seller"]), tape["aggressor"] == Side.BUY
        ones = np.ones(len(buyer), np.int64)
        halves = (
            (buyer, seller), (tape["step"], tape["step"]), (tape["seq"], tape["seq"]), (ones, -ones), (tape["size"], tape["size"]),
            (tape["price"], tape["price"]), (tape["buy_order_id"], tape["sell_order_id"]), (bought, ~bought), (seller, buyer),
        )  # fmt: skip
        return Sides(*(np.concatenate(pair) for pair in halves))
