"""Silver's schemas follow the contract, in Arrow and in Spark."""

from __future__ import annotations

import pyarrow as pa
import pytest

from pipelines.events.columns import ColumnType
from pipelines.events.declarations import EVENT_TYPES
from spark_jobs.bronze import events as bronze
from spark_jobs.catalog import GOLD, LABEL_TABLES, SILVER, TABLES, table
from spark_jobs.schemas import arrow_schema, spark_schema, spark_type

SPARK_NAMES = {ColumnType.INT: "int", ColumnType.LONG: "bigint", ColumnType.DOUBLE: "double", ColumnType.STRING: "string"}


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_schema_is_identity_time_and_the_declared_columns(name: str) -> None:
    event = EVENT_TYPES[name]
    fields = [(field.name, field.dataType.simpleString()) for field in spark_schema(arrow_schema(event))]
    identity = [("run_id", "string"), ("world_id", "int"), ("seq", "bigint"), ("step", "int"), ("time_ns", "bigint")]
    assert fields == identity + [(column.name, SPARK_NAMES[column.type]) for column in event.columns]


def test_every_event_type_but_alerts_has_its_silver_table() -> None:
    assert {table.event.name for table in (*SILVER, *LABEL_TABLES)} == set(EVENT_TYPES) - {"alerts"}


def test_every_table_has_a_spark_schema_and_its_key_among_its_columns() -> None:
    for each in TABLES:
        assert spark_schema(each.schema).names == each.schema.names
        assert set(each.key) | set(each.partition_by) | set(each.stats) <= set(each.schema.names)
        assert each.doc
    gold = ("market_minutes", "alerts", "agent_features", "agent_clusters", "agent_novelty", "negotiations")
    assert [each.name for each in GOLD] == [f"gold.{name}" for name in gold]


def test_bronze_holds_headers_as_kafka_gives_them() -> None:
    assert spark_schema(bronze.SCHEMA)["headers"].dataType.simpleString() == "array<struct<key:string,value:binary>>"


def test_ground_truth_is_not_among_the_tables_that_all_may_read() -> None:
    assert not any("labels" in each.name for each in TABLES)


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown table 'silver.label'; known: bronze.events"):
        table("silver.label")


def test_unknown_type_is_refused() -> None:
    with pytest.raises(ValueError, match="no Spark type is named for the Arrow type float"):
        spark_type(pa.float32())
