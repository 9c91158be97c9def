"""Kafka to bronze, silver and alerts, as one Spark query; gold is refreshed beside it.

    python -m spark_jobs.stream --follow        until Ctrl-C
    python -m spark_jobs.stream --once          what there is now, then stop
    python -m spark_jobs.stream --once --labels ground truth, into a lake of its own

One stream per lake. A restart goes on where the last one stopped, however it stopped.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from pipelines import logs
from pipelines.kafka_access import Principal, Servers, access
from pipelines.places import Place
from pipelines.redaction import redacted
from pipelines.settings import Settings, settings
from spark_jobs.catalog import LABEL_TABLES, LABEL_TOPICS, MARKET_TOPICS, QUARANTINE, SILVER
from spark_jobs.ingest.lock import LakeBusyError, hold
from spark_jobs.ingest.status import Status, as_plain, status_path
from spark_jobs.table import Table


@dataclass(frozen=True)
class Stream:
    """What a stream reads and writes. `lake` is the folder below the settings' lake."""

    name: str
    topics: tuple[str, ...]
    tables: tuple[Table, ...]
    lake: str = ""
    gold: bool = True
    detects: bool = True
    principal: Principal = Principal.STREAM

    def lake_dir(self, chosen: Settings) -> Place:
        """Where its tables lie."""
        return chosen.lake_dir / self.lake

    def checkpoint(self, chosen: Settings) -> Path:
        """Spark's offsets and the journal."""
        return chosen.checkpoints_dir / f"stream-{self.name}"

    def lock_dir(self, chosen: Settings) -> Path:
        """The folder of its lock: the lake, or its checkpoint where the lake is in an object store, which has no locks."""
        lake = self.lake_dir(chosen)
        return lake if isinstance(lake, Path) else self.checkpoint(chosen)

    def status_path(self, chosen: Settings) -> Path:
        """Where it says how far it is."""
        return status_path(chosen.data_dir, self.name)


MARKET = Stream("market", MARKET_TOPICS, (*SILVER, QUARANTINE))
LABELS = Stream(
    "labels", LABEL_TOPICS, (*LABEL_TABLES, QUARANTINE), lake="evaluation", gold=False, detects=False, principal=Principal.LABELS
)
REFRESH_S = 15.0


@dataclass(frozen=True)
class Options:
    """How a stream runs.

    `broker` is where Kafka is, and who we are there; `refresh_seconds` 0 leaves gold alone;
    `models` is a folder of other detectors' models; `run` is the only one that is read, of a stream that reads once.
    """

    broker: Servers
    once: bool = False
    refresh_seconds: float = REFRESH_S
    models: Path | None = None
    run: str = ""


def run(chosen: Settings, stream: Stream, options: Options, stop: threading.Event | None = None) -> Status:
    """Run a stream until it is done or `stop` is set, and return how far it came.

    A second stream of a lake is refused with LakeBusyError; with once, it waits for a following one to catch up instead.
    """
    from spark_jobs.ingest.driver import Driver
    from spark_jobs.ingest.waiting import wait_for_holder

    stopped = stop or threading.Event()
    while True:
        try:
            with hold(stream.lake_dir(chosen), "once" if options.once else "follow", stream.lock_dir(chosen)):
                return Driver(chosen, stream, options, stopped).run()
        except LakeBusyError as busy:
            if not options.once:
                raise
            status = wait_for_holder(stream.status_path(chosen), busy, stopped)
            if status is not None:
                return status


def main(arguments: list[str] | None = None, broker: Callable[[Settings], str] | None = None) -> int:
    """The command line; `broker` finds the broker when none is named. Returns the exit code."""
    given = _parser().parse_args(arguments)
    logs.begin("stream")
    chosen = settings()
    address = given.broker or chosen.broker or (broker(chosen) if broker else "")
    if not address:
        print("error: no broker named; give --broker host:port or set AGORA_BROKER", file=sys.stderr)
        return 2
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _setter(stop))
    stream = LABELS if given.labels else MARKET
    try:
        options = Options(access(chosen, address, stream.principal), given.once, given.refresh, given.models)
        status = run(chosen, stream, options, stop)
    except (ValueError, OSError) as error:
        print(f"error: {redacted(str(error))}", file=sys.stderr)
        return 2
    if given.json:
        print(json.dumps(as_plain(status), separators=(",", ":")))
    return 0


def _setter(stop: threading.Event) -> Callable[[int, FrameType | None], Any]:
    return lambda _number, _frame: stop.set()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m spark_jobs.stream", description=__doc__)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--follow", action="store_true", help="go on until stopped")
    mode.add_argument("--once", action="store_true", help="read what there is now, then stop")
    parser.add_argument("--labels", action="store_true", help="read ground truth into lake/evaluation instead of the market")
    parser.add_argument("--broker", default="", help="host:port; default: the settings' broker")
    parser.add_argument("--refresh", type=float, default=REFRESH_S, help="seconds between refreshes of gold; 0: never")
    parser.add_argument("--models", type=Path, help="a folder of models of detectors; default: those that come with the product")
    parser.add_argument("--json", action="store_true", help="print the final status as one line of JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
