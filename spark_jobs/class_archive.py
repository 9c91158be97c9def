"""A class archive for Spark's driver, from which Java loads its classes in less time.

Made once, by set-up, from a session that does the work of the product on a row or two. Java itself ignores an archive that
another Java made.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from pipelines.settings import Settings, settings
from spark_jobs import batch, session
from spark_jobs.catalog import SILVER
from spark_jobs.delta_writes import replace_runs

DUMP_SECONDS = 180.0


def make(settings: Settings) -> Path:
    """Make the archive and return where it lies."""
    archive = session.class_archive(settings)
    archive.unlink(missing_ok=True)
    with TemporaryDirectory(prefix="agora-classes-") as folder:
        own = settings.model_copy(update={"data_dir": Path(folder)})
        options = f"{session.java_options(own)} -XX:ArchiveClassesAtExit={archive}"
        spark = session.build(own, spark__driver__extraJavaOptions=options, spark__log__level="ERROR")
        _exercise(spark, Path(folder))
        drivers = [process for process in psutil.Process().children(recursive=True) if process.name() == "java"]
        spark.stop()
        _close_gateway(spark)
        psutil.wait_procs(drivers, timeout=DUMP_SECONDS)  # the archive is written when the driver's JVM ends
    return archive


def _exercise(spark: SparkSession, folder: Path) -> None:
    """Load the classes that the product's work loads: a query that streams, and gold made from silver."""
    for table in SILVER:
        replace_runs(folder / "lake", table, _one_row(table.schema), ["example"])
    batch.refresh(spark, folder / "lake")
    writer = spark.readStream.format("rate").load().writeStream.foreachBatch(_collect)
    query = writer.option("checkpointLocation", str(folder / "checkpoint")).start()
    query.processAllAvailable()
    query.stop()


def _one_row(schema: pa.Schema) -> pa.Table:
    values = {field.name: pa.scalar("example" if pa.types.is_string(field.type) else 0).cast(field.type) for field in schema}
    return pa.table({name: pa.array([value]) for name, value in values.items()}).cast(schema)


def _collect(frame: DataFrame, _batch: int) -> None:
    frame.mapInArrow(_same, frame.schema).collect()


def _same(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield from batches


def _close_gateway(spark: SparkSession) -> None:
    """End the driver's JVM, which otherwise lives until this process ends."""
    gateway = spark.sparkContext._gateway
    if gateway is not None:
        gateway.proc.stdin.close()
        gateway.shutdown()


if __name__ == "__main__":
    sys.exit(0 if make(settings()).exists() else 1)
