"""`agora check`: whether the tables hold what they promise."""

from __future__ import annotations

import sys
from typing import Annotated

import msgspec
import typer

from pipelines.apps.chosen import chosen_in
from pipelines.apps.errors import ExitCode
from pipelines.settings import settings

app = typer.Typer(add_completion=False)
ALL = "bronze,silver,gold"


@app.command()
def check(
    tables: Annotated[
        list[str] | None, typer.Argument(metavar="TABLE...", help="Such as gold.alerts; all of the layers otherwise.")
    ] = None,
    layers: Annotated[str, typer.Option("--layers", help="Which, separated by commas: bronze, silver, gold.")] = ALL,
    run: Annotated[list[str] | None, typer.Option("--run", help="Only rows of this run; may be given several times.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Check the tables: keys complete and unique, rows possible, gold equal to silver. The exit code is 1 if anything is wrong.

    `agora verify` compares a run with its simulator; this asks the tables alone, and needs neither.

    Examples:  [bold]agora check[/bold]   [bold]agora check --layers gold --run 20261121-101500-a1b2 --json[/bold]
    [bold]agora check bronze.dead_letters[/bold]
    """
    names = chosen_in(layers, ALL.split(","), "layer")
    from pipelines.workers.quality import check as look  # duckdb takes a moment to load

    found = look(settings().lake_dir, names, run or (), tables or ())
    if json:
        print(msgspec.json.encode({"ok": found.ok, **msgspec.to_builtins(found)}).decode())
    else:
        for name, rows in found.rows.items():
            print(f"{name:24} {rows:>14,}")
        print("nothing is wrong" if found.ok else f"{len(found.failures)} things are wrong")
    for failure in found.failures:
        print(failure, file=sys.stderr)
    if not found.ok:
        raise typer.Exit(ExitCode.FAILED)
