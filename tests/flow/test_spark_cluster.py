"""The stream on a Spark master with two workers: processes of their own that know of this project only what is shipped to them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from pipelines.local_stack.ports import free_port
from tests.docker.composed import services
from tests.flow.compose_host import PATIENCE_S, Host
from tests.flow.conftest import Lab, checked, wait_for

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900)]
WORKERS = ("spark-worker-1", "spark-worker-2")  # docker compose up --scale spark-worker=2


@dataclass(frozen=True)
class Cluster:
    """The laboratory whose Spark work is done elsewhere, and the workers that do it: processes and folders."""

    lab: Lab
    workers: dict[Path, subprocess.Popen[str]]

    def executors(self) -> list[psutil.Process]:
        """The processes that the workers started for applications."""
        children = [child for worker in self.workers.values() for child in psutil.Process(worker.pid).children(recursive=True)]
        return [child for child in children if _is_executor(child)]


def _is_executor(process: psutil.Process) -> bool:
    try:
        return "org.apache.spark.executor.CoarseGrainedExecutorBackend" in process.cmdline()
    except psutil.Error:  # a Python worker that has just ended
        return False


@pytest.fixture(scope="module")
def cluster(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Master and workers as docker compose starts them and asks for their health, in folders without the project."""
    folder, port = tmp_path_factory.mktemp("cluster"), str(free_port())
    found = {name: each for name, each in services().items() if name.startswith("spark-")}
    found |= dict.fromkeys(WORKERS, found["spark-worker"])
    apart = {name: {"8080": str(free_port()), "/tmp/spark": str(folder / name / "work")} for name in found}
    outside = {name: os.environ[name] for name in ("JAVA_HOME",) if name in os.environ} | {
        "SPARK_LOCAL_IP": "127.0.0.1",
        "HOME": str(folder),
    }
    host = Host(folder, found, {"spark-master": "127.0.0.1", "7077": port}, apart, outside)
    with host.running("spark-master") as master:
        host.becomes_healthy("spark-master", master["spark-master"])
        with host.running(*WORKERS) as workers:
            for name, worker in workers.items():
                host.becomes_healthy(name, worker)
            settings = {"AGORA_SPARK_MASTER": f"spark://127.0.0.1:{port}", "AGORA_SPARK_EXECUTOR_MEMORY": "512m"}
            yield Cluster(replace(lab, extra=settings), {host.place(name): worker for name, worker in workers.items()})


def test_every_event_comes_through_though_an_executor_is_killed(cluster: Cluster) -> None:
    lab = cluster.lab
    stream = lab.start("stream", "--follow", "--json")
    playing = lab.start("simulate", "--worlds", "2", "--steps", "3000", "--seed", "5", "--pace", "20x", "--json")
    wait_for(lambda: lab.stream_status().get("batch", -1) >= 1, "the stream did not begin", PATIENCE_S)
    cluster.executors()[0].send_signal(signal.SIGKILL)
    run = json.loads(checked(playing, ("simulate",)).stdout)
    stream.send_signal(signal.SIGINT)
    checked(stream, ("stream", "--follow"))
    lab.call("stream", "--once")
    assert lab.json("verify", "--run", run["run_id"], "--recompute")["ok"] is True


def test_the_code_that_ran_was_the_shipped_one(cluster: Cluster) -> None:
    for worker in cluster.workers:
        assert list(worker.glob("work/*/*/agora/spark_jobs/detection/__pycache__/*.nbi")), "numba keeps what it compiled beside the code"
