"""The compose file without containers: Kafka, Redis and Prometheus set up as the file says, and each service of ours started by its own
words and judged by its own health check, as docker compose would."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import urllib3
from pyarrow.fs import FileSelector

from pipelines.broker.admin import list_topics
from pipelines.events.topics import TOPICS
from pipelines.local_stack.ports import free_port
from tests.docker.composed import PROJECT, services
from tests.flow.compose_host import PATIENCE_S, Host, kafka_here, redis_here
from tests.flow.conftest import wait_for
from tests.flow.object_store import BUCKET, object_store, opened

pytestmark = pytest.mark.flow
GIVEN = {"REDIS_PASSWORD": "secret-1"}
AGORA = (sys.executable, "-m", "pipelines.apps.main")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Kafka and Redis, and the words by which the services find them here."""
    folder = tmp_path_factory.mktemp("host")
    kafka, outside, controller, scheduler, board, metrics = (f"127.0.0.1:{free_port()}" for _ in range(6))
    listeners = {"PLAINTEXT://:9092": kafka, "HOST://:19092": outside, "CONTROLLER://:9093": controller}
    found = {there: there.partition(":")[0] + f"://{place}" for there, place in listeners.items()}
    found |= {"kafka:9092": kafka, "localhost:9092": kafka, "kafka:9093": controller, "127.0.0.1:19092": outside}
    found |= {"dask-scheduler:8786": scheduler, "0.0.0.0": "127.0.0.1"} | kafka_here(folder) | redis_here(free_port())
    found |= {port: place.partition(":")[2] for port, place in (("8786", scheduler), ("8787", board), ("9464", metrics))}
    made = Host(folder, services(environment=GIVEN), found)
    with made.running("kafka", "redis") as processes:
        for name, process in processes.items():
            made.becomes_healthy(name, process)
        yield made


def test_topics_are_there_before_anything_else_starts(host: Host) -> None:
    assert host.start("topics").wait(PATIENCE_S) == 0, host.logs("topics")
    assert {topic.name for topic in TOPICS} <= set(list_topics(host.replaced["kafka:9092"]))
    assert host.start("topics").wait(PATIENCE_S) == 0
    assert "0 created" in host.logs("topics")


def test_the_core_and_a_sink_become_healthy_and_the_figures_tell_of_both(host: Host) -> None:
    with host.running("simulate", "stream", "sink-redis", "metrics") as processes:
        for name in ("simulate", "sink-redis", "metrics", "stream"):
            host.becomes_healthy(name, processes[name])
        page = urllib3.request("GET", f"http://127.0.0.1:{host.replaced['9464']}/metrics").data.decode()
        [worker] = psutil.Process(processes["simulate"].pid).children()
        with paused(worker):
            wait_for(lambda: not host.healthy("simulate", "--silent=2"), "a hung run remains healthy")
        wait_for(lambda: host.healthy("simulate", "--silent=2"), "the run does not go on")
    assert re.search(r'agora_hop_running\{hop="Kafka -> redis"\} 1', page)
    assert re.search(r'agora_hop_running\{hop="Kafka -> silver"\} 1', page)
    assert not any(host.healthy(name) for name in ("simulate", "stream", "sink-redis"))


@pytest.mark.skipif(shutil.which("prometheus") is None, reason="Prometheus is none of what `make setup` installs")
def test_prometheus_fetches_the_figures(host: Host) -> None:
    page, settings = f"127.0.0.1:{free_port()}", host.folder / "prometheus.d"
    there = {
        "0.0.0.0:9090": page,
        "127.0.0.1:9090": page,
        "localhost:9090": page,
        "/etc/prometheus": str(settings),
        "path=/prometheus": "path=data",
    }
    host = replace(host, apart={"prometheus": {**there, "metrics:9464": f"127.0.0.1:{host.replaced['9464']}", "15s": "1s"}})
    settings.mkdir()
    for path in (PROJECT / "docker" / "prometheus").iterdir():
        (settings / path.name).write_text(host.here(path.read_text(), "prometheus"))
    with host.running("metrics", "prometheus") as processes:
        for name, process in processes.items():
            host.becomes_healthy(name, process)
        wait_for(lambda: _up(page) == {"agora": "1", "prometheus": "1"}, "Prometheus does not reach both")


def _up(page: str) -> dict[str, str]:
    """Whether Prometheus reaches each that it asks."""
    found = urllib3.request("GET", f"http://{page}/api/v1/query", fields={"query": "up"}).json()["data"]["result"]
    return {each["metric"]["job"]: each["value"][1] for each in found}


@contextmanager
def paused(process: psutil.Process) -> Iterator[None]:
    """Within it the process does nothing."""
    process.suspend()
    try:
        yield
    finally:
        process.resume()


def test_worlds_play_on_the_dask_of_the_compose_file(host: Host) -> None:
    host = replace(host, apart={"dask-worker": {"8787": str(free_port())}})  # a container of its own has that port, too
    with host.running("dask-scheduler", "dask-worker") as processes:
        for name, process in processes.items():
            host.becomes_healthy(name, process)
        seen = host.environment("simulate")
        play = [*AGORA, "simulate", "--steps=50", "--worlds=2", f"--dask={host.here('tcp://dask-scheduler:8786')}"]
        played = subprocess.run(play, env=seen, capture_output=True, timeout=240)
    assert played.returncode == 0, played.stderr[-3000:]
    proof = subprocess.run([*AGORA, "verify", "--stores", "kafka", "--recompute"], env=seen, capture_output=True, timeout=240)
    assert proof.returncode == 0, proof.stdout[-3000:]


def test_the_stream_writes_into_an_object_store_by_what_is_passed_on(host: Host, tmp_path: Path) -> None:
    with object_store(tmp_path / "store") as variables:
        given = services(environment=GIVEN | variables | {"LAKE": f"s3://{BUCKET}/lake"})
        there = replace(host, folder=tmp_path, services=given)
        play = [*AGORA, "simulate", "--steps=50", "--worlds=1"]
        subprocess.run(play, env=there.environment("simulate"), capture_output=True, timeout=240, check=True)
        commits = FileSelector(f"{BUCKET}/lake/silver/trades/_delta_log", allow_not_found=True)
        with there.running("stream") as processes:
            there.becomes_healthy("stream", processes["stream"])
            wait_for(lambda: len(opened(variables["AWS_ENDPOINT_URL"]).get_file_info(commits)) > 1, "no trades in the store", PATIENCE_S)
    assert not (tmp_path / "data" / "lake").exists()
