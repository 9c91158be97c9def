"""`agora tail TOPIC`: watch the events of a topic, decoded."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import typer

from pipelines.apps.errors import UserError
from pipelines.broker.kafka_log import KafkaLog
from pipelines.events.topics import topic_named
from pipelines.events.words import named
from pipelines.kafka_access import Principal
from pipelines.local_stack import stack
from pipelines.ports import EventLog, StoredRecord
from pipelines.settings import settings
from pipelines.sinks.worlds import Worlds
from pipelines.workers.readable import known_topic, last_events, line, new_events
from pipelines.workers.registry import Registry

app = typer.Typer(add_completion=False)
POLL_SECONDS = 0.3


@app.command()
def tail(
    topic: Annotated[str, typer.Argument(help="A topic like market.trades, or just trades.")],
    run: Annotated[str, typer.Option("--run", help="Only the events of this run.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="How many of the last events to begin with.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new events until Ctrl-C.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One line of JSON; with --follow one line per event.")] = False,
) -> None:
    """Watch the events of a topic.

    Examples:  [bold]agora tail trades[/bold]   [bold]agora tail orders --limit 5[/bold]   [bold]agora tail ticks --follow --json[/bold]
    """
    name = known_topic(topic)
    config = settings()
    if run:
        Registry(config.runs_dir).load(run)
    log = KafkaLog(stack.broker(config, Principal.LABELS if topic_named(name).event == "labels" else Principal.VIEWER))
    try:
        show(log, name, limit, follow, json, wanted_by(run))
    finally:
        log.close()


def wanted_by(run: str) -> Callable[[StoredRecord], bool]:
    """Which records to show."""
    prefix = f"{run}/".encode()
    return (lambda record: record.key.startswith(prefix)) if run else (lambda record: True)


def show(log: EventLog, topic: str, limit: int, follow: bool, json: bool, wanted: Callable[[StoredRecord], bool]) -> None:
    """Print the last events, then new ones as they come if asked to."""
    event, names = topic_named(topic).event, Worlds(log)
    found, ends = last_events(log, topic, limit, wanted)
    known = [named(event, row, names) for row in found]
    if json and not follow:
        put(msgspec.json.encode({"topic": topic, "events": known}).decode())
        return
    if not known and not follow:
        raise UserError(f"{topic} holds no such events yet", "publish some with `agora simulate --to kafka`")
    for row in known:
        put_row(row, json)
    while follow:
        for row in new_events(log, topic, ends, wanted):
            put_row(named(event, row, names), json)
        time.sleep(POLL_SECONDS)


def put_row(row: dict[str, Any], json: bool) -> None:
    """Print one event."""
    put(msgspec.json.encode(row).decode() if json else line(row))


def put(text: str) -> None:
    """Print a line at once, also into a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
