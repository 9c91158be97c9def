"""Questions to the relational database: `agora query sql NAME key=value`. Each takes a connection first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select, true

from pipelines.sinks.question import Question
from pipelines.sinks.sql_tables import METRICS, NEGOTIATION_LOG, POLICIES, RUNS

Rows = list[dict[str, Any]]
LOG = NEGOTIATION_LOG.c


def answered(connection: Connection, asked: Select[Any]) -> Rows:
    """The rows by name of column."""
    return [dict(row) for row in connection.execute(asked).mappings()]


def best_runs(connection: Connection, kind: str, limit: int) -> Rows:
    """Runs with the highest score first, those without any last, the newest before older ones."""
    of_kind = RUNS.c.kind == kind if kind else true()
    shown = select(RUNS.c.run_id, RUNS.c.kind, RUNS.c.created, RUNS.c.seed, RUNS.c.worlds, RUNS.c.events, RUNS.c.score)
    return answered(connection, shown.where(of_kind).order_by(RUNS.c.score.desc().nulls_last(), RUNS.c.created.desc()).limit(limit))


def metrics_of(connection: Connection, run: str, name: str, limit: int) -> Rows:
    """What was measured in a run, in the order of updates."""
    of_run = and_(METRICS.c.run_id == run, METRICS.c.name == name if name else true())
    shown = select(METRICS.c.update, METRICS.c.name, METRICS.c.value, METRICS.c.agent, METRICS.c.context)
    return answered(connection, shown.where(of_run).order_by(METRICS.c.update, METRICS.c.world_id, METRICS.c.seq).limit(limit))


def curves(connection: Connection, run: str) -> Rows:
    """Each figure of a run: how often it was measured, its range and mean."""
    value = METRICS.c.value
    shown = select(
        METRICS.c.name,
        func.count().label("count"),
        func.min(value).label("low"),
        func.avg(value).label("mean"),
        func.max(value).label("high"),
    )
    return answered(connection, shown.where(METRICS.c.run_id == run).group_by(METRICS.c.name).order_by(METRICS.c.name))


def negotiations_of(connection: Connection, run: str, agent: int, limit: int) -> Rows:
    """Every step that an agent took, or that was taken towards it, in order."""
    of_agent = and_(or_(LOG.party == agent, LOG.counterparty == agent), LOG.run_id == run)
    shown = select(
        LOG.world_id, LOG.step, LOG.deal_id, LOG.protocol_name, LOG.kind_name, LOG.symbol_name, LOG.party,
        LOG.counterparty, LOG.price, LOG.lots, LOG.round,
    )  # fmt: skip
    return answered(connection, shown.where(of_agent).order_by(LOG.world_id, LOG.seq).limit(limit))


def deal_kinds(connection: Connection, run: str) -> Rows:
    """How often each step happened, by protocol."""
    shown = select(LOG.protocol_name, LOG.kind_name, func.count().label("steps")).where(LOG.run_id == run)
    return answered(connection, shown.group_by(LOG.protocol_name, LOG.kind_name).order_by(LOG.protocol_name, func.count().desc()))


def policies(connection: Connection, algorithm: str, limit: int) -> Rows:
    """Policies with the highest score first."""
    of_algorithm = POLICIES.c.algorithm == algorithm if algorithm else true()
    shown = select(
        POLICIES.c.policy_id, POLICIES.c.algorithm, POLICIES.c.env, POLICIES.c.scenario, POLICIES.c.role, POLICIES.c.steps,
        POLICIES.c.score, POLICIES.c.sha256, POLICIES.c.checkpoint,
    )  # fmt: skip
    return answered(connection, shown.where(of_algorithm).order_by(POLICIES.c.score.desc().nulls_last(), POLICIES.c.policy_id).limit(limit))


QUESTIONS: dict[str, Question] = {
    "best-runs": Question("runs with the highest score first", best_runs, {}, {"kind": "", "limit": 20}),
    "metrics": Question("what was measured in a run, update by update", metrics_of, {"run": str}, {"name": "", "limit": 200}),
    "curves": Question("range and mean of each figure of a run", curves, {"run": str}),
    "negotiations": Question("the negotiation log of an agent in a run", negotiations_of, {"run": str, "agent": int}, {"limit": 100}),
    "deal-steps": Question("how often each step of a deal happened in a run", deal_kinds, {"run": str}),
    "policies": Question("policies, of an algorithm if one is given, the best first", policies, {}, {"algorithm": "", "limit": 20}),
}
"""By name."""
