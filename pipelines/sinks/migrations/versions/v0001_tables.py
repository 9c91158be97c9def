"""Runs, policies, metrics, the negotiation log and the progress of what writes them; hypertables where TimescaleDB is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TABLES = ("policies", "runs", "metrics", "negotiation_log", "progress", "progress_offsets", "progress_marks")
HYPERTABLES = ("metrics", "negotiation_log")


def upgrade() -> None:
    """Make the tables."""
    _make_runs_and_policies()
    _make_metrics()
    _make_negotiation_log()
    _make_progress()
    if op.get_context().dialect.name == "postgresql" and not op.get_context().as_sql:
        _make_hypertables()


def downgrade() -> None:
    """Drop them."""
    for name in TABLES:
        op.drop_table(name)


def _make_runs_and_policies() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(100), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed", sa.String(20), nullable=False),
        sa.Column("worlds", sa.Integer, nullable=False),
        sa.Column("worlds_done", sa.Integer, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("score", sa.Double),
        sa.Column("code_version", sa.String(100), nullable=False),
        sa.Column("config", sa.JSON, nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
    )
    op.create_index("runs_by_kind", "runs", ["kind", "score"])
    op.create_table(
        "policies",
        sa.Column("policy_id", sa.String(200), primary_key=True),
        sa.Column("run_id", sa.String(100), sa.ForeignKey("runs.run_id", name="policies_run"), nullable=False),
        sa.Column("checkpoint", sa.Text, nullable=False),
        sa.Column("algorithm", sa.String(40), nullable=False),
        sa.Column("env", sa.String(60), nullable=False),
        sa.Column("scenario", sa.String(100), nullable=False),
        sa.Column("role", sa.String(60), nullable=False),
        sa.Column("steps", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("score", sa.Double),
        sa.Column("figures", sa.JSON, nullable=False),
    )
    op.create_index("policies_by_algorithm", "policies", ["algorithm", "score"])


def _identity() -> list[sa.Column[object]]:
    return [
        sa.Column("run_id", sa.String(100), primary_key=True),
        sa.Column("world_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("started", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("step", sa.Integer, nullable=False),
    ]


def _make_metrics() -> None:
    op.create_table(
        "metrics",
        *_identity(),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("update", sa.BigInteger, nullable=False),
        sa.Column("agent", sa.Integer, nullable=False),
        sa.Column("context", sa.Text, nullable=False),
    )
    op.create_index("metrics_by_name", "metrics", ["run_id", "name", "update"])


def _make_negotiation_log() -> None:
    op.create_table(
        "negotiation_log",
        *_identity(),
        sa.Column("deal_id", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("protocol", "kind", "symbol", "party", "counterparty", "side")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("price", "lots", "round")),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("protocol_name", sa.String(20), nullable=False),
        sa.Column("kind_name", sa.String(20), nullable=False),
        sa.Column("symbol_name", sa.Text),
    )
    op.create_index("negotiations_by_party", "negotiation_log", ["run_id", "party"])
    op.create_index("negotiations_by_counterparty", "negotiation_log", ["run_id", "counterparty"])
    op.create_index("negotiations_by_deal", "negotiation_log", ["run_id", "world_id", "deal_id"])


def _make_progress() -> None:
    op.create_table(
        "progress",
        sa.Column("consumer", sa.String(40), primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    )
    op.create_table(
        "progress_offsets",
        sa.Column("consumer", sa.String(40), primary_key=True),
        sa.Column("topic", sa.String(100), primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "progress_marks",
        sa.Column("consumer", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(250), primary_key=True),
        sa.Column("mark", sa.Text, nullable=False),
    )


def _make_hypertables() -> None:
    """A piece for each week of run starts, if the extension is switched on: CREATE EXTENSION timescaledb is for who runs the server."""
    connection = op.get_bind()
    if connection.execute(sa.text("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'")).scalar() is None:
        return
    week = "chunk_time_interval => INTERVAL '7 days', create_default_indexes => FALSE"
    for table in HYPERTABLES:
        connection.execute(sa.text(f"SELECT create_hypertable(CAST(:name AS regclass), 'started', {week})"), {"name": table})
