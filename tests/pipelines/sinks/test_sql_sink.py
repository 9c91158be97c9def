"""The relational sink on SQLite, which is its default; tests/flow runs the same on PostgreSQL."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from pipelines.events.declarations import METRICS, event_type
from pipelines.events.topics import CONSUMERS
from pipelines.ports import StoreUnavailable
from pipelines.sinks.sql_catalogue import catalogue
from pipelines.sinks.sql_database import made_engine, prepare
from pipelines.sinks.sql_questions import QUESTIONS
from pipelines.sinks.sql_reader import SqlReader
from pipelines.sinks.sql_sink import SqlSink
from pipelines.sinks.sql_tables import metadata
from pipelines.sinks.worlds import Worlds
from pipelines.testing import Identity, MemoryLog
from pipelines.workers import demo_rows
from pipelines.workers.reconcile.blocks import nothing
from tests.contracts.check_sink import check_sink, written
from tests.pipelines.sinks.published import RUN, block_of, expected, published, record_of

EVENTS = CONSUMERS["sql"]


@pytest.fixture
def address(tmp_path: Path) -> str:
    """A database that is not there yet."""
    return f"sqlite:///{tmp_path / 'inner' / 'agora.db'}"


def stored(address: str) -> dict[Identity, dict[str, Any]]:
    """Everything that the database holds of the test's run, by identity."""
    found: dict[Identity, dict[str, Any]] = {}
    for event in EVENTS:
        for world_id, columns in SqlReader(address).rows(event, RUN):
            values = [column if isinstance(column, list) else column.tolist() for column in columns.values()]
            for row in (dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)):
                found[RUN, world_id, event, row["seq"]] = {"run_id": RUN, "world_id": world_id} | row
    return found


def test_it_holds_the_contract_of_sinks(address: str) -> None:
    SqlSink(address, Worlds(MemoryLog())).open()
    check_sink(lambda log: SqlSink(address, Worlds(log)), lambda: stored(address))


def test_what_is_no_number_comes_back_as_such(address: str) -> None:
    log = MemoryLog()
    block = block_of(METRICS, 0, 0)
    block.columns["value"][:3] = [np.nan, np.inf, -np.inf]  # type: ignore[index]
    log.send(record_of(block))
    written(log, SqlSink(address, Worlds(log)))
    ((_, columns),) = SqlReader(address).rows("metrics", RUN)
    for name in (column.name for column in METRICS.all_columns):
        np.testing.assert_array_equal(columns[name], block.columns[name])


def test_names_stand_beside_numbers(address: str) -> None:
    log = published(["negotiations"])
    written(log, SqlSink(address, Worlds(log)))
    with made_engine(address).connect() as connection:
        table = metadata.tables["negotiation_log"]
        rows = connection.execute(select(table.c.symbol, table.c.symbol_name, table.c.kind, table.c.kind_name)).all()
    assert all(row.symbol_name == ("ABC" if row.symbol == 0 else None) for row in rows)
    assert len(rows) == len(expected(["negotiations"]))
    assert {row.kind_name for row in rows} <= {str(row.kind) for row in rows} | {"offered", "agreed", "bid", "rated"}


def test_the_scripts_make_the_tables_that_the_program_knows(address: str) -> None:
    engine = made_engine(address)
    prepare(engine)
    prepare(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []


def test_runs_and_policies_are_replaced_when_they_come_again(address: str) -> None:
    run = {
        "run_id": RUN, "kind": "train", "created": "2026-11-21T10:15:00+00:00", "seed": 2**64 - 1, "worlds": 2,
        "worlds_done": 0, "events": 0, "score": None, "code_version": "1", "config": {"env": "market"}, "figures": {},
    }  # fmt: skip
    policy = {
        "policy_id": f"{RUN}/learner/0", "run_id": RUN, "checkpoint": "somewhere", "algorithm": "ppo", "env": "market", "scenario": "calm",
        "role": "", "steps": 100, "sha256": "0" * 64, "score": 1.5, "figures": {"mean": 1.5},
    }  # fmt: skip
    catalogue(address, [run, run | {"run_id": "20261122-101500-a1b2", "score": 0.5}])
    catalogue(address, [run | {"score": 1.5}], [policy])
    engine = made_engine(address, writes=False)
    with engine.connect() as connection:
        best = QUESTIONS["best-runs"].answer(connection, kind="train", limit=5)
        assert [(row["run_id"], row["score"]) for row in best] == [(RUN, 1.5), ("20261122-101500-a1b2", 0.5)]
        assert best[0]["seed"] == str(2**64 - 1)
        assert [row["policy_id"] for row in QUESTIONS["policies"].answer(connection, algorithm="ppo", limit=5)] == [f"{RUN}/learner/0"]
        assert QUESTIONS["policies"].answer(connection, algorithm="dqn", limit=5) == []


def test_questions_about_events_are_answered(address: str) -> None:
    log = published(EVENTS)
    written(log, SqlSink(address, Worlds(log)))
    name = block_of(METRICS, 0, 0).columns["name"][0]
    with made_engine(address, writes=False).connect() as connection:
        found = QUESTIONS["metrics"].answer(connection, run=RUN, name=name, limit=5)
        assert [row["name"] for row in found] == [name]
        assert len(QUESTIONS["curves"].answer(connection, run=RUN)) == len({row["name"] for row in expected(["metrics"]).values()})
        assert sum(row["steps"] for row in QUESTIONS["deal-steps"].answer(connection, run=RUN)) == len(expected(["negotiations"]))
        assert QUESTIONS["negotiations"].answer(connection, run="nobody'; DROP TABLE runs; --", agent=3, limit=5) == []
        one = next(row for row in expected(["negotiations"]).values() if row["party"] >= 0)
        steps = QUESTIONS["negotiations"].answer(connection, run=RUN, agent=one["party"], limit=50)
        assert (one["world_id"], one["step"], one["price"]) in {(row["world_id"], row["step"], row["price"]) for row in steps}


def test_databases_of_others_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE runs (id INTEGER)")
    with pytest.raises(ValueError, match="holds a table 'runs' that is not this product's; set AGORA_DATABASE_URL"):
        SqlSink(f"sqlite:///{file}", Worlds(MemoryLog())).open()
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE alembic_version (version_num TEXT)")
        other.execute("INSERT INTO alembic_version VALUES ('9999')")
    with pytest.raises(ValueError, match="revision '9999', which this program does not know"):
        SqlSink(f"sqlite:///{file}", Worlds(MemoryLog())).open()
    (tmp_path / "text.db").write_text("this is some text and no database" * 100)
    with pytest.raises(ValueError, match="is no SQLite database"):
        SqlSink(f"sqlite:///{tmp_path / 'text.db'}", Worlds(MemoryLog())).open()


def test_a_database_that_is_locked_is_waited_for(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.sinks.sql_database.BUSY_SECONDS", 0.05)
    sink = SqlSink(address, Worlds(MemoryLog()))
    sink.open()
    engine = made_engine(address)
    with engine.begin(), pytest.raises(StoreUnavailable, match="locked"):
        sink.open()
    assert sink.open().version == 0


def test_what_is_read_back_has_the_hash_that_the_simulator_stored(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_rows, "STEPS", 400)
    log, result, _ = demo_rows.demo_market()
    written(log, SqlSink(address, Worlds(log)))
    tally = nothing("negotiations").tally
    for _, columns in SqlReader(address).rows("negotiations", demo_rows.run_id_of(0)):
        tally.add_columns(columns)
    assert (tally.count, tally.hash()) == (result.events["negotiations"], result.hashes["negotiations"])


def test_addresses_that_are_none_are_explained() -> None:
    with pytest.raises(ValueError, match="no sqlite:////"):
        made_engine("agora.db")
    with pytest.raises(ValueError, match="none of sqlite and postgresql"):
        made_engine("mysql://host/name")


def test_a_table_that_is_gone_is_named(address: str) -> None:
    log = published(["metrics"])
    written(log, SqlSink(address, Worlds(log)))
    with sqlite3.connect(address.removeprefix("sqlite:///")) as other:
        other.execute("DROP TABLE metrics")
    log.send(record_of(block_of(event_type("metrics"), 1, 5)))
    with pytest.raises(ValueError, match="lacks what it had: no such table: metrics"):
        written(log, SqlSink(address, Worlds(log)))
