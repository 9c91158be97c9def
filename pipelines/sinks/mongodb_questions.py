"""Questions to MongoDB: `agora query mongo NAME key=value`. Each takes the database first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

from pipelines.events.words import named
from pipelines.sinks.mongodb_store import rows_of_steps
from pipelines.sinks.question import Question

Rows = Iterable[Mapping[str, Any]]
Store = Database[dict[str, Any]]
STEP = ("seq", "step", "kind", "party", "counterparty", "side", "price", "lots", "round", "amount")
BRIEF = dict.fromkeys(("run_id", "world_id", "deal_id", "protocol", "symbol", "outcome", "agents", "price", "lots", "rounds"), 1)


def negotiations_of(database: Store, agent: int, run: str, limit: int) -> Rows:
    """All negotiations that an agent took part in, the newest run first."""
    wanted = {"agents": agent} | ({"run_id": run} if run else {})
    return database["negotiations"].find(wanted, BRIEF).sort([("run_id", DESCENDING), ("first_seq", ASCENDING)]).limit(limit)


def deal(database: Store, run: str, world: int, deal: int) -> Rows:
    """A deal step by step: how it was made, and what came of it (deliveries, defaults, disputes, ratings)."""
    rows: list[dict[str, Any]] = []
    for document in database["steps"].find({"run_id": run, "world_id": world, "deals": deal}):
        names = KeptNames(document["names"])
        rows += (named("negotiations", row, names) for row in rows_of_steps(document) if row["deal_id"] == deal)
    return [{column: row[column] for column in STEP} for row in sorted(rows, key=lambda row: row["seq"])]


def outcomes(database: Store, run: str) -> Iterator[dict[str, Any]]:
    """How deals ended, by protocol and outcome: how many, and their mean price and rounds."""
    found = database["negotiations"].aggregate(
        [
            {"$match": {"run_id": run} if run else {}},
            {
                "$group": {
                    "_id": {"protocol": "$protocol", "outcome": "$outcome"},
                    "deals": {"$sum": 1},
                    "price": {"$avg": "$price"},
                    "rounds": {"$avg": "$rounds"},
                }
            },
            {"$sort": {"_id.protocol": 1, "deals": -1}},
        ]
    )
    return ({**row.pop("_id"), **row} for row in found)


def best_prices(database: Store, symbol: str, run: str, limit: int) -> Iterator[dict[str, Any]]:
    """The lowest and highest price that each buyer and seller agreed on for a symbol, the cheapest pair first."""
    found = database["negotiations"].aggregate(
        [
            {"$match": {"symbol": symbol, "price": {"$ne": None}} | ({"run_id": run} if run else {})},
            {
                "$group": {
                    "_id": {"buyer": "$buyer", "seller": "$seller"},
                    "lowest": {"$min": "$price"},
                    "highest": {"$max": "$price"},
                    "deals": {"$sum": 1},
                    "lots": {"$sum": "$lots"},
                }
            },
            {"$sort": {"lowest": 1, "deals": -1}},
            {"$limit": limit},
        ]
    )
    return ({**row.pop("_id"), **row} for row in found)


def runs(database: Store, kind: str, limit: int) -> Rows:
    """Finished runs, the newest first."""
    shown = dict.fromkeys(("kind", "created", "seed", "worlds", "events", "code_version"), 1)
    return database["runs"].find({"kind": kind} if kind else {}, shown).sort("created", DESCENDING).limit(limit)


def experiments(database: Store, experiment: str, limit: int) -> Rows:
    """Records of trainings, the newest first."""
    return database["experiments"].find({"experiment": experiment} if experiment else {}).sort("_id", DESCENDING).limit(limit)


class KeptNames:
    """The names that a document of `steps` keeps of the ids in it."""

    def __init__(self, kept: Iterable[Mapping[str, Any]]) -> None:
        self._names = {(row["kind"], row["id"]): row["name"] for row in kept}

    def name(self, run_id: str, world_id: int, kind: str, number: int) -> str | None:
        """See pipelines.events.words.Names."""
        return self._names.get((kind, number))


QUESTIONS: dict[str, Question] = {
    "negotiations": Question("all negotiations of an agent", negotiations_of, {"agent": int}, {"run": "", "limit": 50}),
    "deal": Question("a deal step by step, with what came after it", deal, {"run": str, "world": int, "deal": int}),
    "outcomes": Question("how deals ended, by protocol and outcome", outcomes, {}, {"run": ""}),
    "best-prices": Question("prices that pairs agreed on for a symbol", best_prices, {"symbol": str}, {"run": "", "limit": 20}),
    "runs": Question("finished runs, of a kind if one is given", runs, {}, {"kind": "", "limit": 20}),
    "experiments": Question("records of trainings, of an experiment if one is given", experiments, {}, {"experiment": "", "limit": 20}),
}
"""By name."""
