"""Rows of tables in an object store for Spark, read by its Python workers.

The JVM would need a second client for them, hundreds of megabytes of jars with settings of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from pipelines.places import ObjectFolder, store
from spark_jobs.maintenance.active import ActiveFile
from spark_jobs.schemas import spark_schema
from spark_jobs.table import Table


def stored_rows(session: SparkSession, table: Table, path: ObjectFolder, files: Sequence[ActiveFile]) -> DataFrame:
    """The rows of some files of the table that lies there."""
    if not files:
        return session.createDataFrame(table.schema.empty_table())
    columns = ", ".join(f"`{name}` string" for name in ("file", *table.partition_by))
    named = session.createDataFrame([(file.path, *dict(file.partition).values()) for file in files], columns)
    return named.mapInArrow(partial(_read, path, table.schema), spark_schema(table.schema))


def _read(path: ObjectFolder, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The rows of the files that are named, with the values that their partition gives each of them."""
    import pyarrow.dataset as ds  # here, because it takes long to load

    for row in chain.from_iterable(named.to_pylist() for named in batches):
        file = path / row.pop("file")
        stored = pa.schema([field for field in schema if field.name not in row])
        for batch in ds.dataset(file.key, stored, filesystem=store(file), format="parquet").to_batches():
            values = {name: pa.repeat(value, batch.num_rows) for name, value in row.items()}
            columns = [values[field.name] if field.name in values else batch.column(field.name).cast(field.type) for field in schema]
            yield pa.record_batch(columns, schema=schema)
