"""The tables of the relational database. A change here is a new script in migrations/versions; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)  # fmt: skip

metadata = MetaData()


def _identity() -> list[Column[object]]:
    """Columns that tell an event: `started` is the run's start by its id, by which TimescaleDB cuts tables into pieces."""
    return [
        Column("run_id", String(100), primary_key=True),
        Column("world_id", Integer, primary_key=True, autoincrement=False),
        Column("seq", BigInteger, primary_key=True, autoincrement=False),
        Column("started", DateTime(timezone=True), primary_key=True),
        Column("step", Integer, nullable=False),
    ]


RUNS = Table(
    "runs",
    metadata,
    Column("run_id", String(100), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
    Column("seed", String(20), nullable=False),  # up to 2**64
    Column("worlds", Integer, nullable=False),
    Column("worlds_done", Integer, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("score", Double),  # mean return of the last judgement of a training
    Column("code_version", String(100), nullable=False),
    Column("config", JSON, nullable=False),
    Column("figures", JSON, nullable=False),
    Index("runs_by_kind", "kind", "score"),
)
"""What was asked of each run and what it came to."""

POLICIES = Table(
    "policies",
    metadata,
    Column("policy_id", String(200), primary_key=True),  # run_id/checkpoint/number
    Column("run_id", String(100), nullable=False),
    Column("checkpoint", Text, nullable=False),
    Column("algorithm", String(40), nullable=False),
    Column("env", String(60), nullable=False),
    Column("scenario", String(100), nullable=False),
    Column("role", String(60), nullable=False),
    Column("steps", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("score", Double),
    Column("figures", JSON, nullable=False),
    ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="policies_run"),
    Index("policies_by_algorithm", "algorithm", "score"),
)
"""What agents learned."""

PROMOTIONS = Table(
    "promotions",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # decisions in their order, from 1
    Column("decision", String(64), nullable=False, unique=True),  # who against whom in which markets
    Column("place", String(250), nullable=False),  # env/scenario/role
    Column("decided", DateTime(timezone=True), nullable=False),
    Column("candidate", String(250), nullable=False),  # its run, or its folder
    Column("sha256", String(64), nullable=False),
    Column("opponent", String(250), nullable=False),
    Column("opponent_sha256", String(64), nullable=False),  # empty where there was no incumbent
    Column("promoted", Boolean, nullable=False),
    Column("difference", Double, nullable=False),  # profit a seat and episode more than the opponent's, currency
    Column("low", Double, nullable=False),
    Column("high", Double, nullable=False),  # of its 95 % interval
    Column("markets", Integer, nullable=False),
    Column("verdict", Text, nullable=False),
    Index("promotions_by_place", "place", "promoted", "number"),
)
"""Every decision on a place; the incumbent is the last one promoted to it."""

METRICS = Table(
    "metrics",
    metadata,
    *_identity(),
    Column("name", Text, nullable=False),
    Column("value", Double),  # NULL where it is no number and the database keeps none
    Column("update", BigInteger, nullable=False),
    Column("agent", Integer, nullable=False),
    Column("context", Text, nullable=False),
    Index("metrics_by_name", "run_id", "name", "update"),
)
"""The events of training.metrics."""

NEGOTIATION_LOG = Table(
    "negotiation_log",
    metadata,
    *_identity(),
    Column("deal_id", BigInteger, nullable=False),
    Column("protocol", Integer, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("symbol", Integer, nullable=False),
    Column("party", Integer, nullable=False),
    Column("counterparty", Integer, nullable=False),
    Column("side", Integer, nullable=False),
    Column("price", Integer, nullable=False),
    Column("lots", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("protocol_name", String(20), nullable=False),
    Column("kind_name", String(20), nullable=False),
    Column("symbol_name", Text),
    Index("negotiations_by_party", "run_id", "party"),
    Index("negotiations_by_counterparty", "run_id", "counterparty"),
    Index("negotiations_by_deal", "run_id", "world_id", "deal_id"),
)
"""The events of market.negotiations, with words beside the numbers."""

PROGRESS = Table(
    "progress",
    metadata,
    Column("consumer", String(40), primary_key=True),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
)
"""How many batches each consumer has written."""

OFFSETS = Table(
    "progress_offsets",
    metadata,
    Column("consumer", String(40), primary_key=True),
    Column("topic", String(100), primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False),
)
"""Where each consumer goes on."""

MARKS = Table(
    "progress_marks",
    metadata,
    Column("consumer", String(40), primary_key=True),
    Column("name", String(250), primary_key=True),
    Column("mark", Text, nullable=False),
)
"""The mark of each world and topic, as JSON."""

EVENT_TABLES = {"negotiations": NEGOTIATION_LOG, "metrics": METRICS}
"""Where the events of each type are."""
