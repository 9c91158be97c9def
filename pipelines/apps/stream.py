"""`agora stream`: Kafka topics into Delta tables."""

from __future__ import annotations

import json as json_text
import signal
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from pipelines import logs
from pipelines.apps.errors import UserError
from pipelines.local_stack import stack
from pipelines.settings import settings
from pipelines.workers.asset_events import telling
from pipelines.workers.broker_set_up import set_up_broker
from pipelines.workers.registry import RUN_ID
from spark_jobs.ingest.status import Status, as_plain

app = typer.Typer(add_completion=False)


@app.command()
def stream(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new records until Ctrl-C.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Read what there is now, then stop.")] = False,
    labels: Annotated[bool, typer.Option("--labels", help="Read the ground truth, into a lake of its own, instead of the market.")] = False,
    refresh: Annotated[float, typer.Option("--refresh", min=0, help="Seconds between refreshes of gold; 0: leave gold alone.")] = 15.0,
    models: Annotated[Path | None, typer.Option("--models", help="A folder of detectors' models; otherwise those of the product.")] = None,
    run: Annotated[str, typer.Option("--run", metavar="RUN", help="With --once: read this run alone, into a lake of its own.")] = "",
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON at the end.")] = False,
) -> None:
    """Turn the Kafka topics into Delta tables: bronze as received, silver typed and free of doubles, gold, alerts.

    One stream per lake. It goes on where the last one stopped, however that ended. With --once beside a running
    --follow, it waits until that one has caught up.

    Examples:  [bold]agora stream --once[/bold]   [bold]agora stream --follow[/bold]   [bold]agora stream --once --labels[/bold]
    [bold]agora stream --once --run 20261121-101500-a1b2[/bold]
    """
    if follow == once:
        raise UserError("a stream either follows or reads once", "give one of --follow and --once")
    if run and (follow or not RUN_ID.fullmatch(run)):
        raise UserError(f"--run {run} needs --once and the id of a run", "give an id like 20261121-101500-a1b2, as `agora runs` lists them")
    logs.begin("stream")
    chosen = settings()
    set_up_broker(chosen)
    from spark_jobs import stream as streams  # here: Spark takes a second to load, which a wrong option need not wait for

    wanted = streams.LABELS if labels else streams.MARKET
    options = streams.Options(stack.broker(chosen, wanted.principal), once, refresh, models, run)
    with telling(chosen) if not labels else nullcontext():
        status = streams.run(chosen, wanted, options, stop_on_signals())
    show(status, json)


def stop_on_signals() -> threading.Event:
    """An event that Ctrl-C and kill set, so that the present batch is finished first."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _setter(stop))
    return stop


def _setter(stop: threading.Event) -> Callable[[int, FrameType | None], Any]:
    return lambda _number, _frame: stop.set()


def show(status: Status, json: bool) -> None:
    """Print how far the stream came."""
    if json:
        print(json_text.dumps(as_plain(status), separators=(",", ":")))
        return
    for table, rows in sorted(status.rows.items()):
        print(f"{table:24} {rows:>14,}")
    refused = {name: count for name, count in status.totals.items() if count and not name.startswith("rows:") and name not in QUIET}
    print("  ".join(f"{name} {count:,}" for name, count in sorted(refused.items())) or "nothing was refused")


QUIET = ("records", "events", "blocks_accepted", "blocks_fence")
"""Counters that tell of nothing unusual."""
