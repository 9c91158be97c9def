"""`agora tables show NAME`: a table's columns and where its rows come from."""

from __future__ import annotations

import json as json_text
from typing import Annotated, Any

import typer
from rich.table import Table as Grid

from pipelines.apps.grid import table_console
from spark_jobs.catalog import downstream, table
from spark_jobs.document import type_name
from spark_jobs.table import Table

app = typer.Typer(add_completion=False)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A table, as in silver.trades.")],
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Show a table's columns with type, unit and meaning, its key, and the tables before and behind it.

    Examples:  [bold]agora tables show silver.trades[/bold]   [bold]agora tables show gold.market_minutes --json[/bold]
    """
    found = described(table(name))
    if json:
        print(json_text.dumps(found, separators=(",", ":")))
        return
    print(f"{name}: {found['doc']}")
    for word in ("key", "upstream", "downstream", "partition_by", "cluster_by"):
        print(f"{word.replace('_', ' '):13} {', '.join(found[word]) or '-'}")
    grid = Grid("column", "type", "unit", "meaning", box=None, pad_edge=False)
    for column in found["columns"]:
        grid.add_row(column["name"], column["type"], column["unit"], column["meaning"])
    table_console().print(grid)


def described(chosen: Table) -> dict[str, Any]:
    """All that is known of a table without looking at its rows."""
    columns = [{"name": field.name, "type": type_name(field.type), **chosen.columns[field.name]._asdict()} for field in chosen.schema]
    return {
        "table": chosen.name,
        "doc": chosen.doc,
        "key": chosen.key,
        "upstream": chosen.upstream,
        "downstream": [each.name for each in downstream(chosen)],
        "partition_by": chosen.partition_by,
        "cluster_by": chosen.cluster_by,
        "columns": columns,
    }
