"""The specification of a book: price-time priority in plain Python. kernel.py must agree with it record for record.

The rules
---------
Priority is price, then arrival. A fill happens at the resting order's price; one FILLED record per resting order hit.

A command is checked in this order, and the first broken rule is the reason of its REJECTED record:

1. INVALID_KIND.
2. HALT, RESUME: ALREADY_HALTED, NOT_HALTED. CANCEL: UNKNOWN_ORDER. They are accepted in any phase. CALL, UNCROSS: HALTED;
   ALREADY_IN_CALL, NOT_IN_CALL.
3. LIMIT, MARKET, MODIFY: HALTED; INVALID_SIDE (not of MODIFY); INVALID_TIME_IN_FORCE (not of MARKET; of MODIFY also IOC and FOK);
   INVALID_SIZE; OFF_LOT; INVALID_PRICE; OFF_TICK (neither of MARKET); INVALID_ID (negative).
4. DUPLICATE_ID: an order of that id rests (LIMIT, MARKET). UNKNOWN_ORDER: none does (MODIFY).
5. In a call auction MARKET, IOC and FOK: IN_CALL. Otherwise POST_ONLY: WOULD_TRADE if the price reaches the best opposite price,
   whoever owns it. FOK: NOT_FILLABLE unless orders of other owners can fill the whole size.

Fields without a meaning are ignored: time in force and price of MARKET, side and owner of MODIFY (it acts as the resting order),
all but the id of CANCEL (who may cancel is for the world to say).

MARKET trades at any price. What is left of a MARKET or IOC order is CANCELLED with UNFILLED. An incoming order that meets an
order of its own owner cancels the resting one (SELF_TRADE) and goes on. MODIFY at the same price to a smaller size keeps its
place (MODIFIED, KEPT_PLACE); any other leaves the queue and comes in anew under the same id (MODIFIED, REQUEUED, then what follows).

From CALL to UNCROSS is a call auction: orders rest without trading, at any price; one that comes in cancels the orders of its own
owner that it reaches on the other side (SELF_TRADE), best price first. UNCROSS trades at the one price, of all that are multiples of the
tick size, with the most lots, then the least imbalance between lots bid and offered, then nearest to the reference (the
command's price, or if that is not positive the last one), then lowest. Best price first, then arrival, each pair is a fill.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from simulator.matching.state import RESTING, Array, BookState
from simulator.types import RECORD, CommandKind, Reason, RecordKind, Side, TimeInForce

Record = tuple[int, ...]  # the fields of RECORD in its order


@dataclass(eq=False)
class Order:
    """One order, resting or coming in. Prices in ticks, sizes in lots."""

    order_id: int
    owner: int
    side: int
    price: int
    remaining: int


@dataclass(frozen=True)
class Command:
    """The fields of COMMAND."""

    kind: int
    side: int = 0
    time_in_force: int = 0
    price: int = 0
    size: int = 0
    order_id: int = 0
    owner: int = 0


class ReferenceBook:
    """One book. `submit` returns the records of a command; `state` and `load` give and take the whole book."""

    def __init__(self, tick_size: int = 1, lot_size: int = 1) -> None:
        """Make an empty book."""
        self.tick_size, self.lot_size = tick_size, lot_size
        self.halted, self.in_call = False, False
        self.last, self.volume, self.trades = 0, 0, 0
        self.queues: tuple[dict[int, deque[Order]], dict[int, deque[Order]]] = ({}, {})  # per side: price -> orders, first come first
        self.orders: dict[int, Order] = {}  # every resting order by its id
        self._records: list[Record] = []
        self._step = 0

    def submit(self, command: Command, step: int = 0) -> list[Record]:
        """Apply one command and return its records."""
        self._records, self._step = [], step
        reason = self._refusal(command)
        if reason != Reason.NONE:
            self._reject(command, reason)
        elif command.kind in (CommandKind.HALT, CommandKind.RESUME):
            self._set_phase(command)
        elif command.kind == CommandKind.CALL:
            self.in_call = True
            self._write(RecordKind.PHASE, Order(-1, command.owner, 0, 0, 0), size=0, reason=Reason.CALL_BEGAN)
        elif command.kind == CommandKind.UNCROSS:
            self._uncross(command)
        elif command.kind == CommandKind.CANCEL:
            self._cancel(command)
        elif command.kind == CommandKind.MODIFY:
            self._modify(command)
        else:
            self._place(command)
        return self._records

    def best(self, side: int) -> int:
        """Return the best price of a side in ticks, 0 if none."""
        prices = self.queues[side]
        if not prices:
            return 0
        return max(prices) if side == Side.BUY else min(prices)

    def levels(self, side: int, depth: int | None = None) -> list[tuple[int, int, int]]:
        """Return (price, lots, orders) of the best `depth` prices of a side, best first; all of them without `depth`."""
        queues = self.queues[side]
        prices = sorted(queues, reverse=side == Side.BUY)[:depth]
        return [(price, sum(order.remaining for order in queues[price]), len(queues[price])) for price in prices]

    def state(self) -> BookState:
        """Return the whole book in canonical order."""
        rows = [
            (side, price, order.remaining, order.owner, order.order_id)
            for side in Side
            for price in sorted(self.queues[side], reverse=side == Side.BUY)
            for order in self.queues[side][price]
        ]
        resting = np.array(rows, RESTING)
        return BookState(self.tick_size, self.lot_size, self.halted, self.in_call, self.last, self.volume, self.trades, resting)

    def become(self, state: BookState) -> None:
        """Replace the whole book by `state`."""
        self.tick_size, self.lot_size, self.halted, self.in_call = state.tick_size, state.lot_size, state.halted, state.in_call
        self.last, self.volume, self.trades = state.last, state.volume, state.trades
        self.queues, self.orders = ({}, {}), {}
        for side, price, remaining, owner, order_id in state.resting.tolist():
            self._rest(Order(order_id, owner, side, price, remaining))

    def _refusal(self, command: Command) -> Reason:
        if command.kind == CommandKind.CANCEL:
            return Reason.NONE if command.order_id in self.orders else Reason.UNKNOWN_ORDER
        if command.kind == CommandKind.HALT:
            return Reason.ALREADY_HALTED if self.halted else Reason.NONE
        if command.kind == CommandKind.RESUME:
            return Reason.NONE if self.halted else Reason.NOT_HALTED
        if command.kind in (CommandKind.CALL, CommandKind.UNCROSS):
            begins = command.kind == CommandKind.CALL
            in_wrong_phase = Reason.ALREADY_IN_CALL if begins else Reason.NOT_IN_CALL
            return Reason.HALTED if self.halted else Reason.NONE if begins != self.in_call else in_wrong_phase
        if command.kind > CommandKind.UNCROSS:
            return Reason.INVALID_KIND
        return self._refusal_of_fields(command) or self._refusal_by_book(command)

    def _refusal_of_fields(self, command: Command) -> Reason:
        is_market, is_modify = command.kind == CommandKind.MARKET, command.kind == CommandKind.MODIFY
        allowed = (TimeInForce.GTC, TimeInForce.POST_ONLY) if is_modify else tuple(TimeInForce)
        rules = (
            (self.halted, Reason.HALTED),
            (not is_modify and command.side not in tuple(Side), Reason.INVALID_SIDE),
            (not is_market and command.time_in_force not in allowed, Reason.INVALID_TIME_IN_FORCE),
            (command.size <= 0, Reason.INVALID_SIZE),
            (command.size % self.lot_size != 0, Reason.OFF_LOT),
            (not is_market and command.price <= 0, Reason.INVALID_PRICE),
            (not is_market and command.price % self.tick_size != 0, Reason.OFF_TICK),
            (command.order_id < 0, Reason.INVALID_ID),
        )
        return next((reason for broken, reason in rules if broken), Reason.NONE)

    def _refusal_by_book(self, command: Command) -> Reason:
        resting = self.orders.get(command.order_id)
        if command.kind == CommandKind.MODIFY:
            if resting is None:
                return Reason.UNKNOWN_ORDER
            side = resting.side
        else:
            if resting is not None:
                return Reason.DUPLICATE_ID
            side = command.side
        if self.in_call:
            can_rest = command.kind != CommandKind.MARKET and command.time_in_force in (TimeInForce.GTC, TimeInForce.POST_ONLY)
            return Reason.NONE if can_rest else Reason.IN_CALL
        if command.kind == CommandKind.MARKET:
            return Reason.NONE
        if command.time_in_force == TimeInForce.POST_ONLY and self._reaches(side, command.price, self.best(1 - side)):
            return Reason.WOULD_TRADE
        if command.time_in_force == TimeInForce.FOK and self._fillable(command) < command.size:
            return Reason.NOT_FILLABLE
        return Reason.NONE

    @staticmethod
    def _reaches(side: int, price: int, opposite: int) -> bool:
        if opposite == 0:
            return False
        return price >= opposite if side == Side.BUY else price <= opposite

    def _fillable(self, command: Command) -> int:
        """Return the lots of others that an order could trade with."""
        queues = self.queues[1 - command.side]
        within = (queues[price] for price in queues if self._reaches(command.side, command.price, price))
        return sum(order.remaining for queue in within for order in queue if order.owner != command.owner)

    def _set_phase(self, command: Command) -> None:
        self.halted = command.kind == CommandKind.HALT
        kind = RecordKind.HALTED if self.halted else RecordKind.RESUMED
        self._write(kind, Order(-1, command.owner, 0, 0, 0), size=0)

    def _cancel(self, command: Command) -> None:
        order = self.orders[command.order_id]
        self._leave(order)
        self._write(RecordKind.CANCELLED, order, order.remaining, reason=Reason.BY_OWNER, remaining=0)

    def _modify(self, command: Command) -> None:
        order = self.orders[command.order_id]
        tif = command.time_in_force
        if command.price == order.price and command.size < order.remaining:
            order.remaining = command.size
            self._write(RecordKind.MODIFIED, order, command.size, reason=Reason.KEPT_PLACE, time_in_force=tif)
            return
        self._leave(order)
        order.price, order.remaining = command.price, command.size
        self._write(RecordKind.MODIFIED, order, command.size, reason=Reason.REQUEUED, time_in_force=tif)
        self._enter(order, command.price, rests=True)

    def _place(self, command: Command) -> None:
        is_market = command.kind == CommandKind.MARKET
        tif = TimeInForce.IOC if is_market else command.time_in_force
        order = Order(command.order_id, command.owner, command.side, 0 if is_market else command.price, command.size)
        self._write(RecordKind.ACCEPTED, order, order.remaining, time_in_force=tif)
        self._enter(order, None if is_market else order.price, rests=tif in (TimeInForce.GTC, TimeInForce.POST_ONLY))

    def _enter(self, order: Order, limit: int | None, rests: bool) -> None:
        """Match an incoming order up to its limit (None: any price), then rest it or cancel what is left."""
        while order.remaining > 0 and not self.in_call:
            best = self.best(1 - order.side)
            if best == 0 or (limit is not None and not self._reaches(order.side, limit, best)):
                break
            self._meet(order, self.queues[1 - order.side][best][0])
        if self.in_call:
            self._cancel_own(order)
        if order.remaining > 0 and rests:
            self._rest(order)
        elif order.remaining > 0:
            self._write(RecordKind.CANCELLED, order, order.remaining, reason=Reason.UNFILLED, remaining=0)

    def _meet(self, incoming: Order, resting: Order) -> None:
        if incoming.owner == resting.owner:
            self._leave(resting)
            self._write(RecordKind.CANCELLED, resting, resting.remaining, reason=Reason.SELF_TRADE, remaining=0, other=incoming)
            return
        size = min(incoming.remaining, resting.remaining)
        incoming.remaining -= size
        resting.remaining -= size
        self.last, self.volume, self.trades = resting.price, self.volume + size, self.trades + 1
        self._write(RecordKind.FILLED, resting, size, other=incoming, side=incoming.side)
        if resting.remaining == 0:
            self._leave(resting)

    def _cancel_own(self, incoming: Order) -> None:
        """Cancel what an order that comes into a call auction reaches of its own owner."""
        for price, _, _ in self.levels(1 - incoming.side):
            if self._reaches(incoming.side, incoming.price, price):
                for resting in [order for order in self.queues[1 - incoming.side][price] if order.owner == incoming.owner]:
                    self._meet(incoming, resting)

    def _uncross(self, command: Command) -> None:
        """Trade what crosses at one price."""
        self.in_call = False
        price, lots, imbalance = self.clearing(command.price if command.price > 0 else self.last)
        highest = int(np.iinfo(RECORD["size"]).max)
        side = Side.BUY if imbalance >= 0 else Side.SELL
        shown = Order(-1, command.owner, side, price, min(abs(imbalance), highest))
        self._write(RecordKind.PHASE, shown, size=min(lots, highest), reason=Reason.UNCROSSED)
        while lots > 0:
            bid, ask = (self.queues[side][self.best(side)][0] for side in Side)
            size = min(bid.remaining, ask.remaining, lots)
            lots -= size
            bid.remaining -= size
            ask.remaining -= size
            self.last, self.volume, self.trades = price, self.volume + size, self.trades + 1
            self._write(RecordKind.FILLED, ask, size, reason=Reason.UNCROSSED, other=bid, side=side, price=price)
            for order in (bid, ask):
                if order.remaining == 0:
                    self._leave(order)

    def clearing(self, reference: int) -> tuple[int, int, int]:
        """Return (price, lots traded, lots bid minus lots offered) of an auction held now, zeros if nothing crosses."""
        bids, asks = self.levels(Side.BUY), self.levels(Side.SELL)
        if not bids or not asks or bids[0][0] < asks[0][0]:
            return 0, 0, 0

        def result(price: int) -> tuple[int, int]:
            bid = sum(lots for at, lots, _ in bids if at >= price)
            offered = sum(lots for at, lots, _ in asks if at <= price)
            return min(bid, offered), bid - offered

        def rank(price: int) -> tuple[int, int, int, int]:
            lots, imbalance = result(price)
            return -lots, abs(imbalance), abs(price - reference), price

        price = min(self._prices_to_try(reference), key=rank)
        return price, *result(price)

    def _prices_to_try(self, reference: int) -> set[int]:
        """Return prices enough to find the best: those of orders, their neighbours, and the two nearest to the reference."""
        prices = {price for side in Side for price in self.queues[side]}
        tick, low, high = self.tick_size, min(prices), max(prices)
        near = reference // tick * tick
        tried = {price + step for price in prices for step in (-tick, 0, tick)} | {near, near + tick}
        return {price for price in tried if low <= price <= high}

    def _rest(self, order: Order) -> None:
        self.queues[order.side].setdefault(order.price, deque()).append(order)
        self.orders[order.order_id] = order

    def _leave(self, order: Order) -> None:
        queue = self.queues[order.side][order.price]
        queue.remove(order)
        if not queue:
            del self.queues[order.side][order.price]
        del self.orders[order.order_id]

    def _reject(self, command: Command, reason: Reason) -> None:
        tif = command.time_in_force
        fields = Order(command.order_id, command.owner, command.side, command.price, 0)
        self._write(RecordKind.REJECTED, fields, command.size, reason=reason, time_in_force=tif)

    def _write(
        self,
        kind: RecordKind,
        order: Order,
        size: int,
        reason: Reason = Reason.NONE,
        time_in_force: int = 0,
        remaining: int | None = None,
        other: Order | None = None,
        side: int | None = None,
        price: int | None = None,
    ) -> None:
        """Append one record about `order`: remaining, side and price are the order's unless given."""
        left = order.remaining if remaining is None else remaining
        other_owner, other_id = (other.owner, other.order_id) if other else (-1, -1)
        self._records.append(
            (kind, order.side if side is None else side, reason, time_in_force, 0, self._step,
             order.price if price is None else price, size, left,
             order.owner, other_owner, order.order_id, other_id)
        )  # fmt: skip


def as_records(rows: list[Record]) -> Array:
    """Return records as an array of RECORD."""
    return np.array(rows, RECORD)
