"""What of Spark's SQL only asks."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from spark_jobs.questions import changes_tables


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1",
        "FROM silver.trades SELECT count(*)",
        "WITH a AS (SELECT 1 AS x) SELECT 'InsertIntoStatement' FROM a",
        "EXPLAIN INSERT INTO silver.trades VALUES (1)",
        "DESCRIBE silver.trades",
    ],
)
def test_what_only_asks(spark: SparkSession, query: str) -> None:
    assert not changes_tables(spark, query)


@pytest.mark.parametrize(
    "query",
    [
        "FROM silver.trades INSERT INTO gold.alerts SELECT *",
        "FROM silver.trades INSERT OVERWRITE TABLE gold.alerts SELECT *",
        "FROM a INSERT INTO b SELECT * INSERT INTO c SELECT *",
        "WITH a AS (SELECT 1 AS x) INSERT INTO b SELECT x FROM a",
        "WITH a AS (SELECT 1 AS x) DELETE FROM b WHERE x IN (SELECT x FROM a)",
        "WITH a AS (SELECT 1 AS x) MERGE INTO b USING a ON a.x = b.x WHEN MATCHED THEN DELETE",
    ],
)
def test_what_changes_a_table_behind_its_first_words(spark: SparkSession, query: str) -> None:
    assert changes_tables(spark, query)
