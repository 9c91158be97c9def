"""How answers are printed: for people, as CSV, as JSON."""

from __future__ import annotations

import csv
import json as json_text
import sys
from datetime import datetime
from enum import StrEnum
from typing import Any

from pipelines.apps.sql.engines import Answer, Engine


class Output(StrEnum):
    """table is for people; csv has a line of names; json is one line."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def printed(answer: Answer, form: Output, engine: Engine, limit: int, seconds: float) -> None:
    """Print an answer on standard output."""
    if form is Output.TABLE:
        _show(answer, limit, seconds)
        return
    rows = [[_plain(value) for value in row] for row in answer.rows]
    if form is Output.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows(["" if value is None else value for value in row] for row in rows)
    else:
        print(json_text.dumps({"columns": answer.columns, "rows": rows, "engine": engine, "seconds": seconds}, separators=(",", ":")))


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
