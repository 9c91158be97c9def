"""`agora healthy PART`: whether a part that goes on for ever does so, for the health check of a container."""

from __future__ import annotations

import time
from typing import Annotated, NamedTuple

import typer
import urllib3

from pipelines.apps.errors import ExitCode
from pipelines.settings import Settings, settings
from pipelines.sinks.status import read_all
from pipelines.workers.run_status import newest_here
from pipelines.workers.stores import NAMES, check_store
from spark_jobs.ingest.status import Status, read_status, status_path

STREAM, SIMULATE = "stream", "simulate"
PAGE_S = 10.0
SILENT_S = 120.0
"""A part that said nothing for so long hangs: a stream says something every second but while it refreshes gold, a sink or run every few."""


class Health(NamedTuple):
    """What a part last said of itself; `said_at` in seconds since 1970, 0 for never."""

    state: str = "not started"
    trouble: str = ""
    said_at: float = 0.0

    def well(self, now: float, silent: float = SILENT_S) -> bool:
        """Whether it goes on; silence of so many seconds means that it does not."""
        return self.state == "running" and now - self.said_at < silent


def healthy(
    part: Annotated[
        str, typer.Argument(metavar=f"{SIMULATE}|{STREAM}|{'|'.join(NAMES)}|URL", help="A run, the stream, a store's sink, or a web page.")
    ],
    silent: Annotated[float, typer.Option("--silent", min=1, help="Seconds of silence after which it is taken to hang.")] = SILENT_S,
) -> None:
    """Tell whether this machine's newest run, the stream or a sink of this data folder goes on, or a web page answers.

    The exit code is 1 if it has stopped, hangs, or waits for a server.

    Examples:  [bold]agora healthy stream[/bold]   [bold]agora healthy redis[/bold]   [bold]agora healthy simulate --silent 30[/bold]
    [bold]agora healthy http://127.0.0.1:9464/metrics[/bold]
    """
    health, now = health_of(settings(), part), time.time()
    since = f", silent for {now - health.said_at:.0f} s" if health.said_at else ""
    print(f"{part}: {health.state}{since}{f': {health.trouble}' if health.trouble else ''}")
    if not health.well(now, silent):
        raise typer.Exit(ExitCode.FAILED)


def health_of(config: Settings, part: str) -> Health:
    """What that part last said. Raises ValueError for an unknown one."""
    if part.startswith("http"):
        return _page(part)
    if part == STREAM:
        stream = read_status(status_path(config.data_dir))
        return _stream(stream) if stream else Health()
    if part == SIMULATE:
        run = newest_here(config.runs_dir)
        return Health("running" if run.goes_on else "stopped", said_at=run.moved_at) if run else Health()
    check_store(part)
    found = next((sink for sink in read_all(config.sinks_dir) if sink.name == part), None)
    return Health(found.state, found.trouble, found.updated_at) if found else Health()


def _stream(status: Status) -> Health:
    """A stream that has started and finds nothing to read goes on, too."""
    state = "running" if status.state == "starting" and status.caught_up else status.state
    return Health(state, status.error, status.updated_at)


def _page(url: str) -> Health:
    try:
        status = urllib3.request("GET", url, timeout=PAGE_S, retries=False).status
    except urllib3.exceptions.HTTPError as error:
        return Health("unreachable", str(error))
    return Health("running" if status == 200 else f"answers {status}", said_at=time.time())
