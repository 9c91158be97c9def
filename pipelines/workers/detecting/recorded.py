"""Recorded runs: what the stream raised in them, what the labels say, and the public rows of a market; all from the lake, without a JVM."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from simulator.types import Outcome
from simulator.world.episodes import OPEN
from spark_jobs.detection.columns import Deals, Messages, Orders, Public, deals_of, messages_of, orders_of
from spark_jobs.detection.scoring import Incident

NOT_EPISODES = ("agent_type", "role")  # kinds of labels that tell who somebody is
_PUBLIC: dict[str, tuple[Any, tuple[str, ...]]] = {
    "orders": (orders_of, Orders._fields),
    "messages": (messages_of, Messages._fields),
    "negotiations": (deals_of, Deals._fields),
}
Row = dict[str, Any]


class Market(NamedTuple):
    """One symbol of one world of a run; step_seconds are simulated ones."""

    run_id: str
    world_id: int
    symbol: int
    name: str
    steps: int
    step_seconds: float

    @property
    def hours(self) -> float:
        """Simulated."""
        return self.steps * self.step_seconds / 3600.0


class Alert(NamedTuple):
    """An alert as an incident, with its id and its evidence."""

    incident: Incident
    alert_id: str
    evidence: Row


def markets(lake: Path, run_id: str) -> list[Market]:
    """The markets of a run in the lake. Raises ValueError for a run that it does not hold."""
    names = _rows(lake, "silver/worlds", run_id, ["world_id", "kind", "id", "name", "step_ns"])
    last = _rows(lake, "silver/orders", run_id, ["world_id", "symbol", "step"])
    if last is None or names is None or not last.num_rows:
        raise ValueError(f"{lake} holds no orders of run {run_id!r}; bring them in with `agora stream --once`")
    ends = last.group_by(["world_id", "symbol"]).aggregate([("step", "max")]).sort_by([("world_id", "ascending"), ("symbol", "ascending")])
    known = {(row["world_id"], row["id"]): row for row in names.to_pylist() if row["kind"] == "symbol"}
    found = []
    for row in ends.to_pylist():
        symbol = known[row["world_id"], row["symbol"]]
        found.append(Market(run_id, row["world_id"], row["symbol"], symbol["name"], row["step_max"] + 1, symbol["step_ns"] / 1e9))
    return found


def public_of(lake: Path, market: Market) -> Public:
    """All that is public of a market, in seq order."""
    return Public(*(take(_columns(lake, market, name, fields), market.symbol) for name, (take, fields) in _PUBLIC.items()))


def alerts_of(lake: Path, market: Market) -> list[Alert]:
    """What was raised in a market, in the order of its steps."""
    rows = _rows(lake, "gold/alerts", market.run_id)
    here = [] if rows is None else [row for row in rows.to_pylist() if (row["world_id"], row["symbol"]) == (market.world_id, market.symbol)]
    return [_alert(row) for row in sorted(here, key=lambda row: (row["step"], row["alert_id"]))]


def truth_of(lake: Path, market: Market) -> list[Incident] | None:
    """The episodes of a market, each once; None where the labels of the run were not read."""
    rows = _rows(lake, "evaluation/silver/labels", market.run_id)
    if rows is None or not rows.num_rows:
        return None
    parts: dict[tuple[str, int], list[Row]] = {}
    for row in rows.to_pylist():
        here = (row["world_id"], row["symbol"]) == (market.world_id, market.symbol)
        if here and row["kind"] not in NOT_EPISODES:
            parts.setdefault((row["kind"], row["episode"]), []).append(row)
    return [_episode(kind, rows, market.steps) for (kind, _), rows in parts.items()]


def _episode(kind: str, rows: Sequence[Row], steps: int) -> Incident:
    """The rows of all who took part as one; what has not ended lasts until now."""
    begun = Outcome.BEGUN.name.lower()
    ends = [steps if row["last_step"] == OPEN or row["value"] == begun else row["last_step"] for row in rows]
    agents = frozenset(row["agent"] for row in rows)
    return Incident(kind, agents, rows[0]["symbol"], min(row["first_step"] for row in rows), max(ends))


def _alert(row: Row) -> Alert:
    window = (row["symbol"], row["first_step"], row["last_step"], row["score"], row["step"])
    return Alert(Incident(row["kind"], frozenset(json.loads(row["suspects"])), *window), row["alert_id"], json.loads(row["evidence"]))


def _columns(lake: Path, market: Market, name: str, fields: tuple[str, ...]) -> Mapping[str, Any]:
    wanted = ["symbol", *fields]
    rows = _rows(lake, f"silver/{name}", market.run_id, ["seq", *wanted], pc.field("world_id") == market.world_id)
    return {column: np.zeros(0, np.int64) if rows is None else np.asarray(rows.column(column)) for column in wanted}


def _rows(lake: Path, table: str, run_id: str, columns: list[str] | None = None, where: Any = None) -> pa.Table | None:
    """Rows of a run in seq order where there is one; None where there is no table."""
    path = lake / table
    if not DeltaTable.is_deltatable(str(path)):
        return None
    of_run = pc.field("run_id").cast(pa.string()) == run_id  # delta-rs merges in views of strings, which cannot be compared
    data = DeltaTable(path).to_pyarrow_dataset().to_table(columns=columns, filter=of_run if where is None else of_run & where)
    return data.sort_by("seq") if "seq" in data.column_names else data
