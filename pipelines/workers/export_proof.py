"""Whether an exported table has the rows of the one in the lake, of the version that it was made of.

Parquet and Delta are compared value by value, whatever the order of rows; CSV, which has no types, by its columns and the number of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable
from pyarrow import csv

from pipelines.places import Place
from pipelines.workers.lake_export import MANIFEST, Exported, Format
from spark_jobs.dataset import of_runs
from spark_jobs.table import Table


def differences(lake: Place, table: Table, into: Path, format: Format, runs: Sequence[str] = ()) -> list[str]:
    """What is wrong with the export of a table, as `export` was asked for it; nothing if it is right."""
    try:
        told = msgspec.json.decode((into / table.name / MANIFEST).read_bytes(), type=Exported)
    except FileNotFoundError:
        return [f"{into / table.name} holds no export"]
    if (told.format, told.runs) != (format, sorted(runs)):
        return [f"{told.folder} was exported as {told.format} of {', '.join(told.runs) or 'all runs'}"]
    source = DeltaTable(str(table.path(lake)), version=told.version).to_pyarrow_dataset()
    here, there = _of_copy(Path(told.folder), format, source.schema), _of_rows(source, runs)
    if format is Format.CSV:
        there = (there[0], ",".join(source.schema.names))
    if here != there or told.rows != here[0]:
        return [f"{told.folder} has {here[0]:,} rows ({here[1]}), version {told.version} of {table.name} {there[0]:,} ({there[1]})"]
    return []


def _of_copy(folder: Path, format: Format, schema: pa.Schema) -> tuple[int, str]:
    if format is Format.DELTA:
        return _of_rows(DeltaTable(folder).to_pyarrow_dataset())
    if format is Format.PARQUET:
        return _of_rows(ds.dataset(folder, schema, format="parquet"))  # without rows there is no file that says which columns it has
    with csv.open_csv(folder / "rows.csv", parse_options=csv.ParseOptions(newlines_in_values=True)) as reader:
        return sum(batch.num_rows for batch in reader), ",".join(reader.schema.names)


def _of_rows(found: ds.Dataset, runs: Sequence[str] = ()) -> tuple[int, str]:
    """How many rows there are, and a figure that another value anywhere changes and another order does not."""
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit='1GB'; SET threads=2")
        connection.register("rows", found.scanner(filter=of_runs(runs) if runs else None).to_reader())
        counted = connection.execute("SELECT count(*), coalesce(sum(hash(rows)), 0)::VARCHAR FROM rows").fetchone()
    return (int(counted[0]), str(counted[1])) if counted else (0, "")
