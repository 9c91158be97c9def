"""The daemon of Spark's Python workers has the stream's compiled code loaded before it forks."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from pipelines.events import varint
from spark_jobs import worker_daemon
from spark_jobs.detection.ewma import scores
from spark_jobs.ingest.task import warm_up


def test_decoding_and_detection_are_compiled() -> None:
    worker_daemon.load()
    for compiled in (varint.take_columns, scores):
        assert compiled.signatures


@pytest.mark.flow
def test_workers_begin_with_the_work_loaded_from_installed_packages(spark: SparkSession) -> None:
    def look(_batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        archives = [entry for entry in (*sys.path, *sys.path_importer_cache) if ".zip" in entry or ".jar" in entry]
        yield pa.RecordBatch.from_pylist([{"loaded": "spark_jobs.ingest.intake" in sys.modules, "archives": len(archives)}])

    warm_up(spark, {})
    rows = spark.range(1).mapInArrow(look, "loaded boolean, archives long").collect()
    assert {(row.loaded, row.archives) for row in rows} == {(True, 0)}
