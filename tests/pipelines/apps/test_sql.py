"""Questions to the tables, by DuckDB; Spark's answers are checked in the flow tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from deltalake import write_deltalake
from typer.testing import CliRunner

from pipelines.apps.errors import UserError
from pipelines.apps.sql import app
from pipelines.apps.sql.answers import blocks
from pipelines.apps.sql.engines import Engine, ask_duckdb, ask_spark, asked_for
from pipelines.apps.sql.prompt import converse, statements
from pipelines.settings import Settings
from spark_jobs.catalog import present
from spark_jobs.delta_writes import merge_new
from spark_jobs.gold import alerts
from tests.spark_jobs.lakes import Bench
from tests.spark_jobs.records import block, kafka, trades

START_NS = 1_700_000_000_000_000_000

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


def test_spark_does_not_read_an_object_store_and_names_who_does(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="s3://market/lake is an object store; ask DuckDB: agora sql --engine duckdb"):
        ask_spark(Settings(data_dir=tmp_path, lake="s3://market/lake"), "SELECT 1", 10)


@pytest.mark.parametrize("query", ["DROP TABLE silver.trades", "delete from silver.trades", "/* select */ drop table x"])
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
    assert list(asked_for("SELECT * FROM silver.trades_named", names | {"silver.worlds": Path("w")})) == ["silver.trades", "silver.worlds"]


def test_views_have_names_words_and_the_time(tmp_path: Path) -> None:
    names = [(0, "symbol", 1, "WHEAT"), (1, "symbol", 0, "CORN"), (2, "topic", 1, "news")]
    rows = [
        {"seq": seq, "start_ns": START_NS, "step_ns": 100_000_000, "kind": kind, "id": number, "name": name}
        for seq, kind, number, name in names
    ]
    Bench(tmp_path).batch(0, [kafka((block("worlds", rows), 0))], [kafka((trades(5, 6, symbol=1, aggressor=1), 0))])
    query = "SELECT symbol, symbol_name, aggressor_word, time FROM silver.trades_named ORDER BY seq"
    answer = ask_duckdb(Settings(data_dir=tmp_path), query, 0)
    at = datetime.fromtimestamp(START_NS / 1e9, UTC).replace(tzinfo=None)
    assert answer.rows == [(1, "WHEAT", "sell", at + timedelta(milliseconds=100 * step)) for step in (5, 6)]


def test_every_table_has_a_view(chosen: Settings) -> None:
    for known in present(chosen.lake_dir):
        answer = ask_duckdb(chosen, f"SELECT * FROM {known.name}_named", 1)
        assert answer.columns[: len(known.schema.names)] == known.schema.names


@pytest.mark.parametrize(
    ("form", "printed"),
    [("csv", "seq,nothing\n1,\n2,\n3,\n"), ("json", '{"columns":["seq","nothing"],"rows":[[1,null],[2,null],[3,null]],"engine":"duckdb"')],
)
def test_answers_for_other_programs(chosen: Settings, monkeypatch: pytest.MonkeyPatch, form: str, printed: str) -> None:
    monkeypatch.setenv("AGORA_DATA_DIR", str(chosen.data_dir))
    query = "SELECT seq, NULL AS nothing FROM silver.trades ORDER BY seq"
    assert CliRunner().invoke(app, [query, "-e", "duckdb", "-n", "0", "-o", form]).stdout.startswith(printed)


def test_questions_from_a_pipe_are_answered_one_by_one(chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_DATA_DIR", str(chosen.data_dir))
    piped = CliRunner().invoke(
        app, ["-e", "duckdb", "-o", "csv"], input="SELECT count(*) AS n FROM silver.trades; -- two;\nSELECT 'a;b' AS t;"
    )
    assert piped.stdout == "n\n3\nt\na;b\n"
    assert isinstance(CliRunner().invoke(app, ["-e", "duckdb"], input=" ; ").exception, UserError)


def test_a_conversation_takes_several_lines_and_survives_mistakes(chosen: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    typed: Iterator[Any] = iter(["SELECT", "1;", "drop", KeyboardInterrupt, "nonsense;", "\\d silver.trades", "SELECT 2;", "quit"])
    prompts, asked = [], []

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        line = next(typed)
        if line is KeyboardInterrupt:
            raise KeyboardInterrupt
        return str(line)

    converse(chosen, Engine.DUCKDB, asked.append, ask)
    assert asked == ["SELECT\n1", "SELECT 2"]
    assert prompts[:3] == ["duckdb> ", "      | ", "duckdb> "]
    told = capsys.readouterr()
    assert "'nonsense;' is no question" in told.err or "'nonsense' is no question" in told.err
    assert "at which it was traded" in told.out


def test_statements_end_at_semicolons_that_are_not_quoted() -> None:
    assert statements("a ';' b; \"c;\" -- d;\n; /* e; */ `f;`") == ["a ';' b", '"c;" -- d;', "/* e; */ `f;`"]
