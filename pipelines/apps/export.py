"""`agora export`: tables of the lake as plain files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from pipelines.apps.errors import ExitCode, UserError
from pipelines.settings import settings
from pipelines.workers.lake_export import Format, export
from spark_jobs.catalog import present, table

app = typer.Typer(add_completion=False)


@app.command("export")
def run(
    tables: Annotated[
        list[str] | None, typer.Argument(metavar="TABLE...", help="Such as gold.market_minutes; all of gold otherwise.")
    ] = None,
    format: Annotated[Format, typer.Option("--format", "-f", help="What is written.")] = Format.PARQUET,
    to: Annotated[Path | None, typer.Option("--to", help="The folder; `exports` beside the lake otherwise.")] = None,
    runs: Annotated[list[str] | None, typer.Option("--run", help="Only rows of this run; may be given several times.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing: compare what was exported with the tables.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Write tables as Parquet, CSV or Delta for other programs, each into a folder of its name, which is replaced as a whole.

    With --check the exit code is 1 if an export has other rows than the version of the table that it was made of.

    Examples:  [bold]agora export[/bold]   [bold]agora export silver.trades --format csv --to shared/[/bold]
    [bold]agora export gold.alerts silver.orders --run 20261121-101500-a1b2[/bold]
    """
    config = settings()
    chosen = [table(name) for name in tables] if tables else [found for found in present(config.lake_dir) if found.layer == "gold"]
    if not chosen:
        raise UserError(f"{config.lake_dir} holds no gold tables yet", "make them with `agora refresh`, or name other tables")
    into = (to or config.data_dir / "exports").absolute()
    if check:
        from pipelines.workers.export_proof import differences  # duckdb takes a moment to load

        wrong = [text for each in chosen for text in differences(config.lake_dir, each, into, format, runs or ())]
        _tell(wrong, [each.name for each in chosen], json)
        return
    done = [export(config.lake_dir, each, into, format, runs or ()) for each in chosen]
    if json:
        print(msgspec.json.encode({"exported": done, "rows": sum(each.rows for each in done)}).decode())
        return
    for each in done:
        print(f"{each.table:24} {each.rows:>14,} rows  {each.folder}")


def _tell(wrong: list[str], compared: list[str], json: bool) -> None:
    print(msgspec.json.encode({"ok": not wrong, "compared": compared, "differences": wrong}).decode() if json else _summed(wrong))
    for text in wrong:
        print(f"differs: {text}", file=sys.stderr)
    if wrong:
        raise typer.Exit(ExitCode.FAILED)


def _summed(wrong: list[str]) -> str:
    return f"{len(wrong)} of the exports differ" if wrong else "every export has the rows of its table"
