"""The stream on a Spark master with two workers: processes of their own that know of this project only what is shipped to them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pyspark
import pytest
import urllib3

from pipelines.local_stack.ports import free_port
from pipelines.local_stack.process import kill
from tests.flow.conftest import Lab, checked, wait_for

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900)]
HOME = Path(pyspark.__file__).parent


@dataclass(frozen=True)
class Cluster:
    """The laboratory whose Spark work is done elsewhere, and the workers that do it: processes and folders."""

    lab: Lab
    workers: dict[Path, subprocess.Popen[bytes]]

    def executors(self) -> list[psutil.Process]:
        """The processes that the workers started for applications."""
        children = [child for worker in self.workers.values() for child in psutil.Process(worker.pid).children(recursive=True)]
        return [child for child in children if _is_executor(child)]


def _is_executor(process: psutil.Process) -> bool:
    try:
        return "org.apache.spark.executor.CoarseGrainedExecutorBackend" in process.cmdline()
    except psutil.Error:  # a Python worker that has just ended
        return False


@contextmanager
def daemon(place: Path, kind: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A master or worker of Spark in a folder without the project; what it started ends with it."""
    place.mkdir()
    kept = {name: value for name, value in os.environ.items() if name in ("JAVA_HOME", "PATH")}
    own = {"SPARK_HOME": str(HOME), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "128m", "HOME": str(place)}
    command = [HOME / "bin" / "spark-class", f"org.apache.spark.deploy.{kind.lower()}.{kind}", "--host", "127.0.0.1", *words]
    with (place / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=place, env=kept | own, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        leader = psutil.Process(process.pid)
        kill([*leader.children(recursive=True), leader])
        process.wait(60)


@pytest.fixture(scope="module")
def cluster(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder, port, page = tmp_path_factory.mktemp("cluster"), str(free_port()), str(free_port())
    address = f"spark://127.0.0.1:{port}"
    with ExitStack() as running:
        running.enter_context(daemon(folder / "master", "Master", "--port", port, "--webui-port", page))
        workers = {}
        for number in (1, 2):
            place = folder / f"worker-{number}"
            words = ("--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", str(place / "work"), address)
            workers[place] = running.enter_context(daemon(place, "Worker", *words))
        wait_for(lambda: _alive(page) == 2, f"no two workers in {folder}")
        yield Cluster(replace(lab, extra={"AGORA_SPARK_MASTER": address, "AGORA_SPARK_EXECUTOR_MEMORY": "512m"}), workers)


def _alive(page: str) -> int:
    try:
        answer = urllib3.request("GET", f"http://127.0.0.1:{page}/json/", retries=False)
    except urllib3.exceptions.HTTPError:
        return 0
    return int(answer.json()["aliveworkers"]) if answer.status == 200 else 0  # its page is there before what is on it


def test_every_event_comes_through_though_an_executor_is_killed(cluster: Cluster) -> None:
    lab = cluster.lab
    stream = lab.start("stream", "--follow", "--json")
    playing = lab.start("simulate", "--worlds", "2", "--steps", "3000", "--seed", "5", "--pace", "20x", "--json")
    wait_for(lambda: lab.stream_status().get("batch", -1) >= 1, "the stream did not begin")
    cluster.executors()[0].send_signal(signal.SIGKILL)
    run = json.loads(checked(playing, ("simulate",)).stdout)
    stream.send_signal(signal.SIGINT)
    checked(stream, ("stream", "--follow"))
    lab.call("stream", "--once")
    assert lab.json("verify", "--run", run["run_id"], "--recompute")["ok"] is True


def test_the_code_that_ran_was_the_shipped_one(cluster: Cluster) -> None:
    for worker in cluster.workers:
        assert list(worker.glob("work/*/*/agora/spark_jobs/detection/__pycache__/*.nbi")), "numba keeps what it compiled beside the code"
