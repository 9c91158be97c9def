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
    config = settings()
    servers = stack.up(config, (*stack.ALWAYS, *names_in(stores)))
    if not config.broker and config.kafka_protocol != "PLAINTEXT":  # otherwise whoever needs the topics makes them
        from pipelines.workers.broker_set_up import set_up_local

        set_up_local(config, renew=True)
    _show(servers, json)


@app.command()
def secure(
    patience: Annotated[float, typer.Option("--patience", min=0, help="Seconds that the broker may take until it answers.")] = 0.0,
    json: Json = False,
) -> None:
    """Make topics and users on the broker, and give each principal exactly its rights; as agora-admin where it is elsewhere.

    Examples:  [bold]AGORA_KAFKA_PROTOCOL=SASL_PLAINTEXT agora stack secure[/bold]
    [bold]AGORA_BROKER=kafka:9093 AGORA_KAFKA_PROTOCOL=SASL_SSL AGORA_KAFKA_USERS_DIR=secrets/kafka agora stack secure[/bold]
    """
    from pipelines.apps.prepare import patiently
    from pipelines.workers.broker_set_up import secure_broker

    config = settings()
    made = patiently(patience, lambda: secure_broker(config))
    users, given, taken = made.secured or (0, 0, 0)
    if json:
        _print_json({"topics": made.topics, "users": users, "given": given, "taken": taken})
    else:
        print(f"{len(made.topics)} topics made, {users} users made or renewed, {given} rights given, {taken} taken")


@app.command()
def rights(json: Json = False) -> None:
    """Show what each principal may do on Kafka.

    Examples:  [bold]agora stack rights[/bold]   [bold]agora stack rights --json[/bold]
    """
    from pipelines.broker.rights import rights as table

    rows = [(right.principal, right.operation.name.lower(), right.kind.name.lower(), right.name) for right in sorted(table())]
    if json:
        _print_json([dict(zip(("principal", "operation", "kind", "name"), row, strict=True)) for row in rows])
    else:
        print("\n".join(f"{who:20} {operation:6} {kind:6} {name}" for who, operation, kind, name in rows))


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
