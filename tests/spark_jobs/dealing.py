"""Rows of market.negotiations and market.messages for tests: literal ones, and what is public of a simulated market."""

from __future__ import annotations

from functools import cache

import numpy as np

from pipelines.events.vocabulary import DealStep, RecordKind
from simulator.manipulators.infiltrated import infiltrated
from simulator.world.scenario_files import load
from simulator.world.world import World
from spark_jobs.detection.columns import Deals, Messages, Public, deals_of, messages_of, orders_of
from tests.spark_jobs.watching import BUY, SELL, Row
from tests.spark_jobs.watching import rows as order_rows

_FIELDS = {
    "orders": {},
    "messages": {
        "sender": "owner", "receiver": "other_owner", "topic": "price", "kind": "reason", "value_1": "size", "value_2": "remaining",
        "value_3": "order_id", "value_4": "other_id",
    },
    "deals": {
        "deal_id": "order_id", "protocol": "time_in_force", "kind": "reason", "party": "owner", "counterparty": "other_owner",
        "lots": "size", "round": "remaining", "amount": "other_id",
    },
}  # fmt: skip


def deals(*given: Row) -> Deals:
    return Deals(*(np.array([row.get(name, 0) for row in given], np.int64) for name in Deals._fields))


def messages(*given: Row) -> Messages:
    return Messages(*(np.array([row.get(name, 0) for row in given], np.int64) for name in Messages._fields))


def public(*given: Row, orders: tuple[Row, ...] = (), letters: tuple[Row, ...] = ()) -> Public:
    return Public(order_rows(*orders), messages(*letters), deals(*given))


def done(what: DealStep, deal: int, party: int, counterparty: int, step: int, **fields: int) -> Row:
    return {"kind": int(what), "deal_id": deal, "party": party, "counterparty": counterparty, "step": step} | fields


def contract(deal: int, seller: int, buyer: int, step: int, lots: int = 1, price: int = 100, stars: int | None = 2) -> list[Row]:
    """The seller offers, the buyer accepts in the next step, five later it is delivered; both say the same of each other, if anything."""
    terms = {"lots": lots, "price": price}
    rated = [] if stars is None else [(seller, buyer, SELL), (buyer, seller, BUY)]
    return [
        done(DealStep.OFFERED, deal, seller, buyer, step, side=SELL, round=1, **terms),
        done(DealStep.AGREED, deal, buyer, seller, step + 1, side=BUY, **terms),
        done(DealStep.DELIVERED, deal, seller, buyer, step + 6, side=SELL, **terms),
        *(done(DealStep.RATED, deal, one, other, step + 7, side=side, amount=stars or 0) for one, other, side in rated),
    ]


def in_order(*given: Row) -> list[Row]:
    return sorted(given, key=lambda row: row["step"])


def until(found: Public, step: int) -> Public:
    """What was public at the end of a step."""
    return Public(*(type(part)(*(column[part.step <= step] for column in part)) for part in found))


def renamed(found: Public, names: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Public:
    """The same with other numbers for the agents; -1 stays."""
    columns = {"owner", "other_owner", "sender", "receiver", "party", "counterparty"}
    parts = []
    for part in found:
        given = {name: getattr(part, name) for name in part._fields if name in columns}
        parts.append(part._replace(**{name: np.where(column < 0, -1, names[column]) for name, column in given.items()}))
    return Public(*parts)


@cache
def with_deals(family: str = "", steps: int = 2500, seed: int = 5) -> Public:
    """What is public of a market with deals in which two groups of a family take part."""
    scenario = load("surveillance_deals")
    world = World(infiltrated(scenario, [family], seed, 2) if family else scenario, 0, seed)
    log = np.concatenate([chunk.records.copy() for chunk in world.chunks(steps)])
    parts = (log["kind"] <= RecordKind.PHASE, log["kind"] == RecordKind.MESSAGE, log["kind"] == RecordKind.NEGOTIATION)
    names = log.dtype.names or ()
    found = []
    for rows, fields, take in zip(parts, _FIELDS.values(), (orders_of, messages_of, deals_of), strict=True):
        columns = {name: log[name][rows] for name in names}
        found.append(take(columns | {name: columns[field] for name, field in fields.items()}, 0))
    return Public(*found)
