"""How a session is set up for this machine alone, and for executors elsewhere."""

from __future__ import annotations

import tarfile
from pathlib import Path

from pipelines.settings import Settings
from spark_jobs.session import _bind_address, _configuration


def test_alone_the_driver_is_heard_on_this_machine_only(tmp_path: Path) -> None:
    made = _configuration(Settings(data_dir=tmp_path), tmp_path, quick=True)
    assert (made["spark.driver.host"], made["spark.driver.bindAddress"]) == ("127.0.0.1", "127.0.0.1")


def test_executors_elsewhere_reach_it_by_name_and_get_code_and_jars(tmp_path: Path) -> None:
    chosen = Settings(data_dir=tmp_path, spark_master="spark://master:7077", spark_driver_host="stream", spark_executor_memory="512m")
    made = _configuration(chosen, tmp_path, quick=True)
    assert (made["spark.driver.host"], made["spark.driver.bindAddress"]) == ("stream", "0.0.0.0")
    assert _bind_address(chosen) == "0.0.0.0"
    assert made["spark.executor.memory"] == "512m"
    assert made["spark.driver.extraClassPath"] == f"{chosen.spark_jars}/*"
    assert made["spark.jars"].split(",") == [str(jar) for jar in sorted(chosen.spark_jars.glob("*.jar"))]
    archive, _, folder = made["spark.archives"].partition("#")
    assert made["spark.executorEnv.PYTHONPATH"] == folder
    with tarfile.open(archive) as packed:
        names = packed.getnames()
    assert {"spark_jobs/ingest/task.py", "pipelines/events/codec.py", "simulator/types.py"} <= set(names)
    assert not [name for name in names if "__pycache__" in name]


def test_alone_nothing_is_shipped(tmp_path: Path) -> None:
    assert not {"spark.archives", "spark.jars", "spark.executorEnv.PYTHONPATH"} & set(_configuration(Settings(), tmp_path, quick=True))
