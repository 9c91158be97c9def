"""`agora logs`: bring the logs of workers into Elasticsearch."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Annotated

import typer

from pipelines.apps.errors import UserError
from pipelines.apps.stream import stop_on_signals
from pipelines.local_stack.stack import store_address
from pipelines.ports import StoreUnavailable
from pipelines.settings import settings
from pipelines.sinks.batch_writer import patiently
from pipelines.sinks.elasticsearch_logs import LogShipper

app = typer.Typer(add_completion=False)
PAUSE_S = 2.0


@app.command()
def logs(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new lines until Ctrl-C.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Send what there is, and stop.")] = False,
) -> None:
    """Bring the logs of this data folder's workers into Elasticsearch, each line once, to be searched beside messages and alerts.

    Examples:  [bold]agora logs --once[/bold]   [bold]agora logs --follow[/bold]
    """
    if follow == once:
        raise UserError("logs are either followed or sent once", "give one of --follow and --once")
    config = settings()
    shipper = LogShipper(store_address(config, "elasticsearch"), config.data_dir)
    try:
        print(f"{shipper.ship() if once else followed(shipper, stop_on_signals()):,} lines sent")
    finally:
        shipper.close()


def followed(shipper: LogShipper, stop: threading.Event) -> int:
    """Send new lines until told to stop; a server that is away is waited for. How many were sent."""
    sent = 0
    tries = patiently(stop, lambda state: typer.echo(f"waits: {state.outcome and state.outcome.exception()}", err=True))
    with suppress(StoreUnavailable):  # told to stop while it waited
        while not stop.is_set():
            sent += tries(shipper.ship)
            stop.wait(PAUSE_S)
    return sent
