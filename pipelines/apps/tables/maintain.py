"""`agora tables maintain`: few, clustered files instead of many small ones, while the stream goes on."""

from __future__ import annotations

import json as json_text
import time
from typing import Annotated

import msgspec
import typer
from rich import filesize
from rich.table import Table as Grid

from pipelines.apps.grid import table_console
from pipelines.apps.tables.lakes import lake_of
from pipelines.settings import settings
from spark_jobs import maintain as maintenance
from spark_jobs.maintain import Maintained, Maintenance

app = typer.Typer(add_completion=False)


@app.command()
def maintain(
    tables: Annotated[list[str] | None, typer.Argument(metavar="[TABLE]...", help="Only these; otherwise all.")] = None,
    apply: Annotated[bool, typer.Option("--apply/--dry-run", help="Do it; otherwise only say what would be done.")] = False,
    retain: Annotated[
        int, typer.Option("--retain", min=1, help="Hours for which files that were replaced are kept for their readers.")
    ] = maintenance.RETAIN_HOURS,
    labels: Annotated[bool, typer.Option("--labels", help="The tables of ground truth instead of the market's.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Put small files together, with their rows ordered by symbol and time, and remove files that are no part of a table any more.

    Safe beside a running stream, and to repeat: rows stay what they are, and files of a batch under way are known and kept.

    Examples:  [bold]agora tables maintain[/bold]   [bold]agora tables maintain --apply[/bold]
    [bold]agora tables maintain silver.trades silver.ticks --apply --retain 24 --json[/bold]
    """
    began, lake = time.monotonic(), lake_of(settings(), labels, tables or ())
    done = maintenance.maintain(Maintenance(lake.place, lake.journal, apply, retain), lake.tables)
    if not json:
        show(done, apply)
        return
    result = {"applied": apply, "retain_hours": retain, "tables": msgspec.to_builtins(done)} | totals(done)
    print(json_text.dumps(result | {"seconds": round(time.monotonic() - began, 2)}, separators=(",", ":")))


COUNTED = ("files_before", "files_after", "bytes_before", "bytes_after", "compacted", "written", "removed", "removed_bytes")


def totals(done: list[Maintained]) -> dict[str, int]:
    """The sums over all tables."""
    return {name: sum(getattr(one, name) for one in done) for name in COUNTED}


def show(done: list[Maintained], applied: bool) -> None:
    """Print the result for people."""
    grid = Grid("table", "files", "", "", "size", "removed", "size", "", box=None, pad_edge=False)
    for place in (1, 3, 4, 5, 6):
        grid.columns[place].justify = "right"
    for one in done:
        gone = (f"{one.removed:,}", filesize.decimal(one.removed_bytes)) if one.removed else ("", "")
        grid.add_row(one.table, f"{one.files_before:,}", "->", f"{one.files_after:,}", filesize.decimal(one.bytes_after), *gone, one.note)
    table_console().print(grid)
    if not applied:
        print("nothing was changed: this is what --apply would do")
