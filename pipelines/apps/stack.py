"""`agora stack up|down|status`: the local servers."""

from __future__ import annotations

import json as json_text
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from pipelines.apps.lazy import new_app
from pipelines.local_stack import stack
from pipelines.local_stack.stack import ServerStatus
from pipelines.settings import settings

app = new_app("Start, stop and inspect the local servers.")
Json = Annotated[bool, typer.Option("--json", help="One compact line of JSON.")]


@app.command()
def up(json: Json = False) -> None:
    """Start the servers and wait until they answer. Data of earlier runs is kept.

    Examples:  [bold]agora stack up[/bold]   [bold]AGORA_KAFKA_PORT=9092 agora stack up[/bold]
    """
    _show(stack.up(settings()), json)


@app.command()
def down(json: Json = False) -> None:
    """Stop the servers. Their data is kept.

    Examples:  [bold]agora stack down[/bold]
    """
    stopped = stack.down(settings())
    if json:
        _print_json({"stopped": stopped})
    else:
        print(f"stopped {', '.join(stopped)}" if stopped else "nothing was running")


@app.command()
def status(json: Json = False) -> None:
    """Show how each server is. The exit code is 1 if one that is needed does not answer.

    Examples:  [bold]agora stack status[/bold]   [bold]agora stack status --json[/bold]
    """
    servers = stack.status(settings())
    _show(servers, json)
    if any(server.state not in ("running", "external") for server in servers):
        raise typer.Exit(1)


def _show(servers: Sequence[ServerStatus], json: bool) -> None:
    if json:
        _print_json({"servers": [asdict(server) for server in servers]})
        return
    for server in servers:
        details = [server.address, f"process {server.process_id}, {server.memory_mib} MiB" if server.process_id else "", server.folder]
        print("  ".join(part for part in [server.name, server.state, *details] if part))


def _print_json(value: object) -> None:
    print(json_text.dumps(value, separators=(",", ":")))
