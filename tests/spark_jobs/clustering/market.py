"""A tiny market by hand: rows of silver tables from what differs from the defaults."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.types import RecordKind, Side, TimeInForce
from spark_jobs.clustering.by_agent import Array
from spark_jobs.clustering.features import FEATURES, measure
from spark_jobs.clustering.window import NEEDED, Window

DEFAULTS: dict[str, dict[str, int]] = {
    "orders": {"kind": RecordKind.ACCEPTED, "price": 100, "size": 1, "remaining": 1, "owner": 1},
    "trades": {"price": 100, "size": 1, "buyer": 1, "seller": 2, "aggressor": Side.BUY},
    "ticks": {"best_bid": 99, "best_ask": 101},
    "messages": {"sender": 1, "receiver": -1},
}
Rows = dict[str, dict[str, Array]]


def market(**tables: list[dict[str, Any]]) -> Rows:
    """Rows by table; seq counts over all of them, order ids are given where none is named."""
    seq, made = 0, {}
    for table, columns in NEEDED.items():
        rows = []
        for row in tables.get(table, []):
            ids = {"order_id": 1000 + seq, "buy_order_id": 2000 + seq, "sell_order_id": 3000 + seq}
            rows.append({"seq": seq, "step": 0} | ids | DEFAULTS[table] | row)
            seq += 1
        made[table] = {name: np.array([int(row.get(name, 0)) for row in rows], np.int64) for name in columns}
    return made


def of(agent: int, rows: Rows, steps: int = 1000, first_step: int = 0) -> dict[str, float]:
    """The features of an agent."""
    window = Window(rows, first_step, steps)
    return dict(zip(FEATURES, measure(window)[window.agents.tolist().index(agent)].tolist(), strict=True))


def taking(step: int, side: Side, agent: int = 1, size: int = 1, price: int = 100) -> dict[str, dict[str, Any]]:
    """A market order that trades at once with somebody who does nothing else: its rows by table."""
    buyer, seller = (agent, 99) if side == Side.BUY else (99, agent)
    order = {"step": step, "side": side, "size": size, "owner": agent, "price": 0, "time_in_force": TimeInForce.IOC}
    return {
        "orders": order,
        "trades": {"step": step, "buyer": buyer, "seller": seller, "aggressor": side, "size": size, "price": price},
    }


def together(*acts: dict[str, dict[str, Any]], ticks: list[dict[str, Any]] | None = None) -> Rows:
    """A market of such acts."""
    tables: dict[str, list[dict[str, Any]]] = {"ticks": ticks or [{}]}
    for act in acts:
        for table, row in act.items():
            tables.setdefault(table, []).append(row)
    return market(**tables)
