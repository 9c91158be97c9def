"""Event type -> Arrow and Spark schema of its silver table, derived from pipelines.events."""

from __future__ import annotations

import pyarrow as pa
from pyspark.sql import types as spark

from pipelines.events.declarations import ColumnType, EventType

STEP_NS = 100_000_000
"""Simulated nanoseconds per step."""

_ARROW: dict[ColumnType, pa.DataType] = {
    ColumnType.INT: pa.int32(),
    ColumnType.LONG: pa.int64(),
    ColumnType.DOUBLE: pa.float64(),
    ColumnType.STRING: pa.string(),
}
_SPARK: dict[pa.DataType, spark.DataType] = {
    pa.int32(): spark.IntegerType(),
    pa.int64(): spark.LongType(),
    pa.float64(): spark.DoubleType(),
    pa.string(): spark.StringType(),
    pa.binary(): spark.BinaryType(),
    pa.bool_(): spark.BooleanType(),
    pa.timestamp("us", "UTC"): spark.TimestampType(),
}


def arrow_schema(event: EventType) -> pa.Schema:
    """run_id, world_id, seq, step, time_ns, then the type's own columns."""
    leading = [("run_id", pa.string()), ("world_id", pa.int32()), ("seq", pa.int64()), ("step", pa.int32()), ("time_ns", pa.int64())]
    return pa.schema([*leading, *((column.name, _ARROW[column.type]) for column in event.columns)])


def spark_schema(schema: pa.Schema) -> spark.StructType:
    """The same schema in Spark's types; every column may be null there, as in Delta."""
    return spark.StructType([spark.StructField(field.name, spark_type(field.type)) for field in schema])


def spark_type(arrow: pa.DataType) -> spark.DataType:
    """One type; ValueError for one that no table uses."""
    if pa.types.is_list(arrow):
        return spark.ArrayType(spark_type(arrow.value_type))
    if pa.types.is_struct(arrow):
        return spark.StructType([spark.StructField(field.name, spark_type(field.type)) for field in arrow])
    try:
        return _SPARK[arrow]
    except KeyError:
        raise ValueError(f"no Spark type is named for the Arrow type {arrow}; add it to spark_jobs.schemas") from None
