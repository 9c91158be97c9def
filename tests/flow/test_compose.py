"""The compose file without containers: Kafka set up by its image's own class from the variables given there, and each service of ours
started by its own words and judged by its own health check, as docker compose would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import urllib3
from kafka import KafkaAdminClient
from kafka.errors import KafkaError
from pyarrow.fs import FileSelector

from pipelines.broker.admin import list_topics
from pipelines.events.topics import TOPICS
from pipelines.local_stack import ports, stack
from pipelines.local_stack.java import find_java
from pipelines.local_stack.kafka import is_kafka
from pipelines.settings import Settings
from tests.docker.composed import Service, services
from tests.flow.conftest import wait_for
from tests.flow.object_store import BUCKET, object_store, opened

pytestmark = pytest.mark.flow
PATIENCE_S = 240.0
CLUSTER = "5L6g3nShT-eMCtK--X86sw"  # any; the image brings one of its own
SAMPLE = {"STEPS": "300", "PACE": "10x"}
SERVICES = services(environment=SAMPLE)


class Host:
    """This machine in the place of the network of containers.

    Parameters
    ----------
    folder : for data, in the place of the volumes.
    replaced : what stands in the compose file, by what stands here for it.
    """

    def __init__(self, folder: Path, replaced: Mapping[str, str]) -> None:
        self.folder, self.replaced = folder, dict(replaced)

    def here(self, words: str) -> str:
        """Words of the compose file as they are right on this machine."""
        for there, here in self.replaced.items():
            words = words.replace(there, here)
        return words

    def environment(self, service: Service) -> dict[str, str]:
        """What the service sees."""
        given = {name: self.here(value) for name, value in service.get("environment", {}).items()}
        bin_folder = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        data = {"AGORA_DATA_DIR": str(self.folder / "data"), "AGORA_RESULTS_DIR": str(self.folder / "results")}
        return os.environ | given | data | {"PATH": bin_folder}

    def start(self, name: str) -> subprocess.Popen[str]:
        """Start a service by its own words."""
        service = SERVICES[name]
        words = [self.here(word) for word in [*service.get("entrypoint", ["agora"]), *service["command"]]]
        log = (self.folder / f"{name}.log").open("w")
        return subprocess.Popen(words, env=self.environment(service), stdout=log, stderr=log, text=True, start_new_session=True)

    def healthy(self, name: str) -> bool:
        """What its own health check says."""
        service = SERVICES[name]
        words = [self.here(word) for word in service["healthcheck"]["test"][1:]]
        return subprocess.run(words, env=self.environment(service), capture_output=True, timeout=60).returncode == 0

    def becomes_healthy(self, name: str, process: subprocess.Popen[str]) -> None:
        """Wait for it as `docker compose up --wait` does."""
        until = time.monotonic() + PATIENCE_S
        while not self.healthy(name):
            log = (self.folder / f"{name}.log").read_text()[-3000:]
            assert process.poll() is None and time.monotonic() < until, f"{name} does not become healthy\n{log}"
            time.sleep(0.5)

    def logs(self, name: str) -> str:
        """What it said."""
        return (self.folder / f"{name}.log").read_text()


@contextmanager
def broker(folder: Path, service: Service, given: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Kafka as the image starts it from the variables of a service, but for those given; it need not answer yet."""
    environment = service["environment"] | given | {"KAFKA_LOG_DIRS": str(folder / "log")}
    for name in ("default", "mounted", "final", "log"):
        (folder / name).mkdir(parents=True)
    for name in ("server.properties", "log4j2.yaml", "tools-log4j2.yaml"):
        (folder / "default" / name).touch()
    config = Settings()
    java = [str(find_java(config)), *environment.pop("KAFKA_HEAP_OPTS").split(), "-cp", f"{config.kafka_jars}/*"]
    folders = [word for name in ("default", "mounted", "final") for word in (f"--{name}-configs-dir", str(folder / name))]
    made = {"PATH": os.environ["PATH"], "CLUSTER_ID": CLUSTER, **environment}
    subprocess.run([*java, "kafka.docker.KafkaDockerWrapper", "setup", *folders], env=made, check=True, capture_output=True, timeout=120)
    process = subprocess.Popen([*java, "kafka.Kafka", str(folder / "final" / "server.properties")], stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()  # one of several that lacks the others would wait for them long
        process.wait(60)


def _place(address: str) -> tuple[str, int]:
    host, _, port = address.partition(":")
    return host, int(port)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Kafka and Redis, and the words by which the services find them here."""
    folder = tmp_path_factory.mktemp("host")
    kafka, controller, scheduler, board, metrics = (f"127.0.0.1:{ports.free_port()}" for _ in range(5))
    local = Settings(data_dir=folder / "stores", broker=kafka)
    given = {"KAFKA_LISTENERS": f"PLAINTEXT://{kafka},CONTROLLER://{controller}", "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{kafka}"}
    with broker(folder / "kafka", SERVICES["kafka"], given | {"KAFKA_CONTROLLER_QUORUM_VOTERS": f"1@{controller}"}):
        wait_for(lambda: is_kafka(*_place(kafka)), "Kafka does not answer", PATIENCE_S)
        stack.up(local, ["redis"])
        try:
            found = {"kafka:9092": kafka, "tcp://dask-scheduler:8786": f"tcp://{scheduler}", "0.0.0.0": "127.0.0.1"}
            found |= {port: place.partition(":")[2] for port, place in (("8786", scheduler), ("8787", board), ("9464", metrics))}
            yield Host(folder, found)
        finally:
            stack.down(local)


def test_topics_are_there_before_anything_else_starts(host: Host) -> None:
    assert host.start("topics").wait(PATIENCE_S) == 0, host.logs("topics")
    assert {topic.name for topic in TOPICS} <= set(list_topics(host.replaced["kafka:9092"]))
    assert host.start("topics").wait(PATIENCE_S) == 0
    assert "0 created" in host.logs("topics")


@contextmanager
def running(host: Host, *names: str) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """Services from start to stop; each must end in good order when it is told to."""
    processes = {name: host.start(name) for name in names}
    try:
        yield processes
    finally:
        for process in processes.values():
            process.terminate()
        codes = {name: process.wait(60) for name, process in processes.items()}
    assert all(code in (0, 143, -15) for code in codes.values()), codes


def test_the_core_and_a_sink_become_healthy_and_the_figures_tell_of_both(host: Host) -> None:
    redis = stack.store_address(Settings(data_dir=host.folder / "stores"), "redis")
    SERVICES["sink-redis"]["environment"]["AGORA_REDIS_URL"] = redis
    with running(host, "simulate", "stream", "sink-redis", "metrics") as processes:
        for name in ("simulate", "sink-redis", "metrics", "stream"):
            host.becomes_healthy(name, processes[name])
        assert processes["simulate"].poll() is None or processes["simulate"].returncode == 0, host.logs("simulate")
        page = urllib3.request("GET", f"http://{host.here('127.0.0.1:9464')}/metrics").data.decode()
    assert re.search(r'agora_hop_running\{hop="Kafka -> redis"\} 1', page)
    assert re.search(r'agora_hop_running\{hop="Kafka -> silver"\} 1', page)
    assert not host.healthy("stream") and not host.healthy("sink-redis")


def test_worlds_play_on_the_dask_of_the_compose_file(host: Host) -> None:
    with running(host, "dask-scheduler", "dask-worker") as processes:
        for name, process in processes.items():
            host.becomes_healthy(name, process)
        address = host.here("tcp://dask-scheduler:8786")
        words, seen = [sys.executable, "-m", "pipelines.apps.main"], host.environment(SERVICES["simulate"])
        play = [*words, "simulate", "--steps=50", "--worlds=2", f"--dask={address}"]
        played = subprocess.run(play, env=seen, capture_output=True, timeout=240)
    assert played.returncode == 0, played.stderr[-3000:]
    proof = subprocess.run([*words, "verify", "--stores", "kafka", "--recompute"], env=seen, capture_output=True, timeout=240)
    assert proof.returncode == 0, proof.stdout[-3000:]


def test_the_stream_writes_into_an_object_store_by_what_is_passed_on(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = Host(tmp_path, host.replaced)
    with object_store(tmp_path / "store") as variables:
        given = services(environment=SAMPLE | variables | {"LAKE": f"s3://{BUCKET}/lake"})
        monkeypatch.setitem(SERVICES, "stream", given["stream"])
        play = [sys.executable, "-m", "pipelines.apps.main", "simulate", "--steps=50", "--worlds=1"]
        subprocess.run(play, env=there.environment(SERVICES["simulate"]), capture_output=True, timeout=240, check=True)
        commits = FileSelector(f"{BUCKET}/lake/silver/trades/_delta_log", allow_not_found=True)
        with running(there, "stream") as processes:
            there.becomes_healthy("stream", processes["stream"])
            wait_for(lambda: len(opened(variables["AWS_ENDPOINT_URL"]).get_file_info(commits)) > 1, "no trades in the store", PATIENCE_S)
    assert not (tmp_path / "data" / "lake").exists()


PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"
OWNER = f'{PLAIN} username="agora-broker" password="secret-1" user_agora-broker="secret-1";'
PRODUCTION = services("docker-compose.yml", "docker-compose.prod.yml")


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Host, dict[str, subprocess.Popen[bytes]]]]:
    """The three brokers of production, which ask everybody who he is."""
    folder = tmp_path_factory.mktemp("production")
    places = {name: f"127.0.0.1:{ports.free_port()}" for name in ("kafka", "kafka-2", "kafka-3")}
    controllers = {name: f"127.0.0.1:{ports.free_port()}" for name in places}
    voters = ",".join(f"{number}@{address}" for number, address in enumerate(controllers.values(), start=1))
    logins = {f"KAFKA_LISTENER_NAME_{name}_PLAIN_SASL_JAAS_CONFIG": OWNER for name in ("CONTROLLER", "SASL__PLAINTEXT")}
    (folder / "password").write_text("secret-1")
    with ExitStack() as all_of_them:
        processes = {}
        for name, address in places.items():
            given = {
                "KAFKA_LISTENERS": f"SASL_PLAINTEXT://{address},CONTROLLER://{controllers[name]}",
                "KAFKA_CONTROLLER_QUORUM_VOTERS": voters,
            }
            given |= {"KAFKA_ADVERTISED_LISTENERS": f"SASL_PLAINTEXT://{address}", "KAFKA_HEAP_OPTS": "-Xmx256m"}
            given |= logins
            processes[name] = all_of_them.enter_context(broker(folder / name, PRODUCTION[name], given))
        wait_for(lambda: all(is_kafka(*_place(address)) for address in places.values()), "three brokers do not answer", PATIENCE_S)
        found = {f"{name}:9092": address for name, address in reversed(places.items())}
        found |= {"/run/secrets/kafka_broker_password": str(folder / "password"), "/data/kafka-users": str(folder / "users")}
        yield Host(folder, found), processes


def test_in_production_topics_are_on_three_brokers_of_which_one_may_die(
    brokers: tuple[Host, dict[str, subprocess.Popen[bytes]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, processes = brokers
    monkeypatch.setitem(SERVICES, "topics", PRODUCTION["topics"])
    assert host.start("topics").wait(PATIENCE_S) == 0, host.logs("topics")
    addresses = host.here("kafka:9092,kafka-2:9092,kafka-3:9092").split(",")
    with pytest.raises(KafkaError):
        KafkaAdminClient(bootstrap_servers=addresses, bootstrap_timeout_ms=3000).list_topics()
    processes["kafka-3"].kill()
    environment = host.environment(PRODUCTION["simulate"])
    words = [sys.executable, "-m", "pipelines.apps.main", "simulate", "--steps=50", "--workers=1"]
    played = subprocess.run(words, env=environment, capture_output=True, timeout=240)
    assert played.returncode == 0, played.stderr[-3000:]
    proof = subprocess.run([*words[:3], "verify", "--stores", "kafka"], env=environment, capture_output=True, timeout=240)
    assert proof.returncode == 0, proof.stdout[-3000:]
