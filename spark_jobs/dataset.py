"""A table of the lake as DuckDB and Arrow read it: with conditions that reach into the files."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from deltalake import DeltaTable

from pipelines.places import Place


def dataset(path: Place, run_id: str | None = None) -> ds.Dataset:
    """The files of a table's newest version, or of those the ones of a run.

    Text is declared as views: delta-rs writes it as such when it merges or compacts, and a condition on a column that is text by the
    table and a view by the file is refused by Arrow. Files that hold plain text are read just the same.
    """
    table = DeltaTable(str(path))
    schema = table.to_pyarrow_dataset().schema
    views = pa.schema([field.with_type(pa.string_view()) if field.type == pa.string() else field for field in schema])
    return table.to_pyarrow_dataset(None if run_id is None else [("run_id", "=", run_id)], schema=views)


def of_runs(runs: Sequence[str]) -> pc.Expression:
    """The condition that a row is of one of these runs, for a table opened as its own schema says.

    The cast is needed for files that hold run_id as views: Arrow compares those with nothing.
    """
    return pc.field("run_id").cast(pa.string()).isin(pa.array(runs, pa.string()))
