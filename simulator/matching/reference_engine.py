"""The reference book behind the interface of an engine, and its way to follow a log."""

from __future__ import annotations

from collections.abc import Callable
from operator import index

import numpy as np

from simulator.matching.reference import Command, Order, Record, ReferenceBook, as_records
from simulator.matching.runner import MISFIT, Form
from simulator.matching.state import Array, BookState
from simulator.types import COMMAND, RECORD, Reason, RecordKind, Side, TimeInForce

_BOUNDS = {name: np.iinfo(COMMAND[name]) for name in COMMAND.names or ()}


class ReferenceEngine(ReferenceBook):
    """See engines.Engine."""

    def __init__(self, tick_size: int = 1, lot_size: int = 1) -> None:
        """Make an empty book."""
        super().__init__(tick_size, lot_size)
        self.log: list[Record] = []

    def callable(self, form: Form, slow: Callable[..., int], doc: str) -> Callable[..., int]:
        """Return what takes the arguments of a form: here nothing is faster than plain Python."""
        return slow

    def apply(self, *fields: int) -> int:
        """Apply one command; return how many records that wrote, or MISFIT."""
        try:
            numbers = [index(field) for field in fields]
        except TypeError:
            return MISFIT
        if any(not _BOUNDS[name].min <= number <= _BOUNDS[name].max for name, number in zip(_BOUNDS, numbers, strict=True)):
            return MISFIT
        records = self.submit(Command(*numbers))
        self.log += records
        return len(records)

    def make_room(self, code: int) -> None:
        """Refuse: nothing here can be full."""
        raise ValueError(f"code {code}: the reference book has no room to make; it never asks for any")

    def expect(self, commands: int) -> None:
        """Hear how many commands will come: of no use here."""

    def submit_all(self, commands: Array, step: int = 0) -> None:
        """Apply commands in order."""
        for row in commands.tolist():
            self.log += self.submit(Command(*row), step)

    def take_records(self, copy: bool = True) -> Array:
        """Return the records written since the last call and forget them."""
        records, self.log = as_records(self.log), []
        return records

    def give_records(self) -> Array:
        """Do the same."""
        return self.take_records()

    def load(self, state: BookState) -> None:
        """Become the book of `state`; records written before are kept."""
        self.become(state)

    def follow(self, records: Array, symbol: int) -> int:
        """Apply a log to the empty book; return -1, or the row of the first record that cannot come next."""
        pending: Order | None = None
        for row, record in enumerate(records):
            if record["symbol"] != symbol or record["kind"] > RecordKind.PHASE:
                continue
            if pending is not None and record["other_id"] != pending.order_id:
                self._rest(pending)
                pending = None
            try:
                pending = self._apply_record(record, pending)
            except LookupError:
                return row
        if pending is not None:
            self._rest(pending)
        return -1

    def _apply_record(self, record: np.void, pending: Order | None) -> Order | None:
        """Apply one record; return the order that is coming in, if one is. Raises LookupError if the record cannot come next."""
        fields = dict(zip(RECORD.names or (), record.item(), strict=True))
        kind, reason, order_id = fields["kind"], fields["reason"], fields["order_id"]
        incoming = Order(order_id, fields["owner"], fields["side"], fields["price"], fields["size"])
        if kind == RecordKind.ACCEPTED:
            _expect(order_id not in self.orders or fields["time_in_force"] in (TimeInForce.IOC, TimeInForce.FOK))
            return incoming if fields["time_in_force"] in (TimeInForce.GTC, TimeInForce.POST_ONLY) else None
        if kind == RecordKind.FILLED and reason == Reason.UNCROSSED:
            self._apply_fill_in_auction(fields)
        elif kind == RecordKind.FILLED:
            return self._apply_fill(self.orders[order_id], fields, pending)
        elif kind == RecordKind.CANCELLED and reason != Reason.UNFILLED:
            _expect(self.orders[order_id].remaining == fields["size"])
            self._leave(self.orders[order_id])
        elif kind == RecordKind.MODIFIED and reason == Reason.KEPT_PLACE:
            _expect(self.orders[order_id].remaining > fields["size"])
            self.orders[order_id].remaining = fields["size"]
        elif kind == RecordKind.MODIFIED:
            self._leave(self.orders[order_id])
            return incoming
        elif kind in (RecordKind.HALTED, RecordKind.RESUMED):
            self.halted = kind == RecordKind.HALTED
        elif kind == RecordKind.PHASE:
            self.in_call = reason == Reason.CALL_BEGAN
        return pending

    def _apply_fill(self, resting: Order, fields: dict[str, int], pending: Order | None) -> Order | None:
        size, first = fields["size"], self.queues[resting.side][resting.price][0]
        _expect(first is resting and resting.price == fields["price"] and resting.remaining - size == fields["remaining"] >= 0)
        resting.remaining -= size
        self.last, self.volume, self.trades = resting.price, self.volume + size, self.trades + 1
        if resting.remaining == 0:
            self._leave(resting)
        if pending is None:
            return None
        pending.remaining -= size
        _expect(pending.remaining >= 0)
        return pending if pending.remaining else None

    def _apply_fill_in_auction(self, fields: dict[str, int]) -> None:
        size, price, ask, bid = fields["size"], fields["price"], self.orders[fields["order_id"]], self.orders[fields["other_id"]]
        firsts = [self.queues[side][best][0] for side in Side if (best := self.best(side))]
        _expect(firsts == [bid, ask] and ask.price <= price <= bid.price)
        _expect(ask.remaining - size == fields["remaining"] >= 0 and bid.remaining >= size)
        self.last, self.volume, self.trades = price, self.volume + size, self.trades + 1
        for order in (ask, bid):
            order.remaining -= size
            if order.remaining == 0:
                self._leave(order)


def _expect(holds: bool) -> None:
    if not holds:
        raise LookupError
