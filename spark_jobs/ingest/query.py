"""The streaming query: started, watched, started again when the broker was away, stopped between two batches."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog
from pyspark.errors import StreamingQueryException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from pipelines.events.topics import PARTITIONS
from pipelines.kafka_access import Servers
from pipelines.places import Place
from spark_jobs.catalog import BRONZE
from spark_jobs.delta_writes import Lake
from spark_jobs.detection.forest import Forest
from spark_jobs.ingest.commit import Committer, check_owner
from spark_jobs.ingest.journal import Entry, Journal
from spark_jobs.ingest.kafka_side import CLIENT, KafkaOutbox, options
from spark_jobs.ingest.one_run import beginning, keep_to, taken
from spark_jobs.ingest.task import BlockTask, Models, run_tasks
from spark_jobs.table import Table

log = structlog.get_logger(__name__)
RECORDS_PER_BATCH = 4_000
SMALL = 400  # records; a second task costs more than it saves below that


class Stopping(Exception):
    """Raised into a batch that would begin after the stream was asked to stop; it is done after the restart."""


@dataclass
class Query:
    """One streaming query over Kafka topics into a lake.

    Parameters
    ----------
    session, broker : Spark, and where Kafka is.
    topics, tables : what is read, and what is written beside bronze.
    lake, checkpoint : place of the tables, and folder of Spark's offsets and our journal.
    done : called after each batch with its journal entry and seconds.
    models : of the detectors that look at every event, by kind; none raise nothing.
    partitions : how many each topic has.
    run : the only one that is read; all if empty.
    """

    session: SparkSession
    broker: Servers
    topics: tuple[str, ...]
    tables: tuple[Table, ...]
    lake: Place
    checkpoint: Path
    done: Callable[[Entry, float], None]
    models: Mapping[str, Forest] = field(default_factory=dict)
    partitions: int = PARTITIONS
    run: str = ""
    records_per_batch: int = RECORDS_PER_BATCH
    error: BaseException | None = None
    _running: threading.Lock = field(default_factory=threading.Lock)
    _stopping: bool = False
    _records: int = SMALL  # of the batch before, which the next one is taken to be like
    _committer: Committer | None = None
    _query: StreamingQuery | None = None
    _sent: Models | None = None  # the models, once for all workers

    def start(self, once: bool) -> None:
        """Start or resume. With once, what is there now is read and the query ends. Raises ValueError if it began with another run."""
        self.error = None
        keep_to(self.checkpoint, self.run)
        stream = taken(self.session.readStream.format("kafka").options(**self._source()).load(), self.run)
        writer = stream.writeStream.foreachBatch(self._batch).option("checkpointLocation", str(self.checkpoint / "spark"))
        trigger = writer.trigger(availableNow=True) if once else writer.trigger(processingTime="0 seconds")
        self._query = trigger.start()

    def wait(self, seconds: float) -> bool:
        """Wait for the query's end; True if it has ended. Raises what ended it, if that was an error."""
        if self._query is None:
            raise ValueError("the query was not started; call start first")
        try:
            return bool(self._query.awaitTermination(seconds))  # type: ignore[arg-type]
        except StreamingQueryException as failure:
            raise (self.error or failure) from failure

    def stop(self) -> None:
        """Stop after the present batch.

        The lock is let go before Spark is asked: its thread may be waiting for it with the next batch, which is then refused.
        """
        with self._running:
            self._stopping = True
        if self._query is not None:
            self._query.stop()

    def last(self) -> Entry | None:
        """The newest journal entry."""
        return Journal(self.checkpoint / "journal").last()

    def _source(self) -> dict[str, str]:
        # Spark asks for a partition's ends after each fetch. That question waits on the same connection behind the next fetch, which
        # the client has sent already and the broker holds until new records come: half a second per partition and batch otherwise
        client = CLIENT | {"fetch.max.wait.ms": "5"}
        return options(self.broker, client) | {
            "subscribe": ",".join(self.topics),
            **beginning(self.run),
            "includeHeaders": "true",
            "failOnDataLoss": "true",
            "maxOffsetsPerTrigger": str(self.records_per_batch),
        }

    def _batch(self, frame: DataFrame, batch: int) -> None:
        with self._running:
            if self._stopping:
                raise Stopping
            began = time.monotonic()
            try:
                entry = self._take(frame, batch)
            except BaseException as error:
                self.error = error
                raise
            self.done(entry, time.monotonic() - began)

    @property
    def seconds(self) -> dict[str, float]:
        """How long the parts of the last batch took."""
        return self._committer.seconds if self._committer else {}

    def _take(self, frame: DataFrame, batch: int) -> Entry:
        committer = self._committer = self._committer or self._open()
        few = frame.coalesce(1 if self._records < SMALL else self.session.sparkContext.defaultParallelism)
        self._sent = self._sent or self.session.sparkContext.broadcast(self.models)
        place, models = committer.journal.watches, self._sent
        task = partial(BlockTask, self.lake, self.lake, place, models, partitions=self.partitions)
        entry = committer.process(batch, lambda before: run_tasks(few, task(before)))
        self._records = entry.counters.get("records", 0)
        return entry

    def _open(self) -> Committer:
        application = f"agora-stream-{_query_id(self.checkpoint / 'spark')}"
        journal = Journal(self.checkpoint / "journal")
        last = journal.last()
        if last is not None:
            check_owner(last, application)
        lake = Lake(self.lake, (BRONZE, *self.tables), application)
        check_lake(lake, last)
        return Committer(lake, journal, KafkaOutbox(self.session, self.broker), self.partitions)


def _query_id(checkpoint: Path) -> str:
    """The id that Spark gave the query when its checkpoint was made."""
    return str(json.loads((checkpoint / "metadata").read_text().splitlines()[-1])["id"])


def check_lake(lake: Lake, last: Entry | None) -> None:
    """ValueError if the lake holds rows of another stream, which this one would append again, or none of those that this one has read."""
    if lake.committed(BRONZE.name) >= 0:
        return
    if last is not None and last.totals.get(f"rows:{BRONZE.name}", 0) > last.rows().get(BRONZE.name, 0):
        raise ValueError(
            f"{lake.folder} has none of the records that the stream has read: it is another lake, or was emptied; "
            "set AGORA_LAKE to the one of before, or remove the stream's folder in checkpoints so that everything is read again"
        )
    if last is None and lake.open[BRONZE.name].version() > 0:
        raise ValueError(
            f"{lake.folder} holds tables of an earlier stream whose checkpoint is gone; "
            "restore the checkpoints folder, or remove the lake so that everything is read again"
        )
