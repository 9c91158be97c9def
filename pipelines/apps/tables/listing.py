"""What `agora tables` prints."""

from __future__ import annotations

import json as json_text
import time

import msgspec
from rich import filesize
from rich.table import Table as Grid

from pipelines.apps.grid import table_console
from pipelines.apps.tables.lakes import lake_of
from pipelines.settings import settings
from spark_jobs.inventory import TableFacts, facts


def listed(labels: bool, json: bool) -> None:
    """Print the tables of a lake."""
    lake = lake_of(settings(), labels)
    found = [facts(lake.place, table) for table in lake.tables]
    if json:
        print(json_text.dumps({"lake": str(lake.place), "tables": msgspec.to_builtins(found)}, separators=(",", ":")))
    else:
        _show(found)


def _show(found: list[TableFacts]) -> None:
    grid = Grid("table", "rows", "files", "size", "changed", "what it holds", box=None, pad_edge=False)
    for column in grid.columns[1:5]:
        column.justify = "right"
    for one in found:
        grid.add_row(one.table, f"{one.rows:,}", f"{one.files:,}", filesize.decimal(one.bytes), ago(time.time() - one.changed_at), one.doc)
    table_console().print(grid)


def ago(seconds: float) -> str:
    """How long ago, in the largest unit that fits."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit} ago"
    return f"{max(0.0, seconds):.0f} s ago"
