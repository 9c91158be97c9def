"""How a session is set up for this machine alone, and for executors elsewhere."""

from __future__ import annotations

from pathlib import Path

from pipelines.settings import Settings
from spark_jobs.session import _bind_address, _configuration


def test_alone_the_driver_is_heard_on_this_machine_only(tmp_path: Path) -> None:
    made = _configuration(Settings(data_dir=tmp_path), tmp_path, quick=True)
    assert (made["spark.driver.host"], made["spark.driver.bindAddress"]) == ("127.0.0.1", "127.0.0.1")


def test_executors_elsewhere_reach_it_by_name_and_find_the_jars(tmp_path: Path) -> None:
    chosen = Settings(data_dir=tmp_path, spark_master="spark://master:7077", spark_driver_host="stream", spark_executor_memory="512m")
    made = _configuration(chosen, tmp_path, quick=True)
    assert (made["spark.driver.host"], made["spark.driver.bindAddress"]) == ("stream", "0.0.0.0")
    assert _bind_address(chosen) == "0.0.0.0"
    assert made["spark.executor.memory"] == "512m"
    assert made["spark.executor.extraClassPath"] == made["spark.driver.extraClassPath"] == f"{chosen.spark_jars}/*"
