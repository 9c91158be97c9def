"""`agora backfill NAME`: write a range of the Delta tables into a store again."""

from __future__ import annotations

import json as json_text
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from pipelines.apps.errors import UserError
from pipelines.apps.verify import latest
from pipelines.broker.kafka_log import KafkaLog
from pipelines.kafka_access import sink_principal
from pipelines.local_stack import stack
from pipelines.settings import settings
from pipelines.sinks.status import lock
from pipelines.sinks.worlds import Worlds
from pipelines.workers.backfill import Range, backfill
from pipelines.workers.reconcile.lake import Lake
from pipelines.workers.registry import Registry
from pipelines.workers.stores import LIVE, NAMES, check_store, open_sink

app = typer.Typer(add_completion=False)


@app.command("backfill")
def run(
    store: Annotated[str, typer.Argument(metavar="|".join(NAMES), help="Which store.")],
    run_id: Annotated[str, typer.Option("--run", help="The run's id; the latest one otherwise.")] = "",
    first: Annotated[str, typer.Option("--from", help="Simulated time from which on, such as 2026-11-21T10:15; the start otherwise.")] = "",
    end: Annotated[str, typer.Option("--to", help="Simulated time before which; the end otherwise.")] = "",
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Write what silver has of a run into a store; what the store has already stays one. Older ranges may come after newer ones.

    Examples:  [bold]agora backfill cassandra[/bold]   [bold]agora backfill elasticsearch --run RUN --from 2026-11-21 --to 2026-11-22[/bold]
    """
    if check_store(store) in LIVE:
        raise UserError(
            f"{store} keeps the present state only, in which an older time would stand over a newer one",
            f"let it read the topics: agora sink {store} --once",
        )
    within = Range(instant_ns(first, "--from", Range().first_ns), instant_ns(end, "--to", Range().end_ns))
    config = settings()
    record = Registry(config.runs_dir).load(run_id or latest(Registry(config.runs_dir)))
    console = Console(stderr=True)
    log = KafkaLog(stack.broker(config, sink_principal(store)))
    try:
        with lock(config.sinks_dir, store), console.status("") as status:
            sink = open_sink(config, store, log)
            try:
                count = backfill(
                    Lake(config.lake_dir),
                    Worlds(log),
                    sink,
                    record.run_id,
                    within,
                    lambda name, rows: status.update(f"{name}, {rows:,} rows"),
                )
            finally:
                sink.close()
    finally:
        log.close()
    print(
        json_text.dumps({"run": record.run_id, "rows": count})
        if json
        else f"{store} has {count:,} rows of run {record.run_id} in that range"
    )


def instant_ns(text: str, option: str, otherwise: int) -> int:
    """An instant in ns since 1970; UTC unless it says otherwise. Raises UserError for what is none.

    >>> instant_ns("1970-01-01T00:00:01", "--from", 0)
    1000000000
    """
    if not text:
        return otherwise
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"{option} {text!r} is no instant", "write it like 2026-11-21 or 2026-11-21T10:15:00") from None
    return round((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1_000_000_000)
