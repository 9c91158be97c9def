"""`agora catalogue`: tell the stores of this machine's runs, experiments and policies."""

from __future__ import annotations

import json as json_text
from typing import Annotated

import typer

from pipelines.apps.chosen import stores_in
from pipelines.apps.errors import ExitCode
from pipelines.local_stack import stack
from pipelines.settings import Settings, settings

app = typer.Typer(add_completion=False)
STORES = ("mongodb", "sql")


@app.command()
def catalogue(
    to: Annotated[str, typer.Option("--to", help="Which stores, separated by commas: mongodb, sql.")] = "sql",
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing: tell what the stores lack; the exit code is 1 if that is anything.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Write runs, experiments and policies into the stores. Repeating it changes nothing but what has gone on meanwhile.

    MongoDB takes runs and experiments that have ended, the relational database all runs and their policies.

    Examples:  [bold]agora catalogue[/bold]   [bold]agora catalogue --to mongodb,sql --json[/bold]
    """
    names = stores_in(to, STORES)
    config = settings()
    if check:
        _tell({name: lacking(config, name) for name in names}, json)
        return
    written = {name: write(config, name) for name in names}
    if json:
        print(json_text.dumps(written, separators=(",", ":")))
    else:
        print("\n".join(f"{name}: {count} written" for name, count in written.items()))


def _tell(lack: dict[str, list[str]], json: bool) -> None:
    if json:
        print(json_text.dumps({"ok": not any(lack.values()), "lacking": lack}, separators=(",", ":")))
    else:
        print("\n".join(f"{name} lacks {', '.join(ids) or 'nothing'}" for name, ids in lack.items()))
    if any(lack.values()):
        raise typer.Exit(ExitCode.FAILED)


def write(config: Settings, name: str) -> int:
    """Write what there is into one store; return how many documents or rows."""
    from pipelines.workers.catalogue import Catalogue  # the learning packages take a second to import

    found = Catalogue(config)
    if name == "mongodb":
        from pipelines.sinks import mongodb_catalogue

        return mongodb_catalogue.catalogue(stack.store_address(config, "mongodb"), found.runs(), found.experiments())
    from pipelines.sinks import sql_catalogue

    return sql_catalogue.catalogue(stack.database_url(config), found.run_rows(), found.policy_rows())


def lacking(config: Settings, name: str) -> list[str]:
    """What of that one store does not have."""
    from pipelines.workers.catalogue import Catalogue

    found = Catalogue(config)
    if name == "mongodb":
        from pipelines.sinks import mongodb_catalogue

        return mongodb_catalogue.lacking(stack.store_address(config, "mongodb"), found.runs(), found.experiments())
    from pipelines.sinks import sql_catalogue

    return sql_catalogue.lacking(stack.database_url(config), found.run_rows(), found.policy_rows())
