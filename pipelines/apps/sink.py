"""`agora sink NAME`: bring what the topics carry into a store."""

from __future__ import annotations

import json as json_text
from dataclasses import asdict
from typing import Annotated

import typer

from pipelines import logs
from pipelines.apps.errors import UserError
from pipelines.apps.stream import stop_on_signals
from pipelines.broker.kafka_log import KafkaLog
from pipelines.kafka_access import sink_principal
from pipelines.local_stack import stack
from pipelines.settings import settings
from pipelines.sinks.batch_writer import BatchWriter, Figures, Pace
from pipelines.sinks.status import StatusFile, lock
from pipelines.workers.broker_set_up import set_up_broker
from pipelines.workers.stores import NAMES, check_store, open_sink

app = typer.Typer(add_completion=False)


@app.command()
def sink(
    store: Annotated[str, typer.Argument(metavar="|".join(NAMES), help="Which store.")],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new records until Ctrl-C.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Write what there is now, then stop.")] = False,
    events: Annotated[int, typer.Option("--events", min=1, help="Events of a batch.")] = Pace().events,
    patience: Annotated[float, typer.Option("--patience", min=0, help="Seconds that --once waits for an absent store.")] = Pace().patience,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON at the end.")] = False,
) -> None:
    """Write the events of a store's topics into it, each once. It goes on where the store is, however the last one ended.

    A store that is away is waited for; others do not notice. What cannot be read or is refused: `agora dlq list`.

    Examples:  [bold]agora sink redis --follow[/bold]   [bold]agora sink elasticsearch --once --json[/bold]
    """
    if follow == once:
        raise UserError("a sink either follows or writes once", "give one of --follow and --once")
    logs.begin("sink", sink=check_store(store))
    config = settings()
    set_up_broker(config)
    with lock(config.sinks_dir, store):
        log = KafkaLog(stack.broker(config, sink_principal(store)))
        file = StatusFile(config.sinks_dir, store)
        try:
            writer = BatchWriter(log, open_sink(config, store, log), stop_on_signals(), Pace(events=events, patience=patience), file.tell)
            show(store, writer.run(once), json)
        finally:
            file.stopped()
            log.close()


def show(store: str, figures: Figures, json: bool) -> None:
    """Print what was done."""
    behind = sum(figures.behind.values())
    if json:
        told = asdict(figures) | {"store": store, "behind": behind, "verdicts": dict(figures.verdicts)}
        print(json_text.dumps(told, separators=(",", ":")))
        return
    rate = figures.events / figures.write_seconds if figures.write_seconds else 0.0
    print(
        f"{store}: {figures.events:,} events in {figures.batches:,} batches, {rate:,.0f} a second while writing, {behind:,} records behind"
    )
    if figures.refused:
        print(f"{figures.refused:,} records became dead letters: agora dlq list")
