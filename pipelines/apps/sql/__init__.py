"""`agora sql`: questions to the tables, by Spark SQL or, faster for small ones, by DuckDB."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from pipelines.apps.errors import UserError
from pipelines.apps.sql.answers import Output, printed
from pipelines.apps.sql.engines import Engine, ask, check_question
from pipelines.apps.sql.prompt import converse, statements
from pipelines.settings import settings

app = typer.Typer(add_completion=False)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="A SELECT over tables like silver.trades; without one: a prompt, or stdin.")] = "",
    engine: Annotated[Engine, typer.Option("--engine", "-e", help="spark, or duckdb for quick answers without a JVM.")] = Engine.SPARK,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="How many rows to show at most; 0: all.")] = 100,
    output: Annotated[Output, typer.Option("--output", "-o", help="How rows are printed.")] = Output.TABLE,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON; the same as --output json.")] = False,
) -> None:
    """Ask the tables a question. They are named layer.table, as in silver.trades or gold.market_minutes.

    Each has a view with names for ids, words for codes and the time: silver.trades_named. Without a question there is a prompt, with
    history and statements of several lines, each ended by a semicolon.

    Examples:  [bold]agora sql "SELECT * FROM gold.market_minutes"[/bold]   [bold]agora sql -e duckdb[/bold]
    [bold]agora sql -e duckdb "SELECT run_id, count(*) FROM silver.trades GROUP BY run_id" --json[/bold]
    [bold]agora sql "SELECT * FROM silver.trades_named WHERE symbol_name = 'WHEAT'" --limit 0 --output csv > trades.csv[/bold]
    """
    chosen, form = settings(), Output.JSON if json else output

    def answered(question: str) -> None:
        began = time.monotonic()
        answer = ask(engine, chosen, question, limit)
        printed(answer, form, engine, limit, round(time.monotonic() - began, 2))

    if query.strip():
        answered(check_question(query))
    elif sys.stdin.isatty():
        converse(chosen, engine, answered)
    else:
        found = [check_question(question) for question in statements(sys.stdin.read())]
        if not found:
            raise UserError("there is no question", "give one as an argument or on standard input")
        for question in found:
            answered(question)
