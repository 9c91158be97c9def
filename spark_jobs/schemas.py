"""Event type -> Arrow and Spark schema of its silver table, derived from pipelines.events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from pipelines.events.columns import ColumnType
from pipelines.events.declarations import EventType

if TYPE_CHECKING:
    from pyspark.sql.types import DataType, StructType

STEP_NS = 100_000_000
"""Simulated nanoseconds per step."""

_ARROW: dict[ColumnType, pa.DataType] = {
    ColumnType.INT: pa.int32(),
    ColumnType.LONG: pa.int64(),
    ColumnType.DOUBLE: pa.float64(),
    ColumnType.STRING: pa.string(),
}


def arrow_schema(event: EventType) -> pa.Schema:
    """run_id, world_id, seq, step, time_ns, then the type's own columns."""
    leading = [("run_id", pa.string()), ("world_id", pa.int32()), ("seq", pa.int64()), ("step", pa.int32()), ("time_ns", pa.int64())]
    return pa.schema([*leading, *((column.name, _ARROW[column.type]) for column in event.columns)])


def spark_schema(schema: pa.Schema) -> StructType:
    """The same schema in Spark's types; every column may be null there, as in Delta."""
    from pyspark.sql.types import StructField, StructType

    return StructType([StructField(field.name, spark_type(field.type)) for field in schema])


def spark_type(arrow: pa.DataType) -> DataType:
    """One type; ValueError for one that no table uses."""
    from pyspark.sql import types as spark  # here, so that workers that only write files need not load it

    if pa.types.is_list(arrow):
        return spark.ArrayType(spark_type(arrow.value_type))
    if pa.types.is_struct(arrow):
        return spark.StructType([spark.StructField(field.name, spark_type(field.type)) for field in arrow])
    plain: dict[pa.DataType, DataType] = {
        pa.int32(): spark.IntegerType(),
        pa.int64(): spark.LongType(),
        pa.float64(): spark.DoubleType(),
        pa.string(): spark.StringType(),
        pa.binary(): spark.BinaryType(),
        pa.timestamp("us", "UTC"): spark.TimestampType(),
    }
    if arrow not in plain:
        raise ValueError(f"no Spark type is named for the Arrow type {arrow}; add it to spark_jobs.schemas")
    return plain[arrow]
