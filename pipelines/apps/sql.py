"""`agora sql`: questions to the tables, by Spark SQL or, faster for small ones, by DuckDB."""

from __future__ import annotations

import json as json_text
import re
import time
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from pipelines.apps.errors import UserError
from pipelines.settings import Settings, settings

app = typer.Typer(add_completion=False)
READS = re.compile(r"^[\s(]*(select|with|show|describe|desc|explain|values|from|table)\b", re.IGNORECASE)


class Engine(StrEnum):
    """What answers."""

    SPARK = "spark"
    DUCKDB = "duckdb"


class Answer(NamedTuple):
    """Column names and rows."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="A SELECT over tables like silver.trades.")],
    engine: Annotated[Engine, typer.Option("--engine", "-e", help="spark, or duckdb for quick answers without a JVM.")] = Engine.SPARK,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many rows to show at most.")] = 100,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Ask the tables a question. They are named layer.table, as in silver.trades or gold.market_minutes.

    Examples:  [bold]agora sql "SELECT * FROM gold.market_minutes"[/bold]
    [bold]agora sql -e duckdb "SELECT run_id, count(*) FROM silver.trades GROUP BY run_id" --json[/bold]
    """
    if not READS.match(query):
        raise UserError(
            f"{query.split()[0] if query.split() else 'an empty text'!r} is no question",
            "begin with SELECT or WITH; tables are never changed here",
        )
    began = time.monotonic()
    answer = (ask_duckdb if engine is Engine.DUCKDB else ask_spark)(settings(), query, limit)
    seconds = round(time.monotonic() - began, 2)
    if json:
        rows = [[_plain(value) for value in row] for row in answer.rows]
        print(json_text.dumps({"columns": answer.columns, "rows": rows, "engine": engine, "seconds": seconds}, separators=(",", ":")))
    else:
        _show(answer, limit, seconds)


def ask_spark(chosen: Settings, query: str, limit: int) -> Answer:
    """The answer of Spark SQL."""
    names = known_tables(chosen.lake_dir)
    from pyspark.errors import AnalysisException, ParseException

    from spark_jobs import session as sessions

    session = sessions.build(chosen, "agora-sql")
    for name, path in asked_for(query, names).items():
        session.sql(f"CREATE SCHEMA IF NOT EXISTS {name.partition('.')[0]}")
        session.sql(f"CREATE TABLE IF NOT EXISTS {name} USING delta LOCATION '{path.as_posix()}'")
    try:
        frame = session.sql(query)
        return Answer(frame.columns, [tuple(row) for row in frame.limit(limit).collect()])
    except ParseException as error:
        raise UserError(_first_line(error)) from error
    except AnalysisException as error:
        raise _refusal(error, names) from error


def asked_for(query: str, names: dict[str, Path]) -> dict[str, Path]:
    """The tables that a question names, since Spark takes a second to open one; all if it names none."""
    plain = re.sub(r"\s*\.\s*", ".", query.replace("`", "")).lower()
    return {name: path for name, path in names.items() if name in plain} or names


def ask_duckdb(chosen: Settings, query: str, limit: int) -> Answer:
    """The answer of DuckDB."""
    names = known_tables(chosen.lake_dir)
    import duckdb

    from spark_jobs.dataset import dataset

    with duckdb.connect() as connection:
        for name, path in names.items():
            layer, _, table = name.partition(".")
            connection.register(f"{layer}__{table}", dataset(path))
            connection.execute(f'CREATE SCHEMA IF NOT EXISTS {layer}; CREATE VIEW {name} AS SELECT * FROM "{layer}__{table}"')
        try:
            found = connection.execute(query)
            return Answer([column[0] for column in found.description or ()], found.fetchmany(limit))
        except duckdb.Error as error:
            raise _refusal(error, names) from error


def known_tables(lake: Path) -> dict[str, Path]:
    """The folder of each table that exists. Raises UserError if there is none."""
    from spark_jobs.catalog import present

    found = {table.name: table.path(lake) for table in present(lake)}
    if not found:
        raise UserError(f"{lake} holds no tables yet", "fill them with `agora stream --once`")
    return found


def _refusal(error: Exception, names: dict[str, Path]) -> UserError:
    text = _first_line(error)
    if "TABLE_OR_VIEW_NOT_FOUND" in text or "does not exist" in text or "SCHEMA_NOT_FOUND" in text:
        return UserError(f"{text} The tables are {', '.join(names)}")
    return UserError(text)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].strip()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return bytes(value).hex()
    return value if isinstance(value, int | float | str | bool | list | dict | None) else str(value)


def _show(answer: Answer, limit: int, seconds: float) -> None:
    """A table where it fits the terminal, otherwise one block of lines per row."""
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table as Grid

    console = Console()
    rows = [[f"{value:.6g}" if isinstance(value, float) else str(_plain(value)) for value in row] for row in answer.rows]
    grid = Grid(*answer.columns)
    for row in rows:
        grid.add_row(*row)
    if Measurement.get(console, console.options.update(max_width=10_000), grid).maximum <= console.width:
        console.print(grid)
    else:
        print("\n\n".join(blocks(answer.columns, rows)))
    print(f"{len(rows)} rows, {seconds} s" + (", cut by --limit" if len(rows) == limit else ""))


def blocks(columns: list[str], rows: list[list[str]]) -> list[str]:
    """Each row as lines of name and value."""
    wide = max((len(name) for name in columns), default=0)
    return ["\n".join(f"{name:{wide}}  {value}" for name, value in zip(columns, row, strict=True)) for row in rows]
