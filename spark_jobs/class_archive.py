"""A class archive for Spark's driver, from which Java loads its classes in less time.

Made once, by set-up, from a session that writes and reads a small table. Java itself ignores an archive that another Java made.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from pyspark.sql import SparkSession

from pipelines.settings import Settings, settings
from spark_jobs import session

DUMP_SECONDS = 180.0


def make(settings: Settings) -> Path:
    """Make the archive and return where it lies."""
    archive = session.class_archive(settings)
    archive.unlink(missing_ok=True)
    with TemporaryDirectory(prefix="agora-classes-") as folder:
        own = settings.model_copy(update={"data_dir": Path(folder)})
        options = f"{session.java_options(own)} -XX:ArchiveClassesAtExit={archive}"
        spark = session.build(own, spark__driver__extraJavaOptions=options, spark__log__level="ERROR")
        _exercise(spark, Path(folder) / "table")
        drivers = [process for process in psutil.Process().children(recursive=True) if process.name() == "java"]
        spark.stop()
        _close_gateway(spark)
        psutil.wait_procs(drivers, timeout=DUMP_SECONDS)  # the archive is written when the driver's JVM ends
    return archive


def _exercise(spark: SparkSession, table: Path) -> None:
    """Load the classes that the product's first batch would: Delta, Parquet, aggregation."""
    spark.range(100).selectExpr("id", "id % 7 AS rest").write.format("delta").save(str(table))
    spark.read.format("delta").load(str(table)).groupBy("rest").count().collect()


def _close_gateway(spark: SparkSession) -> None:
    """End the driver's JVM, which otherwise lives until this process ends."""
    gateway = spark.sparkContext._gateway
    if gateway is not None:
        gateway.proc.stdin.close()
        gateway.shutdown()


if __name__ == "__main__":
    sys.exit(0 if make(settings()).exists() else 1)
