"""The relational sink against a real PostgreSQL, and the migrations by Alembic's own command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, inspect, make_url, text

from pipelines.events.declarations import METRICS
from pipelines.events.topics import CONSUMERS
from pipelines.local_stack import stack
from pipelines.ports import StoreUnavailable
from pipelines.settings import PROJECT_DIR, Settings
from pipelines.sinks.sql_database import made_engine
from pipelines.sinks.sql_questions import QUESTIONS
from pipelines.sinks.sql_reader import SqlReader
from pipelines.sinks.sql_sink import SqlSink
from pipelines.sinks.sql_tables import metadata
from pipelines.sinks.worlds import Worlds
from pipelines.testing import Identity, MemoryLog
from tests.contracts.check_sink import check_sink, written
from tests.pipelines.sinks.published import RUN, block_of, expected, published, record_of

pytestmark = pytest.mark.flow


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A server of its own."""
    made = Settings(data_dir=tmp_path_factory.mktemp("postgres"), database_url="")
    stack.up(made, ["postgres"])
    yield made
    stack.down(made)


@pytest.fixture
def address(settings: Settings) -> str:
    """An empty database."""
    url, name = make_url(stack.store_address(settings, "postgres")), f"test_{uuid4().hex[:12]}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


def stored(address: str) -> dict[Identity, dict[str, Any]]:
    """Everything that the database holds of the test's run, by identity."""
    found: dict[Identity, dict[str, Any]] = {}
    for event in CONSUMERS["sql"]:
        for world_id, columns in SqlReader(address).rows(event, RUN):
            values = [column if isinstance(column, list) else column.tolist() for column in columns.values()]
            for row in (dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)):
                found[RUN, world_id, event, row["seq"]] = {"run_id": RUN, "world_id": world_id} | row
    return found


def test_it_holds_the_contract_of_sinks(address: str) -> None:
    check_sink(lambda log: SqlSink(address, Worlds(log)), lambda: stored(address))


def test_what_postgresql_does_not_take_is_refused_and_the_rest_is_there(address: str) -> None:
    log = published(CONSUMERS["sql"])
    broken = block_of(METRICS, 1, 5)
    broken.columns["context"][3] = "a\0b"  # type: ignore[index]
    log.send(record_of(broken))
    log.send(record_of(block_of(METRICS, 1, 6)))
    figures = written(log, SqlSink(address, Worlds(log)))
    assert figures.refused == 1
    assert len(stored(address)) == len(expected(CONSUMERS["sql"])) + 12


def test_questions_are_answered(address: str) -> None:
    log = published(CONSUMERS["sql"])
    written(log, SqlSink(address, Worlds(log)))
    with made_engine(address).connect() as connection:
        for name, given in (
            ("best-runs", {}),
            ("metrics", {"run": RUN}),
            ("curves", {"run": RUN}),
            ("policies", {}),
            ("negotiations", {"run": RUN, "agent": "3"}),
        ):
            question = QUESTIONS[name]
            list(question.answer(connection, **question.arguments(given)))
        steps = QUESTIONS["deal-steps"].answer(connection, run=RUN)
        assert sum(row["steps"] for row in steps) == len(expected(["negotiations"]))


def test_what_is_wrong_with_a_server_is_said_without_its_password(address: str) -> None:
    url = make_url(address)
    with pytest.raises(StoreUnavailable, match=r"127.0.0.1:9/.* does not answer") as away:
        SqlSink(url.set(port=9).render_as_string(hide_password=False), Worlds(MemoryLog())).open()
    with pytest.raises(ValueError, match="refuses the user: .*password authentication failed") as denied:
        SqlSink(url.set(password="another").render_as_string(hide_password=False), Worlds(MemoryLog())).open()
    assert str(url.password) not in str(away.value) and "another" not in str(denied.value)


@pytest.mark.parametrize("kind", ["postgres", "sqlite"])
def test_alembic_by_itself_makes_the_tables(address: str, kind: str, tmp_path: Any) -> None:
    wanted = address if kind == "postgres" else f"sqlite:///{tmp_path / 'agora.db'}"
    environment = os.environ | {"AGORA_DATABASE_URL": wanted if kind == "postgres" else "", "AGORA_DATA_DIR": str(tmp_path)}
    for words in (["upgrade", "head"], ["check"], ["downgrade", "base"], ["upgrade", "head"]):
        command = [sys.executable, "-m", "alembic", *words]
        done = subprocess.run(command, cwd=PROJECT_DIR, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    engine = made_engine(wanted)
    assert set(inspect(engine).get_table_names()) == {*metadata.tables, "alembic_version"}
    engine.dispose()
    assert SqlSink(wanted, Worlds(MemoryLog())).open().version == 0


TIMESCALE = """
CREATE TABLE asked (name text, column_name text, piece interval, indexes boolean);
CREATE FUNCTION create_hypertable(relation regclass, time_column_name name, chunk_time_interval interval, create_default_indexes boolean)
    RETURNS void LANGUAGE sql AS 'INSERT INTO asked VALUES ($1::text, $2::text, $3, $4)';
SET allow_system_table_mods = on;
INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
    SELECT 99999, 'timescaledb', oid, 2200, false, '2' FROM pg_roles WHERE rolname = current_user;
"""


def test_where_timescaledb_is_switched_on_the_event_tables_are_cut_by_the_start_of_runs(address: str) -> None:
    engine = made_engine(address)
    with engine.begin() as connection:  # the extension itself is not to be had here; what it is asked is
        for statement in TIMESCALE.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    assert SqlSink(address, Worlds(MemoryLog())).open().version == 0
    with engine.connect() as connection:
        asked = connection.execute(text("SELECT name, column_name, extract(day FROM piece), indexes FROM asked ORDER BY name")).all()
    engine.dispose()
    assert [tuple(row) for row in asked] == [("metrics", "started", 7, False), ("negotiation_log", "started", 7, False)]
