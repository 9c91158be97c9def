"""Rows of some files of a table written again as one file, in the table's order."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from spark_jobs.ingest.files import FileWriter, WrittenFile
from spark_jobs.maintenance.active import CLUSTERED, ActiveFile
from spark_jobs.table import Table

MEMORY = "512MB"  # of a sort, before it goes to disk
GROUP_ROWS = 65_536  # of a row group, which readers skip by its bounds
GROUP_BYTES = 4 << 20  # the same, where rows are large


def rewrite(lake: Path, table: Table, files: Sequence[ActiveFile]) -> WrittenFile:
    """Write the rows of files of one partition as one file, which is on the disk when this returns.

    Raises ValueError if that are not as many rows as the files are said to hold; nothing is left behind then.
    """
    writer = FileWriter(lake, table, dict(files[0].partition), CLUSTERED)
    path = table.path(lake) / writer.name
    try:
        _copy(table, [table.path(lake) / file.path for file in files], writer, _group_rows(files))
        written, expected = writer.close(), sum(file.rows for file in files)
        if writer.rows != expected:
            raise ValueError(
                f"{len(files)} files of {table.name} should hold {expected} rows, but {writer.rows} were read; they stay as they are"
            )
        _sync(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return written[0]


def _copy(table: Table, paths: Sequence[Path], writer: FileWriter, rows: int) -> None:
    source = ds.dataset([str(path) for path in paths], schema=table.stored, format="parquet")  # noqa: F841 - duckdb reads it by its name
    order = ", ".join(f'"{name}"' for name in table.cluster_by)
    with tempfile.TemporaryDirectory(prefix="agora-sort-") as spill, duckdb.connect() as connection:
        connection.execute(f"SET memory_limit='{MEMORY}'; SET threads=1; SET temp_directory='{spill}'")
        for batch in connection.sql(f"SELECT * FROM source ORDER BY {order}").to_arrow_reader(rows):
            writer.append(pa.Table.from_batches([batch]).cast(table.stored))


def _group_rows(files: Sequence[ActiveFile]) -> int:
    each = max(1, sum(file.size for file in files) // max(1, sum(file.rows for file in files)))
    return max(64, min(GROUP_ROWS, GROUP_BYTES // each))


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
