"""The fast lane: every block of orders goes through the watches of its symbols, and what their models find suspicious becomes an alert.

It runs inside the tasks that decode the blocks for silver: each block is decoded once and seen once and in order, because the marks have
judged it already, and its alerts leave for Kafka before the batch's tables are committed. What is known between two batches is small and
has bounds (spark_jobs.ingest.watch_files keeps it).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from pipelines.events.block import Block, Head
from pipelines.events.vocabulary import RecordKind
from spark_jobs.detection.columns import Array, Orders, orders_of
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.kept import SymbolWatch
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.raising import Raiser
from spark_jobs.detection.recent import evidence
from spark_jobs.detection.scoring import Incident
from spark_jobs.detection.watch import Taken

MOST_AGENTS = 1 << 15  # whose numbers are smaller are watched, so that a strange number costs no memory
Row = dict[str, Any]


class Lane:
    """Watches the orders of any number of worlds.

    Parameters
    ----------
    models : by kind; those of the fast lane are used.
    load : what was kept of a series (run, world and symbol), None where there is nothing.
    """

    def __init__(self, models: Mapping[str, Forest], load: Callable[[str, int], SymbolWatch | None]) -> None:
        self.models = {kind: forest for kind, forest in models.items() if KINDS[kind].found}
        self.load = load
        self.open: dict[str, SymbolWatch] = {}
        """The series that were touched."""

    def take(self, block: Block) -> list[Row]:
        """Take a block in; the alerts that it raises, as rows of market.alerts. Other types than orders raise none."""
        if not self.models or block.event.name != "orders" or not block.head.count:
            return []
        columns: dict[str, Any] = dict(block.columns)
        return [alert for symbol in np.unique(columns["symbol"]).tolist() for alert in self._of(block.head, columns, symbol)]

    def _of(self, head: Head, columns: Mapping[str, Any], symbol: int) -> Iterator[Row]:
        series = series_name(head.run_id, head.world_id, symbol)
        if series not in self.open:
            self.open[series] = self.load(series, symbol) or SymbolWatch()
        kept = self.open[series]
        taken = kept.watch.take(_few(orders_of(columns, symbol)))
        for kind, forest in self.models.items():
            raiser = kept.raisers.setdefault(kind, Raiser(kind, symbol, sure=forest.sure))
            for place, incident in _raised(taken, forest, raiser):
                yield alert_row(head.run_id, head.world_id, incident, _evidence(kept, taken, place, incident, forest))
        kept.recent.add(taken.rows)


def warm_up(models: Mapping[str, Forest]) -> None:
    """Compile what a block needs, or load what was compiled: it would wait seconds for that."""
    row = {"kind": RecordKind.ACCEPTED, "price": 100, "size": 1, "order_id": 1, "other_owner": -1, "other_id": -1}
    rows = Orders(*(np.array([row.get(name, 0)], np.int64) for name in Orders._fields))
    kept = SymbolWatch()
    kept.watch.take(rows)
    kept.recent.add(rows)
    for forest in models.values():
        forest.scores(np.zeros((1, len(forest.features))))


def series_name(run_id: str, world_id: int, symbol: int) -> str:
    """Under which name the watch of a symbol is kept."""
    return f"{run_id}/{world_id}/{symbol}"


def alert_row(run_id: str, world_id: int, incident: Incident, proof: Row) -> Row:
    """An incident as a row of market.alerts; its id is that of the same suspects in the same window."""
    suspects = sorted(incident.agents)
    window = f"{incident.kind}/{series_name(run_id, world_id, incident.symbol)}/{suspects}/{incident.first_step}"
    return {
        "run_id": run_id,
        "world_id": world_id,
        "step": incident.raised_step,
        "alert_id": hashlib.sha256(window.encode()).hexdigest()[:24],
        "kind": incident.kind,
        "symbol": incident.symbol,
        "first_step": incident.first_step,
        "last_step": incident.last_step,
        "score": incident.score,
        "suspects": json.dumps(suspects),
        "evidence": json.dumps(proof, separators=(",", ":")),
    }


def _few(rows: Orders) -> Orders:
    """Rows whose agents have small numbers; all larger ones are taken for one, which is not watched."""
    return rows._replace(owner=np.minimum(rows.owner, MOST_AGENTS), other_owner=np.minimum(rows.other_owner, MOST_AGENTS))


def _raised(taken: Taken, forest: Forest, raiser: Raiser) -> Iterator[tuple[int, Incident]]:
    """The alerts of a kind, with the place of each one's candidate."""
    candidates = getattr(taken.found, KINDS[raiser.kind].found)
    if len(candidates):
        scores = raiser.scores(forest, candidates, raiser.least(forest.threshold))
        for place, incident in raiser.places(candidates, scores, forest.threshold):
            if max(incident.agents) < MOST_AGENTS:
                yield place, incident


def _evidence(kept: SymbolWatch, taken: Taken, place: int, incident: Incident, forest: Forest) -> Row:
    """What a person needs: the candidate's features, and the last orders of the suspects in the window."""
    found = KINDS[incident.kind].found
    row, until = getattr(taken.found, found)[place], int(getattr(taken.places, found)[place])
    orders = [deed for agent in sorted(incident.agents) for deed in evidence(kept.recent, taken.rows, until, agent, incident.first_step)]
    return {**described(forest, row), "orders": orders}


def described(forest: Forest, candidate: Array) -> Row:
    """What the model saw of a candidate, and from which score on it counts."""
    features = {name: round(float(value), 4) for name, value in zip(forest.features, candidate[4:], strict=True)}
    return {"threshold": round(forest.threshold, 4), "features": features}
