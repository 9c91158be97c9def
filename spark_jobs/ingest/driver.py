"""The process around the query: progress, refreshes of gold, patience with the broker, a clean stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.sql import SparkSession

from pipelines.events.topics import other_partitions
from pipelines.kafka_access import Servers
from pipelines.settings import Settings
from spark_jobs import session as sessions
from spark_jobs.batch import Looking, refresh
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.models import present_models, read_models
from spark_jobs.ingest.failures import StreamError, explain, is_broker_away, is_disk_full, is_refusal
from spark_jobs.ingest.journal import Entry
from spark_jobs.ingest.kafka_side import Ends, KafkaOutbox
from spark_jobs.ingest.outgoing import alert_records
from spark_jobs.ingest.query import Query, Stopping
from spark_jobs.ingest.status import Status, StatusFile
from spark_jobs.ingest.task import warm_up

if TYPE_CHECKING:
    from spark_jobs.stream import Options, Stream

log = structlog.get_logger(__name__)
CHECK_S = 1.0
FAULTS = 3  # in a row, without a batch between them, other than an absent broker
PATIENCE_S = {True: 60.0, False: 86_400.0}  # with an absent broker: once, follow


class Driver:
    """Runs one stream in this process."""

    def __init__(self, chosen: Settings, stream: Stream, options: Options, stop: threading.Event) -> None:
        self.settings, self.stream, self.options, self.stop = chosen, stream, options, stop
        self.lake = stream.lake_dir(chosen)
        self.models = _models(chosen, options) if stream.detects else {}
        self.status = StatusFile(stream.status_path(chosen), "once" if options.once else "follow")
        self.touched: set[str] = set()
        self.ends: Ends | None = None
        self.query: Query | None = None
        self.touched_at, self.refresh_cost = 0.0, 0.0
        self.faults = 0

    def run(self) -> Status:
        """Until done or stopped. Raises StreamError for what the user can mend, anything else for a fault."""
        self.status.write("starting")
        session = sessions.build(self.settings, f"agora-stream-{self.stream.name}")
        threading.Thread(target=_warm_up, args=[session, self.models], daemon=True, name="warm-up").start()
        query = self.query = self._query(session)
        self.status.resume(query.last())
        try:
            self._read_until_done(query, session)
            self._refresh(session)
        except BaseException as error:
            shown = explain(error, self.options.broker, self.lake) or error
            self.status.write("failed", str(shown).partition("\n")[0])
            raise shown from error
        self.status.write("stopped")
        return self.status.status

    def _query(self, session: SparkSession) -> Query:
        read = (self.stream.topics, self.stream.tables, self.lake, self.stream.checkpoint(self.settings))
        return Query(session, self.options.broker, *read, self._done, self.models, self.settings.kafka_partitions, self.options.run)

    def _done(self, entry: Entry, seconds: float) -> None:
        self.faults = 0
        if not self.touched:
            self.touched_at = time.monotonic()
        self.touched |= entry.runs()
        self.status.batch_done(entry, seconds)
        counts = {name: count for name, count in entry.counters.items() if count}
        log.info("batch", batch=entry.batch, seconds=round(seconds, 2), parts=self.query.seconds if self.query else {}, **counts)

    def _read_until_done(self, query: Query, session: SparkSession) -> None:
        away_since: float | None = None
        tries = 0
        while not self.stop.is_set():
            try:
                self._check_topics(session)
                query.start(self.options.once)
                self._watch(query, session)
                return
            except Stopping:
                return
            except Exception as error:
                tries = 1 if self.faults == 0 else tries + 1
                away_since = self._again(error, away_since if self.faults else None)
                self.stop.wait(min(15.0, 0.5 * 2**tries))
        log.info("stopped")

    def _again(self, error: Exception, away_since: float | None) -> float | None:
        """Returns if another try is due, raises otherwise."""
        self.faults += 1
        if isinstance(error, ValueError) or is_disk_full(error) or is_refusal(error):
            raise error
        if not is_broker_away(error):
            if self.faults >= FAULTS:
                raise error
            log.warning("the query failed, once more", error=_first_line(error))
            return None
        since = away_since or time.monotonic()
        if time.monotonic() - since > PATIENCE_S[self.options.once]:
            raise error
        log.warning("no broker answers, trying again", broker=str(self.options.broker))
        self.status.write("waiting", f"no Kafka broker answers at {self.options.broker}")
        return since

    def _check_topics(self, session: SparkSession) -> None:
        if self.ends is None:
            self.ends = Ends(session, self.options.broker, self.stream.topics)
        check_topics(self.ends.partitions(), self.settings.kafka_partitions, self.options.broker)
        self.status.ends_read(self.ends.read())

    def _watch(self, query: Query, session: SparkSession) -> None:
        checked = 0.0
        while not query.wait(0.1):
            if self.stop.is_set():
                query.stop()
                return
            if time.monotonic() - checked > CHECK_S:
                self._check_ends()
                checked = time.monotonic()
            self._refresh_when_due(session)

    def _check_ends(self) -> None:
        try:
            if self.ends is not None:
                self.status.ends_read(self.ends.read())
        except Py4JJavaError as error:  # the query itself decides whether that is fatal
            log.warning("the ends of the topics are unknown", error=_first_line(error))

    def _refresh_when_due(self, session: SparkSession) -> None:
        pause = max(self.options.refresh_seconds, 10 * self.refresh_cost)
        if self.options.once or not self.touched or time.monotonic() - self.touched_at < pause:
            return
        try:
            self._refresh(session)
        except Exception as error:  # gold can be made again at any time, and must not hold up bronze
            log.error("gold was not refreshed", error=_first_line(error))
            self.touched_at = time.monotonic()

    def _tell(self, session: SparkSession, alerts: list[dict[str, Any]]) -> None:
        """Send what a refresh found, by a client of its own: the query sends from another thread."""
        if alerts:
            outbox = KafkaOutbox(session, self.options.broker)
            outbox(alert_records(alerts, self.settings.kafka_partitions))
            outbox.close()

    def _refresh(self, session: SparkSession) -> None:
        if not (self.stream.gold and self.options.refresh_seconds and self.touched):
            return
        runs, self.touched = self.touched, set()
        began = time.monotonic()
        try:
            rows = refresh(session, self.lake, runs, Looking(self.models, self.options.once, partial(self._tell, session)))
        except BaseException:
            self.touched |= runs
            raise
        self.refresh_cost = time.monotonic() - began
        log.info("gold refreshed", runs=len(runs), seconds=round(self.refresh_cost, 2), **{k.replace(".", "_"): v for k, v in rows.items()})


def check_topics(found: Mapping[str, int], wanted: int, broker: Servers) -> None:
    """Raises StreamError unless the broker has the topics with as many partitions as the settings say."""
    missing = [topic for topic, partitions in found.items() if not partitions]
    if missing:
        raise StreamError(f"the broker at {broker} lacks {', '.join(missing)}; create the topics with `agora prepare topics`")
    for name, partitions in found.items():
        if partitions != wanted:
            raise StreamError(other_partitions(name, broker, partitions, wanted))


def _models(chosen: Settings, options: Options) -> Mapping[str, Forest]:
    return read_models(options.models) if options.models else present_models(chosen.data_dir / "models")


def _warm_up(session: SparkSession, models: Mapping[str, Forest]) -> None:
    with suppress(Exception):  # a session that ends meanwhile; whatever else is wrong, the first batch meets and tells
        warm_up(session, models)


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).partition("\n")[0]
