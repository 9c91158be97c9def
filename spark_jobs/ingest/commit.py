"""The driver's part of a batch: journal first, then dead letters and alerts to Kafka, then bronze, then the rest.

Every step can be cut off and repeated: the journal entry is replaced whole, commits name their batch, alerts have ids
and dead letters their coordinates.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol, TypeVar

from pipelines.events.topics import PARTITIONS
from spark_jobs.catalog import BRONZE
from spark_jobs.delta_writes import Lake, merge_new
from spark_jobs.gold import alerts
from spark_jobs.ingest.journal import Entry, Journal, Report, combine
from spark_jobs.ingest.outgoing import Outgoing, alert_records, dead_letter

REMEMBERED = 100_000  # alerts
THREADS = 4  # that commit at once: a commit waits for the disk more than it works
T = TypeVar("T")
Tasks = Callable[[Entry], Iterable[Report]]
"""Runs the tasks of a batch from the state before it."""


class Outbox(Protocol):
    """Sends records to Kafka; returns when the broker has acknowledged all of them, raises otherwise. May send twice."""

    def __call__(self, records: list[Outgoing]) -> None: ...


class Committer:
    """Turns batches into commits, each once.

    Parameters
    ----------
    lake : the open tables.
    journal : where the state after each batch is kept.
    outbox : the way to Kafka.
    partitions : how many each topic there has.
    """

    def __init__(self, lake: Lake, journal: Journal, outbox: Outbox, partitions: int = PARTITIONS) -> None:
        self.lake, self.journal, self.outbox, self.partitions = lake, journal, outbox, partitions
        self.merged: dict[str, None] = {}  # the newest alerts that were merged; they come back from Kafka
        self.seconds: dict[str, float] = {}
        """How long the parts of the last batch took."""

    def process(self, batch: int, tasks: Tasks) -> Entry:
        """Do a batch, or what is left of it. Raises ValueError if the journal belongs to another stream."""
        entry = self.journal.read(batch)
        if entry is None:
            before = self.journal.before(batch)
            reports = self._timed("tasks", lambda: list(tasks(before)))
            entry = combine(before, batch, self.lake.application, reports)
            self._timed("journal", partial(self.journal.write, entry))
        check_owner(entry, self.lake.application)
        self._timed("send", partial(self._send, entry))
        self._timed("commit", partial(self._commit, entry))
        return entry

    def _timed(self, part: str, work: Callable[[], T]) -> T:
        began = time.monotonic()
        done = work()
        self.seconds[part] = round(time.monotonic() - began, 3)
        return done

    def _send(self, entry: Entry) -> None:
        outgoing = [dead_letter(refused) for refused in entry.refused] + alert_records(entry.raised, self.partitions)
        if outgoing and self.lake.committed(BRONZE.name) < entry.batch:
            self.outbox(outgoing)

    def _commit(self, entry: Entry) -> None:
        files = {table: [file for file in entry.files if file.table == table] for table in self.lake.tables}
        self.lake.commit(BRONZE.name, entry.batch, files.pop(BRONZE.name))
        with ThreadPoolExecutor(THREADS) as pool:
            commits: list[Future[Any]] = [pool.submit(self._merge_alerts, entry)]
            commits += [pool.submit(self.lake.commit, table, entry.batch, written) for table, written in files.items() if written]
        for commit in commits:
            commit.result()

    def _merge_alerts(self, entry: Entry) -> None:
        found = [alert for alert in entry.raised + entry.alerts if alert["alert_id"] not in self.merged]
        if found:
            merge_new(self.lake.folder, alerts.TABLE, alerts.transform(found))
            self.merged = dict.fromkeys([*self.merged, *(alert["alert_id"] for alert in found)][-REMEMBERED:])


def check_owner(entry: Entry, application: str) -> None:
    """ValueError if an entry was written by another stream."""
    if entry.application and entry.application != application:
        raise ValueError(
            f"the journal belongs to stream {entry.application}, not to {application}: Spark's checkpoint was removed or replaced; "
            "restore it, or remove the lake and all its checkpoints to read everything again"
        )
