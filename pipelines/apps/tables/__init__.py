"""`agora tables`: what the lake holds, what its columns mean, and how it is kept fast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from pipelines.apps.lazy import Verb, add_verbs, new_app

VERBS = [
    Verb(name, f"{__name__}.{name}", summary)
    for name, summary in {
        "show": "The columns of a table: type, unit, meaning, and where its rows come from.",
        "maintain": "Put small files together, cluster them, remove what is no part of a table any more.",
        "serve": "Serve the tables to Spark Connect clients and, over JDBC and ODBC, to BI tools.",
    }.items()
]


def build(arguments: Sequence[str]) -> typer.Typer:
    """The group of verbs; alone it lists the tables."""
    app = new_app("List the tables; show one; keep them fast.")
    app.callback(invoke_without_command=True, no_args_is_help=False)(tables)
    return add_verbs(app, VERBS, arguments)


def tables(
    context: typer.Context,
    labels: Annotated[bool, typer.Option("--labels", help="The tables of ground truth instead of the market's.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """List the tables of the lake: rows, files, size, and when their rows changed last.

    Examples:  [bold]agora tables[/bold]   [bold]agora tables show silver.trades[/bold]   [bold]agora tables maintain --apply[/bold]
    """
    if context.invoked_subcommand is None:
        from pipelines.apps.tables.listing import listed

        listed(labels, json)
