"""Questions to the tables, by DuckDB; Spark's answers are checked in the flow tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from deltalake import write_deltalake
from typer.testing import CliRunner

from pipelines.apps.errors import UserError
from pipelines.apps.sql import app, ask_duckdb, asked_for, blocks
from pipelines.settings import Settings
from spark_jobs.delta_writes import merge_new
from spark_jobs.gold import alerts
from tests.spark_jobs.lakes import Bench
from tests.spark_jobs.records import block, kafka, trades

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    """A lake with three trades."""
    Bench(tmp_path).batch(0, [kafka((trades(1, 2, 3, price=70), 0))])
    return Settings(data_dir=tmp_path)


def test_tables_are_named_by_layer(chosen: Settings) -> None:
    answer = ask_duckdb(chosen, "SELECT run_id, sum(price) AS total FROM silver.trades GROUP BY run_id", 10)
    assert (answer.columns, answer.rows) == (["run_id", "total"], [("r1", 210)])
    assert len(ask_duckdb(chosen, "SELECT seq FROM silver.trades", 2).rows) == 2


@pytest.mark.parametrize("table", ["silver.trades", "bronze.events"])
def test_a_condition_on_any_column_finds_the_rows_that_meet_it(chosen: Settings, table: str) -> None:
    everything = ask_duckdb(chosen, f"SELECT * FROM {table}", 10)
    for name, value in zip(everything.columns, everything.rows[0], strict=True):
        if isinstance(value, int | str):
            met = [row for row in everything.rows if row[everything.columns.index(name)] == value]
            literal = f"'{value}'" if isinstance(value, str) else value
            assert len(ask_duckdb(chosen, f'SELECT * FROM {table} WHERE "{name}" = {literal}', 10).rows) == len(met), name


def test_a_condition_on_text_reads_files_that_were_merged_and_files_that_were_appended(tmp_path: Path) -> None:
    alert = dict.fromkeys(alerts.TABLE.schema.names, 0) | {"run_id": "r1", "suspects": "[7]", "evidence": "{}"}
    rows = [alert | {"alert_id": kind, "kind": kind} for kind in ("spoofing", "wash_trading")]
    lake, found = Settings(data_dir=tmp_path).lake_dir, alerts.transform(rows)
    assert merge_new(lake, alerts.TABLE, found) == 2
    write_deltalake(alerts.TABLE.path(lake), found.slice(0, 1), mode="append")
    for condition, count in [("kind = 'spoofing'", 2), ("kind IN ('spoofing', 'wash_trading')", 3), ("kind > 't'", 1)]:
        assert len(ask_duckdb(Settings(data_dir=tmp_path), f"SELECT * FROM gold.alerts WHERE {condition}", 10).rows) == count


def test_the_evaluations_of_a_training_are_a_question(tmp_path: Path) -> None:
    found = [(1, "rollout/return", 9.0), (2, "evaluation/score", 4.5), (4, "evaluation/score", 6.0)]
    rows = [
        {"seq": seq, "step": 64, "name": name, "value": value, "update": update, "agent": -1, "context": ""}
        for seq, (update, name, value) in enumerate(found)
    ]
    Bench(tmp_path).batch(0, [kafka((block("metrics", rows), 0))])
    query = (DOCS / "training.md").read_text().partition('agora sql -e duckdb "')[2].partition('"')[0]
    answer = ask_duckdb(Settings(data_dir=tmp_path), query, 10)
    assert answer.columns == ["run_id", "update", "score"]
    assert answer.rows == [("r1", 2, 4.5), ("r1", 4, 6.0)]


def test_an_unknown_table_is_refused_with_the_known_ones(chosen: Settings) -> None:
    with pytest.raises(UserError, match="nothing does not exist.*The tables are bronze.events, silver.worlds, silver.orders"):
        ask_duckdb(chosen, "SELECT * FROM silver.nothing", 10)


def test_a_typing_error_is_said_in_one_line(chosen: Settings) -> None:
    with pytest.raises(UserError, match="Binder Error.*prize"):
        ask_duckdb(chosen, "SELECT prize FROM silver.trades", 10)


def test_an_empty_lake_names_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no tables yet; fill them with `agora stream --once`"):
        ask_duckdb(Settings(data_dir=tmp_path), "SELECT 1", 10)


@pytest.mark.parametrize("query", ["DROP TABLE silver.trades", "delete from silver.trades", ""])
def test_only_questions_are_taken(query: str) -> None:
    result = CliRunner().invoke(app, [query])
    assert isinstance(result.exception, UserError)
    assert "tables are never changed here" in str(result.exception)


def test_wide_rows_become_blocks() -> None:
    assert blocks(["a", "long"], [["1", "2"]]) == ["a     1\nlong  2"]


def test_only_the_tables_that_a_question_names_are_opened() -> None:
    names = {name: Path(name) for name in ("silver.trades", "silver.ticks", "gold.market_minutes")}
    assert list(asked_for("SELECT * FROM silver . `trades` JOIN GOLD.market_minutes", names)) == ["silver.trades", "gold.market_minutes"]
    assert asked_for("SHOW TABLES IN silver", names) == names
