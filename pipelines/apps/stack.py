"""`agora stack up|down|status`: the local servers."""

from __future__ import annotations

import json as json_text
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from pipelines.apps.chosen import names_in
from pipelines.apps.lazy import new_app
from pipelines.local_stack import stack
from pipelines.local_stack.stack import ServerStatus
from pipelines.settings import settings

app = new_app("Start, stop and inspect the local servers.")
With = Annotated[str, typer.Option("--with", help="The stores, separated by commas: redis, elasticsearch, mongodb, cassandra, postgres.")]
Json = Annotated[bool, typer.Option("--json", help="One compact line of JSON.")]


@app.command()
def up(stores: With = "", json: Json = False) -> None:
    """Start Kafka, and the stores that are asked for, and wait until they answer. Data of earlier runs is kept.

    Examples:  [bold]agora stack up[/bold]   [bold]agora stack up --with redis,postgres[/bold]
    [bold]AGORA_KAFKA_PORT=9092 agora stack up[/bold]
    """
    _show(stack.up(settings(), (*stack.ALWAYS, *names_in(stores))), json)


@app.command()
def down(stores: With = "", json: Json = False) -> None:
    """Stop all servers, or only the stores named. Their data is kept.

    Examples:  [bold]agora stack down[/bold]   [bold]agora stack down --with cassandra[/bold]
    """
    stopped = stack.down(settings(), names_in(stores))
    if json:
        _print_json({"stopped": stopped})
    else:
        print(f"stopped {', '.join(stopped)}" if stopped else "nothing was running")


@app.command()
def status(stores: With = "", json: Json = False) -> None:
    """Show how Kafka is and every store that was ever started, or only the stores named. The exit code is 1 if one of them does not answer.

    Examples:  [bold]agora stack status[/bold]   [bold]agora stack status --with redis --json[/bold]
    """
    servers = stack.status(settings(), names_in(stores))
    _show(servers, json)
    if any(server.state not in ("running", "external") for server in servers):
        raise typer.Exit(1)


def _show(servers: Sequence[ServerStatus], json: bool) -> None:
    if json:
        _print_json({"servers": [asdict(server) for server in servers]})
        return
    for server in servers:
        details = [server.address, f"process {server.process_id}, {server.memory_mib} MiB" if server.process_id else "", server.folder]
        print("  ".join(part for part in [server.name, server.version, server.state, *details] if part))


def _print_json(value: object) -> None:
    print(json_text.dumps(value, separators=(",", ":")))
