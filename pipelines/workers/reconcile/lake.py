"""Reading the lake without Spark: delta-rs opens a table, duckdb orders what is too large for the memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from deltalake import DeltaTable

from pipelines.events.block import defaults
from pipelines.events.columns import Column
from pipelines.events.declarations import event_type
from pipelines.events.marks import Coordinates
from pipelines.places import ObjectFolder, Place, is_table
from pipelines.ports import StoredRecord
from spark_jobs.dataset import dataset

BATCH_ROWS = 65_536
BLOCKS_AT_ONCE = 64  # a row of bronze is a whole block


class Lake:
    """The Delta tables of a place.

    Parameters
    ----------
    place : Settings.lake_dir.
    memory : what ordering rows may take before it goes to disk, in duckdb's words.
    """

    def __init__(self, place: Place, memory: str = "512MB") -> None:
        self.place = place
        self._memory = memory

    def has(self, table: str) -> bool:
        """Whether the table is there."""
        return is_table(self._path(table))

    def _path(self, table: str) -> Place:
        layer, _, name = table.partition(".")
        return self.place / layer / name

    def _query(
        self, table: str, where: str, order: str, parameters: list[Any], rows: int, run_id: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Rows in order; run_id leaves out the files of other runs where a table is partitioned by run."""
        path, given = self._path(table), parameters
        with duckdb.connect() as connection:
            connection.execute(f"SET memory_limit='{self._memory}'; SET threads=1; SET preserve_insertion_order=false")
            if isinstance(path, ObjectFolder):  # which duckdb reads by an extension from elsewhere only
                connection.register("stored", dataset(path, run_id))
                source = "stored"
            else:
                delta = DeltaTable(str(path))
                files = delta.file_uris(file_pruning_predicate=f"run_id = '{run_id}'") if run_id else delta.file_uris()
                if not files:
                    return
                source, given = "read_parquet(?, hive_partitioning=false, union_by_name=true)", [files, *parameters]
            batches: Any = connection.sql(f"SELECT * FROM {source} WHERE {where} ORDER BY {order}", params=given).to_arrow_reader(rows)
            yield from batches

    def bronze(self, topic: str, run_id: str) -> Iterator[StoredRecord]:
        """The records of one run on one topic, in partition order."""
        for batch in self._query("bronze.events", "topic = ? AND run_id = ?", 'partition, "offset"', [topic, run_id], BLOCKS_AT_ONCE):
            for row in batch.to_pylist():
                yield _stored(row)

    def bronze_record(self, topic: str, at: Coordinates) -> StoredRecord:
        """One record by its coordinates."""
        where = 'topic = ? AND partition = ? AND "offset" = ?'
        batch = next(self._query("bronze.events", where, '"offset"', [topic, *at], 1))
        return _stored(batch.to_pylist()[0])

    def silver(self, event: str, run_id: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """Columns of the typed rows of each world in the order of world and seq, some thousands at a time; without the quarantine."""
        declared = event_type(event)
        for batch in self._query(f"silver.{event}", "true", "world_id, seq", [], BATCH_ROWS, run_id):
            worlds = batch.column("world_id").to_numpy(zero_copy_only=False)
            cuts = [0, *(np.flatnonzero(np.diff(worlds)) + 1).tolist(), len(worlds)]
            for start, stop in pairwise(cuts):
                part = batch.slice(start, stop - start)
                yield int(worlds[start]), {column.name: _plain(part, column) for column in declared.all_columns}

    def quarantine(self, event: str, run_id: str) -> Iterator[tuple[int, str]]:
        """World and values as JSON of the quarantined rows of one type, in the order of world and seq."""
        if not self.has("silver.quarantine"):
            return
        for batch in self._query("silver.quarantine", "event = ?", "world_id, seq", [event], BATCH_ROWS, run_id):
            yield from zip(batch.column("world_id").to_pylist(), batch.column("row").to_pylist(), strict=True)


def _plain(rows: pa.RecordBatch, column: Column) -> Any:
    """A column's values; rows of before the column have null there, and files of before lack it."""
    if column.name not in rows.schema.names:
        return defaults(column, rows.num_rows)
    values = rows.column(column.name)
    if values.null_count and column.default is not None:
        values = values.fill_null(column.default)
    return values.to_pylist() if pa.types.is_string(values.type) else values.to_numpy(zero_copy_only=False)


def _stored(row: dict[str, Any]) -> StoredRecord:
    headers = tuple((header["key"], bytes(header["value"])) for header in row["headers"])
    return StoredRecord(row["topic"], row["partition"], row["offset"], 0, bytes(row["key"]), bytes(row["value"]), headers)
