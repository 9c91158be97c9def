"""A lake as the stream would write it, made from a log in memory."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake

from pipelines.events.codec import decode
from pipelines.events.declarations import EVENT_TYPES
from pipelines.events.marks import Mark, Verdict, judge
from pipelines.ports import EventLog, StoredRecord
from spark_jobs.bronze.events import SCHEMA as BRONZE
from spark_jobs.bronze.events import run_of
from spark_jobs.silver import agents as accounts
from spark_jobs.silver import labels, messages, orders, quarantine, ticks, trades, worlds
from spark_jobs.silver.typed import Accepted, TypedTable

TABLES: dict[str, TypedTable] = {
    table.event.name: table
    for table in (worlds.TABLE, orders.TABLE, trades.TABLE, ticks.TABLE, messages.TABLE, accounts.TABLE, labels.TABLE)
}


def write_lake(log: EventLog, folder: Path) -> None:
    """Write bronze, the silver tables and the quarantine."""
    records = [record for event in EVENT_TYPES.values() for partition in (0, 1) for record in log.read(event.topic.name, partition)]
    write_deltalake(str(folder / "bronze" / "events"), bronze_rows(reversed(records)))
    for event, table in TABLES.items():
        write_silver(folder, event, table, [record for record in records if record.topic == EVENT_TYPES[event].topic.name])


def bronze_rows(records: Iterable[StoredRecord]) -> pa.Table:
    rows = [
        {
            "topic": record.topic, "partition": record.partition, "offset": record.offset, "timestamp": record.timestamp_ms * 1000,
            "run_id": run_of(record.key), "key": record.key, "value": record.value,
            "headers": [{"key": key, "value": value} for key, value in record.headers],
        }
        for record in records
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=BRONZE)


def write_silver(folder: Path, event: str, table: TypedTable, records: list[StoredRecord]) -> None:
    marks: dict[bytes, Mark] = {}
    for record in records:
        block = decode(record.value, record.headers)
        judgement = judge(marks.get(record.key, Mark()), block.head, (record.partition, record.offset))
        marks[record.key] = judgement.mark
        if judgement.verdict is not Verdict.ACCEPTED:
            continue
        good, bad = table.split([Accepted(block.head, block.columns, record.topic, record.partition, record.offset)])
        append(folder, f"silver/{event}", good, block.head.run_id)
        if bad:
            append(folder, "silver/quarantine", quarantine.transform(bad), block.head.run_id)


def append(folder: Path, name: str, rows: pa.Table, run_id: str) -> None:
    rows = rows.append_column("run_id", pa.array([run_id] * len(rows), pa.string()))
    write_deltalake(str(folder / name), rows, mode="append", partition_by=["run_id"])
