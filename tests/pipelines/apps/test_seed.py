"""`agora seed` on SQLite: rows that questions can be asked of, the same whenever it is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from pipelines.apps.seed import app
from pipelines.sinks.sql_database import made_engine
from pipelines.sinks.sql_questions import QUESTIONS
from pipelines.sinks.sql_sink import SqlSink
from pipelines.sinks.sql_tables import METRICS, NEGOTIATION_LOG, POLICIES, RUNS
from pipelines.sinks.worlds import Worlds
from pipelines.testing import MemoryLog
from pipelines.workers import demo_rows


def test_demo_rows_are_there_once_and_answer_the_questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"sqlite:///{tmp_path / 'agora.db'}"
    monkeypatch.setenv("AGORA_DATABASE_URL", address)
    monkeypatch.setattr(demo_rows, "STEPS", 300)
    written = [json.loads(CliRunner().invoke(app, ["--json"]).output) for _ in range(2)]
    assert written[0] == written[1] and min(written[0].values()) >= 6
    assert SqlSink(address, Worlds(MemoryLog())).open().version == 0
    with made_engine(address, writes=False).connect() as connection:
        tables = {table.name: table for table in (RUNS, POLICIES, NEGOTIATION_LOG, METRICS)}
        counts = {name: connection.execute(select(func.count()).select_from(table)).scalar() for name, table in tables.items()}
        assert counts == written[0]
        runs = QUESTIONS["best-runs"].answer(connection, kind="train", limit=3)
        assert [row["score"] for row in runs] == sorted((row["score"] for row in runs), reverse=True)
        returns = QUESTIONS["metrics"].answer(connection, run=runs[0]["run_id"], name="return", limit=100)
        assert len(returns) == demo_rows.UPDATES and returns[-1]["value"] > 2 * abs(returns[0]["value"])
        assert {row["algorithm"] for row in QUESTIONS["policies"].answer(connection, algorithm="", limit=9)} == {"ppo", "sac", "dqn"}
        steps = QUESTIONS["deal-steps"].answer(connection, run=demo_rows.run_id_of(0))
        assert {"offered", "opened"} <= {row["kind_name"] for row in steps}
