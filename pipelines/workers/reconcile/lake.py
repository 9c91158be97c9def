"""Reading the lake without Spark: delta-rs opens a table, duckdb orders what is too large for the memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from deltalake import DeltaTable

from pipelines.events.declarations import EVENT_TYPES
from pipelines.events.marks import Coordinates
from pipelines.ports import StoredRecord

BATCH_ROWS = 65_536
BLOCKS_AT_ONCE = 64  # a row of bronze is a whole block


class Lake:
    """The Delta tables under a folder.

    Parameters
    ----------
    folder : Settings.lake_dir.
    memory : what ordering rows may take before it goes to disk, in duckdb's words.
    """

    def __init__(self, folder: Path, memory: str = "512MB") -> None:
        self.folder = folder
        self._memory = memory

    def has(self, table: str) -> bool:
        """Whether the table is there."""
        return DeltaTable.is_deltatable(str(self._path(table)))

    def _path(self, table: str) -> Path:
        layer, _, name = table.partition(".")
        return self.folder / layer / name

    def _query(
        self, table: str, where: str, order: str, parameters: list[Any], rows: int, run_id: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Rows in order; run_id leaves out the files of other runs where a table is partitioned by run."""
        delta = DeltaTable(str(self._path(table)))
        files = delta.file_uris(file_pruning_predicate=f"run_id = '{run_id}'") if run_id else delta.file_uris()
        if not files:
            return
        query = f"SELECT * FROM read_parquet(?, hive_partitioning=false, union_by_name=true) WHERE {where} ORDER BY {order}"
        with duckdb.connect() as connection:
            connection.execute(f"SET memory_limit='{self._memory}'; SET threads=1; SET preserve_insertion_order=false")
            batches: Any = connection.sql(query, params=[files, *parameters]).to_arrow_reader(rows)
            yield from batches

    def bronze(self, topic: str, run_id: str, key: bytes) -> Iterator[StoredRecord]:
        """The records of one world on one topic, in partition order."""
        where = "topic = ? AND run_id = ? AND key = ?"
        for batch in self._query("bronze.events", where, 'partition, "offset"', [topic, run_id, key], BLOCKS_AT_ONCE):
            for row in batch.to_pylist():
                yield _stored(row)

    def bronze_record(self, topic: str, at: Coordinates) -> StoredRecord:
        """One record by its coordinates."""
        where = 'topic = ? AND partition = ? AND "offset" = ?'
        batch = next(self._query("bronze.events", where, '"offset"', [topic, *at], 1))
        return _stored(batch.to_pylist()[0])

    def silver(self, event: str, run_id: str, world_id: int) -> Iterator[dict[str, Any]]:
        """Columns of the typed rows of one world in the order of seq, some thousands of rows at a time; without the quarantine."""
        names = [column.name for column in EVENT_TYPES[event].all_columns]
        for batch in self._query(f"silver.{event}", "world_id = ?", "seq", [world_id], BATCH_ROWS, run_id):
            yield {name: _plain(batch.column(name)) for name in names}

    def quarantine(self, event: str, run_id: str, world_id: int) -> Iterator[str]:
        """The quarantined rows of one world and type as JSON texts, in the order of seq."""
        if not self.has("silver.quarantine"):
            return
        where = "world_id = ? AND event = ?"
        for batch in self._query("silver.quarantine", where, "seq", [world_id, event], BATCH_ROWS, run_id):
            yield from batch.column("row").to_pylist()


def _plain(column: pa.Array) -> Any:
    return column.to_pylist() if pa.types.is_string(column.type) else column.to_numpy(zero_copy_only=False)


def _stored(row: dict[str, Any]) -> StoredRecord:
    headers = tuple((header["key"], bytes(header["value"])) for header in row["headers"])
    return StoredRecord(row["topic"], row["partition"], row["offset"], 0, bytes(row["key"]), bytes(row["value"]), headers)
