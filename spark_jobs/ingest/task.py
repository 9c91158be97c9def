"""The part of a batch that runs in Spark's Python workers: a function for `DataFrame.mapInArrow`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec
import pyarrow as pa

from pipelines.events.marks import Coordinates, Mark
from pipelines.events.topics import PARTITIONS
from pipelines.places import Place
from spark_jobs.bronze import events as bronze
from spark_jobs.detection import lane
from spark_jobs.detection.ewma import EwmaState
from spark_jobs.detection.forest import Forest
from spark_jobs.ingest.intake import Intake, Received, decode_report, encode, received
from spark_jobs.ingest.journal import Entry, Report
from spark_jobs.ingest.watch_files import WatchAt, WatchFiles
from spark_jobs.silver.tables import LABEL_TABLES, SILVER

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

REPORT = pa.schema([("report", pa.binary())])
TYPED = {table.event.name: table for table in (*SILVER, *LABEL_TABLES)}


class _Before(msgspec.Struct):
    """What of the entry before a task needs."""

    marks: dict[str, Mark]
    detectors: dict[str, EwmaState]
    watches: dict[str, WatchAt]


class Models(Protocol):
    """Models of detectors by kind; Spark's Broadcast is one, so that a worker reads them once."""

    @property
    def value(self) -> Mapping[str, Forest]: ...


class Here(NamedTuple):
    """Models that are at hand without Spark."""

    value: Mapping[str, Forest]


class BlockTask:
    """Takes the records of whole Kafka partitions in offset order and answers with one row, its report.

    `source` is the lake whose bronze holds parked records of earlier batches; `target` is where files are written, `watches` where the
    state of the fast lane is kept; `partitions` is how many each topic has.
    """

    def __init__(
        self,
        source: Place,
        target: Place,
        watches: Path,
        models: Models,
        before: Entry,
        keep_bronze: bool = True,
        partitions: int = PARTITIONS,
    ) -> None:
        self.source, self.target, self.watches, self.models, self.keep_bronze = source, target, watches, models, keep_bronze
        self.partitions = partitions
        self.before = msgspec.msgpack.encode(_Before(before.marks, before.detectors, before.watches))

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Spark hands in record batches and takes the report."""
        intake: Intake | None = None
        before = msgspec.msgpack.decode(self.before, type=_Before)
        files = WatchFiles(self.watches, before.watches)
        for batch in batches:
            intake = intake or self.intake(before, files)
            intake.take(batch)
        if intake is not None:
            report = intake.finish()
            report.watches = files.save(intake.lane.open)
            yield pa.record_batch([pa.array([encode(report)], pa.binary())], schema=REPORT)

    def intake(self, before: _Before, files: WatchFiles) -> Intake:
        """The work itself, from the state before the batch."""
        detectors = lane.Lane(self.models.value, files.load)
        return Intake(self.target, TYPED, before.marks, before.detectors, self.fetch, detectors, self.keep_bronze, self.partitions)

    def fetch(self, topic: str, places: list[Coordinates]) -> Mapping[Coordinates, Received]:
        """Read records back from bronze. Raises ValueError if one is not there."""
        import pyarrow.dataset as ds  # here, because workers seldom need them and they take long to load
        from deltalake import DeltaTable

        records = DeltaTable(str(bronze.TABLE.path(self.source))).to_pyarrow_dataset()
        offsets = [offset for _, offset in places]
        here = (ds.field("topic") == topic) & ds.field("offset").isin(offsets)
        found = {record.at: record for batch in records.to_batches(filter=here) for record in received(batch)}
        missing = [place for place in places if place not in found]
        if missing:
            raise ValueError(f"bronze holds no record of {topic} at {missing[:3]}; parked blocks cannot be settled without it")
        return found


def warm_up(session: SparkSession, models: Mapping[str, Forest]) -> None:
    """Start the Python workers, and compile the detectors, that the first batch would wait seconds for."""
    slots = session.sparkContext.defaultParallelism
    session.range(0, slots, 1, slots).mapInArrow(partial(_warmed, models), "report binary").collect()


def _warmed(models: Mapping[str, Forest], _batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    lane.warm_up(models)
    return iter(())


def run_tasks(frame: DataFrame, task: BlockTask) -> list[Report]:
    """Run a task over the partitions of a frame of Kafka records and collect the reports."""
    rows = frame.mapInArrow(task, "report binary").collect()
    return [decode_report(bytes(row.report)) for row in rows]
