"""Tables of the lake as plain files for other programs: Parquet, CSV, or a Delta table by itself.

Rows go through in batches, so that a table may be larger than the memory. What was exported before is replaced when all of it is written.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable, write_deltalake
from pyarrow import csv

from pipelines.places import Place, is_table
from spark_jobs.dataset import of_runs
from spark_jobs.table import Table

MANIFEST = "_export.json"
"""What readers of Parquet pass over, by its first sign."""
ROWS_A_FILE = 5_000_000


class Format(StrEnum):
    """What is written."""

    PARQUET = "parquet"
    CSV = "csv"
    DELTA = "delta"


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What an exported table is; lies beside its files."""

    table: str
    version: int  # of the Delta table, which says whether it has changed since
    format: Format
    runs: list[str]  # empty: all
    rows: int
    folder: str


def export(lake: Place, table: Table, into: Path, format: Format, runs: Sequence[str] = ()) -> Exported:
    """Write a table into a folder of its name. Raises FileNotFoundError if there is none, ValueError for runs of one without."""
    if runs and "run_id" not in table.schema.names:
        raise ValueError(f"{table.name} tells no run of its rows; export it whole")
    if not is_table(table.path(lake)):
        raise FileNotFoundError(f"{table.path(lake)} holds no table {table.name}; fill it with `agora stream --once`, then `agora refresh`")
    delta, folder = DeltaTable(str(table.path(lake))), into / table.name
    half = folder.with_name(f".{folder.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    counted = _Counted(delta.to_pyarrow_dataset(), runs)
    _write(counted, half, format)
    done = Exported(table=table.name, version=delta.version(), format=format, runs=sorted(runs), rows=counted.rows, folder=str(folder))
    (half / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(done)))
    shutil.rmtree(folder, ignore_errors=True)
    half.rename(folder)
    return done


class _Counted:
    """The rows, counted as they go by."""

    def __init__(self, found: ds.Dataset, runs: Sequence[str]) -> None:
        self.schema: pa.Schema = found.schema
        self.rows = 0
        self._batches = found.to_batches(filter=of_runs(runs) if runs else None)

    def reader(self) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(self.schema, self)

    def __iter__(self) -> Iterator[Any]:
        for batch in self._batches:
            self.rows += batch.num_rows
            yield batch


def _write(rows: _Counted, folder: Path, format: Format) -> None:
    if format is Format.DELTA:
        write_deltalake(folder, rows.reader())
    elif format is Format.CSV:
        with csv.CSVWriter(folder / "rows.csv", _flat(rows.schema)) as writer:
            for batch in rows:
                writer.write_batch(_flattened(batch))
    else:
        options = ds.ParquetFileFormat().make_write_options(compression="zstd")
        ds.write_dataset(
            rows.reader(), folder, format="parquet", file_options=options, max_rows_per_file=ROWS_A_FILE, max_rows_per_group=1_000_000
        )


def _flat(schema: pa.Schema) -> pa.Schema:
    """Nested and binary columns as text, which CSV has alone."""
    return pa.schema([field.with_type(pa.string()) if _is_deep(field.type) else field for field in schema])


def _flattened(batch: pa.RecordBatch) -> pa.RecordBatch:
    wanted = _flat(batch.schema)
    columns = [_as_text(column) if _is_deep(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=wanted)


def _is_deep(kind: pa.DataType) -> bool:
    return bool(pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _as_text(column: pa.Array) -> pa.Array:
    """Bytes as hexadecimal digits, what is nested as JSON."""
    return pa.array([None if value is None else _text(value) for value in column.to_pylist()], pa.string())


def _text(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else msgspec.json.encode(value).decode()
