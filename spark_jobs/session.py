"""The only place where a SparkSession is built: one process, two cores, little memory, Delta tables.

Why each setting is there is said beside it; the figures behind them are in docs.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from pipelines.settings import Settings
from spark_jobs.shipping import is_elsewhere, shipment

LOOPBACK = "127.0.0.1"
CHECKPOINT_FILES = "org.apache.spark.sql.execution.streaming.checkpointing.FileSystemBasedCheckpointFileManager"
LOG_CONFIG = Path(__file__).with_name("log4j2.properties")


def build(settings: Settings, app_name: str = "agora", *, quick: bool = True, **overrides: str) -> SparkSession:
    """The session of this process; a second call gives the same one.

    Parameters
    ----------
    settings : where the jars, the tables and Spark's scratch files lie, and how large the driver may be.
    app_name : what Spark's own page and logs call it.
    quick : whether the JVM compiles each method once and lightly. That halves the CPU time until the first batch, and the
        stream needs no more, since its heavy work is done in Python workers; long SQL over much data is faster without.
    overrides : Spark settings by name, with `__` for the dots.

    Raises ValueError when the jars are not there.
    """
    _check_jars(settings.spark_jars)
    _tell_the_jvm(settings)
    scratch = settings.data_dir / "spark"
    scratch.mkdir(parents=True, exist_ok=True)
    builder = SparkSession.builder.master(settings.spark_master).appName(app_name)
    for name, value in (
        _configuration(settings, scratch, quick) | {key.replace("__", "."): value for key, value in overrides.items()}
    ).items():
        builder = builder.config(name, value)
    return _made(builder)


def _tell_the_jvm(settings: Settings) -> None:
    """What Spark's start scripts take from the environment only; written here, never read."""
    told = {"PYSPARK_PYTHON": settings.spark_python or sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    if _bind_address(settings) == LOOPBACK:
        told["SPARK_LOCAL_IP"] = LOOPBACK
    if settings.java_home is not None:
        told["JAVA_HOME"] = str(settings.java_home)
    os.environ.update(told)  # noqa: TID251


def _bind_address(settings: Settings) -> str:
    """Where the driver listens: loopback, unless executors elsewhere must reach it."""
    return LOOPBACK if settings.spark_driver_host == LOOPBACK else "0.0.0.0"


def _made(builder: Any) -> SparkSession:
    """The builder's session. Spark puts a handler of its own in the place of ours, after which Ctrl-C is no clean stop any more."""
    before = signal.getsignal(signal.SIGINT)
    session: SparkSession = builder.getOrCreate()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, before)
    return session


def _check_jars(folder: Path) -> None:
    if not list(folder.glob("delta-spark_*.jar")):
        raise ValueError(f"no Delta jars in {folder}; Spark needs them: run `make setup`, or set AGORA_JARS_DIR")


def _configuration(settings: Settings, scratch: Path, quick: bool) -> dict[str, str]:
    made = _small_box(settings, scratch, quick) | _delta() | _streaming() | {"spark.driver.extraClassPath": f"{settings.spark_jars}/*"}
    return made | (shipment(scratch, settings.spark_jars) if is_elsewhere(settings.spark_master) else {})


def class_archive(settings: Settings) -> Path:
    """Where the archive of the driver's classes lies, if set-up made one."""
    return settings.spark_jars / "classes.jsa"


def java_options(settings: Settings, quick: bool = True) -> str:
    """The options of the driver's JVM. An archive that does not fit this Java is ignored by it."""
    options = ["-XX:+UseSerialGC", f"-Dlog4j2.configurationFile={LOG_CONFIG}", f"-Dderby.system.home={settings.data_dir / 'spark'}"]
    if quick:
        options += ["-XX:TieredStopAtLevel=1"]
    archive = class_archive(settings)
    return " ".join(options + ([f"-XX:SharedArchiveFile={archive}", "-Xlog:cds*=off"] if archive.exists() else []))


def _small_box(settings: Settings, scratch: Path, quick: bool) -> dict[str, str]:
    return {
        "spark.driver.memory": settings.spark_driver_memory,
        "spark.driver.host": settings.spark_driver_host,
        "spark.driver.bindAddress": _bind_address(settings),
        "spark.executor.memory": settings.spark_executor_memory,
        # one collector thread is enough for a small heap and starts fastest
        "spark.driver.extraJavaOptions": java_options(settings, quick),
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.ui.enabled": str(settings.spark_ui_port > 0).lower(),
        "spark.ui.port": str(settings.spark_ui_port),
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.default.parallelism": "2",
        "spark.sql.session.timeZone": "UTC",
        # plain Python functions straight over a Parquet scan hang in 4.2.0 at the default
        "spark.sql.execution.pythonUDF.arrow.enabled": "false",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.python.daemon.module": "spark_jobs.worker_daemon",
        # a row of the stream is a whole block of events
        "spark.sql.execution.arrow.maxRecordsPerBatch": "100",
    }


def _delta() -> dict[str, str]:
    return {
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.databricks.delta.snapshotPartitions": "2",  # fifty tasks per snapshot otherwise
        "spark.sql.parquet.compression.codec": "zstd",
    }


def _streaming() -> dict[str, str]:
    return {
        "spark.sql.streaming.noDataMicroBatches.enabled": "false",
        "spark.sql.streaming.numRecentProgressUpdates": "10",
        "spark.sql.streaming.stopTimeout": "60s",
        # the usual way starts a `chmod` for each small file: 60 ms of every batch go into its offsets
        "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
        "spark.sql.streaming.checkpointFileManagerClass": CHECKPOINT_FILES,
    }
