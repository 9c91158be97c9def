"""Recorded runs: what was raised in them, and what the labels say; from the lake, without a JVM."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from pipelines.places import Place
from pipelines.workers.detecting.runs import WatchedRun
from pipelines.workers.detecting.score import KindScore, kind_score, scored
from simulator.types import Outcome
from simulator.world.episodes import OPEN
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.public_rows import Market, markets, public_of, rows_of
from spark_jobs.detection.scoring import Incident

NOT_EPISODES = ("agent_type", "role")  # kinds of labels that tell who somebody is
Row = dict[str, Any]


class Alert(NamedTuple):
    """An alert as an incident, with its id and its evidence."""

    incident: Incident
    alert_id: str
    evidence: Row


def known_markets(lake: Place, run_id: str) -> list[Market]:
    """The markets of a run. Raises ValueError for a run that the lake does not hold."""
    found = markets(lake, run_id)
    if not found:
        raise ValueError(f"{lake} holds no orders of run {run_id!r}; bring them in with `agora stream --once`")
    return found


def alerts_of(lake: Place, market: Market) -> list[Alert]:
    """What was raised in a market, in the order of its steps."""
    rows = rows_of(lake, "gold/alerts", market.run_id)
    here = [] if rows is None else [row for row in rows.to_pylist() if (row["world_id"], row["symbol"]) == (market.world_id, market.symbol)]
    return [_alert(row) for row in sorted(here, key=lambda row: (row["step"], row["alert_id"]))]


def truth_of(lake: Place, market: Market) -> list[Incident] | None:
    """The episodes of a market, each once; None where the labels of the run were not read."""
    rows = rows_of(lake, "evaluation/silver/labels", market.run_id)
    if rows is None or not rows.num_rows:
        return None
    parts: dict[tuple[str, int], list[Row]] = {}
    for row in rows.to_pylist():
        here = (row["world_id"], row["symbol"]) == (market.world_id, market.symbol)
        if here and row["kind"] not in NOT_EPISODES:
            parts.setdefault((row["kind"], row["episode"]), []).append(row)
    return [_episode(kind, rows, market.steps) for (kind, _), rows in parts.items()]


def recorded_scores(lake: Place, run_id: str) -> dict[str, KindScore]:
    """By kind, what was raised in a run against its labels; without any episode in the run, all alerts are false ones of a clean run.

    Raises ValueError where the labels were not read.
    """
    found: list[tuple[WatchedRun, list[Incident]]] = []
    for market in known_markets(lake, run_id):
        truth = truth_of(lake, market)
        if truth is None:
            raise ValueError(f"the labels of run {run_id} were not read; do that with `agora stream --once --labels`")
        run = WatchedRun(market.world_id, public_of(lake, market), market.hours, truth)
        found.append((run, [alert.incident for alert in alerts_of(lake, market)]))
    kinds = {one.kind for run, alerts in found for one in (*alerts, *run.truth) if one.kind in KINDS or one in run.truth}
    is_clean, seconds = not any(run.truth for run, _ in found), market.step_seconds
    scores = {kind: [scored(run, [one for one in alerts if one.kind == kind], kind) for run, alerts in found] for kind in sorted(kinds)}
    return {kind: kind_score(kind, [] if is_clean else runs, runs if is_clean else [], seconds) for kind, runs in scores.items()}


def _episode(kind: str, rows: Sequence[Row], steps: int) -> Incident:
    """The rows of all who took part as one; what has not ended lasts until now."""
    begun = Outcome.BEGUN.name.lower()
    ends = [steps if row["last_step"] == OPEN or row["value"] == begun else row["last_step"] for row in rows]
    agents = frozenset(row["agent"] for row in rows)
    return Incident(kind, agents, rows[0]["symbol"], min(row["first_step"] for row in rows), max(ends))


def _alert(row: Row) -> Alert:
    window = (row["symbol"], row["first_step"], row["last_step"], row["score"], row["step"])
    return Alert(Incident(row["kind"], frozenset(json.loads(row["suspects"])), *window), row["alert_id"], json.loads(row["evidence"]))
