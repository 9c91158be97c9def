"""Rows of market.orders for tests: literal ones, and those of a simulated market."""

from __future__ import annotations

from functools import cache

import numpy as np

from pipelines.events.vocabulary import Reason, RecordKind, TimeInForce
from simulator.world.scenario_files import load
from simulator.world.world import World
from spark_jobs.detection.columns import Array, Orders, orders_of

BUY, SELL = 0, 1
DEFAULTS = {
    "kind": 0, "side": BUY, "reason": 0, "time_in_force": 0, "step": 0, "price": 0, "size": 0, "remaining": 0, "owner": 0,
    "other_owner": -1, "order_id": -1, "other_id": -1,
}  # fmt: skip
Row = dict[str, int]


def rows(*given: Row) -> Orders:
    return Orders(*(np.array([{**DEFAULTS, **row}[name] for row in given], np.int64) for name in Orders._fields))


def placed(order_id: int, owner: int, side: int, price: int, size: int, step: int = 0) -> Row:
    return {"kind": RecordKind.ACCEPTED, "order_id": order_id, "owner": owner, "side": side, "price": price, "size": size, "step": step}


def taken(order_id: int, owner: int, side: int, size: int, step: int = 0) -> Row:
    """A market order comes in."""
    return placed(order_id, owner, side, 0, size, step) | {"time_in_force": int(TimeInForce.IOC)}


def filled(order_id: int, owner: int, other_id: int, other_owner: int, side: int, size: int, step: int = 0) -> Row:
    """order_id rested, other_id of `side` came in."""
    return {
        "kind": RecordKind.FILLED, "order_id": order_id, "owner": owner, "other_id": other_id, "other_owner": other_owner, "side": side,
        "size": size, "step": step,
    }  # fmt: skip


def cancelled(order_id: int, owner: int, side: int, size: int, step: int = 0, reason: int = Reason.BY_OWNER) -> Row:
    return {
        "kind": RecordKind.CANCELLED, "order_id": order_id, "owner": owner, "side": side, "size": size, "step": step, "reason": reason,
    }  # fmt: skip


def moved(order_id: int, owner: int, price: int, size: int, step: int = 0) -> Row:
    return {"kind": RecordKind.MODIFIED, "order_id": order_id, "owner": owner, "price": price, "size": size, "step": step}


def part(found: Orders, first: int, end: int) -> Orders:
    return Orders(*(column[first:end] for column in found))


@cache
def market(scenario: str = "trading", steps: int = 3000, seed: int = 4) -> tuple[World, Array, Orders]:
    """A market that was played, its log, and the rows of its first symbol's book."""
    world = World(load(scenario), 0, seed)
    log = np.concatenate([chunk.records.copy() for chunk in world.chunks(steps)])
    books = log[log["kind"] <= RecordKind.PHASE]
    return world, log, orders_of({name: books[name] for name in books.dtype.names or ()}, 0)
