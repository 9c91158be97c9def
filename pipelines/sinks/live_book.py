"""The resting lots of one symbol by price, from rows of market.orders alone, and what changed of them since the last batch.

An order that comes in and may rest is entered with its whole size at once; each fill then takes lots off both of its orders, wherever
they rest. So one rule serves the continuous market, where the incoming order's fills follow its own row, and the auction, where both
orders rested at limits that the fill's price does not tell. Between two rows of one command the book may look crossed; after it, it is
what rests.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pipelines.events.vocabulary import RecordKind, Side, TimeInForce

_ACCEPTED, _FILLED, _CANCELLED, _MODIFIED = (
    int(kind) for kind in (RecordKind.ACCEPTED, RecordKind.FILLED, RecordKind.CANCELLED, RecordKind.MODIFIED)
)
RESTS = frozenset((int(TimeInForce.GTC), int(TimeInForce.POST_ONLY)))


class Resting(NamedTuple):
    """An open order: side, limit in ticks, lots left."""

    side: int
    price: int
    left: int


class OrderRow(NamedTuple):
    """What the book reads of a row of market.orders."""

    kind: int
    side: int
    time_in_force: int
    price: int
    size: int
    order_id: int
    other_id: int


class Changes(NamedTuple):
    """What a batch did to a book: orders that rest otherwise or are gone, and levels before and after (lots; 0: none)."""

    resting: dict[int, Resting]
    gone: list[int]
    before: dict[tuple[int, int], int]
    after: dict[tuple[int, int], int]


class LiveBook:
    """One book.

    Parameters
    ----------
    orders : those that rest to begin with, by id.
    """

    def __init__(self, orders: dict[int, Resting] | None = None) -> None:
        self.orders = orders if orders is not None else {}
        self.levels: dict[tuple[int, int], int] = {}  # (side, price) -> lots
        for order in self.orders.values():
            self.levels[order.side, order.price] = self.levels.get((order.side, order.price), 0) + order.left
        self._rested: dict[int, bool] = {}  # orders touched since the last `changes`, and whether they rested then
        self._lots: dict[tuple[int, int], int] = {}  # levels touched, and their lots then

    def follow(self, rows: Iterable[tuple[int, ...]]) -> None:
        """Take the next rows (see OrderRow) of this book, in order. Fills and ends of orders that do not rest change nothing."""
        for kind, side, time_in_force, price, size, order_id, other_id in rows:
            if kind == _FILLED:
                self._reduce(order_id, size)
                self._reduce(other_id, size)
            elif kind == _ACCEPTED:
                if time_in_force in RESTS:
                    self._enter(order_id, Resting(side, price, size))
            elif kind == _CANCELLED:
                self._leave(order_id)
            elif kind == _MODIFIED:
                self._leave(order_id)
                self._enter(order_id, Resting(side, price, size))

    def depth(self, side: Side) -> dict[int, int]:
        """Lots by price of a side."""
        return {price: lots for (at, price), lots in self.levels.items() if at == side}

    def changes(self) -> Changes:
        """What changed since the last call."""
        resting = {order_id: self.orders[order_id] for order_id in self._rested if order_id in self.orders}
        gone = [order_id for order_id, rested in self._rested.items() if rested and order_id not in self.orders]
        after = {level: self.levels.get(level, 0) for level in self._lots}
        changed = {level for level, lots in after.items() if lots != self._lots[level]}
        before = {level: lots for level, lots in self._lots.items() if level in changed}
        self._rested, self._lots = {}, {}
        return Changes(resting, gone, before, {level: lots for level, lots in after.items() if level in changed})

    def _enter(self, order_id: int, order: Resting) -> None:
        self._rested.setdefault(order_id, order_id in self.orders)
        self.orders[order_id] = order
        self._add(order, order.left)

    def _leave(self, order_id: int) -> None:
        order = self.orders.pop(order_id, None)
        if order is not None:
            self._rested.setdefault(order_id, True)
            self._add(order, -order.left)

    def _reduce(self, order_id: int, lots: int) -> None:
        order = self.orders.get(order_id)
        if order is None:
            return
        if lots >= order.left:
            self._leave(order_id)
            return
        self._rested.setdefault(order_id, True)
        self.orders[order_id] = Resting(order.side, order.price, order.left - lots)
        self._add(order, -lots)

    def _add(self, order: Resting, lots: int) -> None:
        level = (order.side, order.price)
        before = self.levels.get(level, 0)
        self._lots.setdefault(level, before)
        if before + lots:
            self.levels[level] = before + lots
        else:
            self.levels.pop(level, None)
