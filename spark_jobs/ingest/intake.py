"""One task's work on a batch: raw Kafka records in, closed Parquet files and a report out. Knows nothing of Spark.

Each record goes to bronze as it is. Then it is judged by the marks of its world and topic (`pipelines.events.marks`):
blocks that count go to their silver table, rows that break a rule to quarantine, records that cannot be read to the
report as dead letters. Parked blocks need no store of their own: bronze has them, the mark knows where.
"""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec
import pyarrow as pa

from pipelines.events.admission import admitted, mark_name, standing
from pipelines.events.block import Block, DecodeError, rows_of
from pipelines.events.codec import decode
from pipelines.events.declarations import Sequence
from pipelines.events.marks import Coordinates, Judgement, Mark, Verdict, judge
from pipelines.events.topics import PARTITIONS
from pipelines.places import Place
from spark_jobs.bronze import events as bronze
from spark_jobs.detection.ewma import EwmaState
from spark_jobs.detection.lane import Lane
from spark_jobs.detection.outliers import detect
from spark_jobs.ingest.files import FileWriter, WrittenFile
from spark_jobs.ingest.journal import Refused, Report
from spark_jobs.silver import quarantine
from spark_jobs.silver.quarantine import Offender
from spark_jobs.silver.typed import Accepted, TypedTable

FLUSH_ROWS = 131_072
Pairs = list[tuple[str, bytes]]


class Received(NamedTuple):
    """A Kafka record with its coordinates."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes
    value: bytes | memoryview
    headers: Pairs

    @property
    def at(self) -> Coordinates:
        """Partition and offset."""
        return self.partition, self.offset


Fetch = Callable[[str, list[Coordinates]], Mapping[Coordinates, Received]]
"""Reads records of a topic back from bronze."""


class Intake:
    """Takes the records of whole Kafka partitions in offset order.

    Parameters
    ----------
    lake : place of the tables.
    tables : silver tables by event type.
    marks, detectors : as they were before the batch, by name; only what is touched comes back in the report.
    fetch : reads parked records of earlier batches.
    lane : the detectors per event; their state is kept by the caller.
    keep_bronze : whether the records are written to bronze; not when they come from there.
    partitions : how many each topic has.
    """

    def __init__(
        self,
        lake: Place,
        tables: Mapping[str, TypedTable],
        marks: Mapping[str, Mark],
        detectors: Mapping[str, EwmaState],
        fetch: Fetch,
        lane: Lane,
        keep_bronze: bool = True,
        partitions: int = PARTITIONS,
    ) -> None:
        self.partitions = partitions
        self.lake, self.tables, self.fetch, self.lane, self.keep_bronze = lake, tables, fetch, lane, keep_bronze
        self.known_marks, self.known_detectors = marks, dict(detectors)
        self.report = Report(files=[], marks={}, detectors={}, watches={}, offsets={}, counters={}, refused=[], alerts=[], raised=[])
        self.counters: Counter[str] = Counter()
        self.bronze = FileWriter(lake, bronze.TABLE, {})
        self.typed: dict[tuple[str, str], TypedWriter] = {}
        self.parked_here: dict[tuple[str, Coordinates], Received] = {}

    def take(self, records: pa.RecordBatch) -> None:
        """Take records as Spark's Kafka source gives them, headers included."""
        rows = bronze.transform(records) if self.keep_bronze else records.select(bronze.SCHEMA.names)
        if self.keep_bronze:
            self.bronze.append(pa.Table.from_batches([rows]))
        for record in received(rows):
            self.report.offsets[f"{record.topic}:{record.partition}"] = record.offset + 1
            self.counters["records"] += 1
            try:
                self._record(record)
            except DecodeError as error:
                self._refuse(record, error)

    def finish(self) -> Report:
        """Close all files and say what was done."""
        offenders: dict[str, list[Offender]] = {}
        files: list[WrittenFile] = []
        for writer in self.typed.values():
            files += writer.close()
            offenders.setdefault(writer.run_id, []).extend(writer.offenders)
        for run_id, rows in offenders.items():
            files += _write_quarantine(self.lake, run_id, rows)
            self.counters["quarantined"] += len(rows)
        self.report.files = [*self.bronze.close(), *files]
        self.report.counters = dict(self.counters)
        return self.report

    def _record(self, record: Received) -> None:
        event, head = admitted(record, self.partitions)
        if event.sequence is Sequence.NONE:
            self.report.alerts += rows_of(decode(record.value, record.headers))
            return
        name = mark_name(record.topic, head)
        mark = self.report.marks.get(name) or self.known_marks.get(name) or Mark()
        judgement = judge(mark, standing(record, head, mark), record.at)
        if judgement.verdict is Verdict.OVERLAP:
            raise DecodeError("overlap", f"seq {head.first_seq}..{head.last_seq} after {head.prev_seq} begins below the mark {mark.seq}")
        block = decode(record.value, record.headers) if judgement.verdict in (Verdict.ACCEPTED, Verdict.PARKED) else None
        self.report.marks[name] = judgement.mark
        self.counters[f"blocks_{judgement.verdict}"] += 1
        if judgement.verdict is Verdict.PARKED:
            self.parked_here[record.topic, record.at] = record
        elif block is not None:
            self._accept(block, record)
        self._release(record.topic, judgement)

    def _accept(self, block: Block, record: Received) -> None:
        slot = block.event.name, block.head.run_id
        if slot not in self.typed:
            self.typed[slot] = TypedWriter(self.lake, self.tables[block.event.name], block.head.run_id)
        self.typed[slot].add(Accepted(block.head, block.columns, record.topic, record.partition, record.offset))
        self.counters["events"] += block.head.count
        self._detect(block)

    def _detect(self, block: Block) -> None:
        self.report.raised += detect(block, ChainMap(self.report.detectors, self.known_detectors))
        self.report.raised += self.lane.take(block)

    def _release(self, topic: str, judgement: Judgement) -> None:
        settled = [(parked.at, verdict) for parked, verdict in judgement.released]
        wanted = [at for at, verdict in settled if verdict is Verdict.ACCEPTED]
        missing = [at for at in wanted if (topic, at) not in self.parked_here]
        fetched = self.fetch(topic, missing) if missing else {}
        for at, verdict in settled:
            self.counters[f"released_{verdict}"] += 1
            if verdict is Verdict.ACCEPTED:
                record = self.parked_here.pop((topic, at), None) or fetched[at]
                self._accept(decode(record.value, record.headers), record)

    def _refuse(self, record: Received, error: DecodeError) -> None:
        self.counters["dead_letters"] += 1
        self.report.refused.append(
            Refused(
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                timestamp_ms=record.timestamp_ms,
                key=record.key,
                value=bytes(record.value),
                headers=record.headers,
                reason=error.reason,
                detail=str(error),
            )
        )


class TypedWriter:
    """One silver table and run: gathers blocks, writes them many at a time, keeps the offenders."""

    def __init__(self, lake: Place, table: TypedTable, run_id: str) -> None:
        self.table, self.run_id = table, run_id
        self.file = FileWriter(lake, table, {"run_id": run_id})
        self.blocks: list[Accepted] = []
        self.waiting = 0
        self.offenders: list[Offender] = []

    def add(self, block: Accepted) -> None:
        """Take one block."""
        if not block.head.count:
            return
        self.blocks.append(block)
        self.waiting += block.head.count
        if self.waiting >= FLUSH_ROWS:
            self._flush()

    def close(self) -> list[WrittenFile]:
        """Write what waits and close the file."""
        self._flush()
        return self.file.close()

    def _flush(self) -> None:
        if self.blocks:
            rows, offenders = self.table.split(self.blocks)
            self.file.append(rows)
            self.offenders += offenders
            self.blocks, self.waiting = [], 0


def received(rows: pa.RecordBatch) -> list[Received]:
    """Rows of bronze as records; a null key, value or header is empty."""
    topics, partitions, offsets, keys, headers = (
        rows.column(name).to_pylist() for name in ("topic", "partition", "offset", "key", "headers")
    )
    times = rows.column("timestamp").cast(pa.timestamp("ms", "UTC")).cast(pa.int64()).to_pylist()
    pairs = [[(header["key"], header["value"] or b"") for header in found or ()] for found in headers]
    values = [_view(value) for value in rows.column("value")]
    fields = zip(topics, partitions, offsets, times, (key or b"" for key in keys), values, pairs, strict=True)
    return [Received(*each) for each in fields]


def _view(value: pa.Scalar) -> bytes | memoryview:
    buffer = value.as_buffer()
    return b"" if buffer is None else memoryview(buffer)


def _write_quarantine(lake: Place, run_id: str, offenders: list[Offender]) -> list[WrittenFile]:
    writer = FileWriter(lake, quarantine.TABLE, {"run_id": run_id})
    writer.append(quarantine.transform(offenders))
    return writer.close()


def encode(report: Report) -> bytes:
    """A report as bytes, to travel from a task to the driver."""
    return msgspec.msgpack.encode(report)


def decode_report(data: bytes) -> Report:
    """The inverse of `encode`."""
    return msgspec.msgpack.decode(data, type=Report)
