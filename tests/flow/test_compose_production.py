"""What production lays over the compose file, without containers: three brokers with logins, of which one is killed in mid-run."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from pipelines.broker.admin import admin
from pipelines.kafka_access import Access
from pipelines.local_stack.ports import free_port
from spark_jobs.ingest.status import Status, read_status, status_path
from tests.docker.composed import services
from tests.flow.compose_host import KILLED, PATIENCE_S, Host, kafka_here
from tests.flow.conftest import AGORA, checked, wait_for

pytestmark = pytest.mark.flow
BROKERS = {1: "kafka", 2: "kafka-2", 3: "kafka-3"}
PASSWORD = "secret-1"
SIMULATE = ("simulate", "--worlds=2", "--workers=1", "--steps=3000", "--pace=20x", "--json")
Brokers = tuple[Host, dict[str, subprocess.Popen[str]]]


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brokers]:
    """The three brokers of production, which ask everybody who he is, and of which each says that it belongs to the cluster."""
    folder = tmp_path_factory.mktemp("production")
    (folder / "password").write_text(PASSWORD)
    places = {name: f"127.0.0.1:{free_port()}" for name in BROKERS.values()}
    controllers = {name: f"127.0.0.1:{free_port()}" for name in places}
    (folder / "airflow").write_text(f"http://admin:{PASSWORD}@127.0.0.1:{free_port()}")  # where none answers: the stream goes on without
    found = {"/run/secrets/kafka_broker_password": str(folder / "password"), "/data/kafka-users": str(folder / "users")}
    found["/run/secrets/agora_airflow_url"] = str(folder / "airflow")
    found |= {f"{name}:9092": place for name, place in places.items()} | {f"{name}:9093": place for name, place in controllers.items()}
    apart = {
        name: {
            "SASL_PLAINTEXT://:9092": f"SASL_PLAINTEXT://{places[name]}",
            "CONTROLLER://:9093": f"CONTROLLER://{controllers[name]}",
            "localhost:9092": places[name],
            "/tmp/owner.properties": str(folder / f"{name}.properties"),
        }
        for name in places
    }
    apart["stream"] = {"local[6]": "local[2]", "8g": "1g"}
    host = Host(folder, services("docker-compose.yml", "docker-compose.prod.yml"), found | kafka_here(folder), apart)
    with host.running(*places, ends=(KILLED,)) as processes:
        with ThreadPoolExecutor(len(processes)) as pool:
            list(pool.map(host.becomes_healthy, processes, processes.values()))
        yield host, processes
        for process in processes.values():
            process.kill()  # one of several that lacks the others would wait for them long


def test_topics_are_made_on_all_three_and_nobody_comes_in_without_a_login(brokers: Brokers) -> None:
    host, _ = brokers
    assert host.start("topics").wait(PATIENCE_S) == 0, host.logs("topics")
    with admin(_owner(host)) as client:
        [topic] = client.describe_topics(["market.orders"])
    assert all(sorted(each["replica_nodes"]) == [1, 2, 3] for each in topic["partitions"])
    with pytest.raises(KafkaError):
        KafkaAdminClient(bootstrap_servers=_owner(host).servers.split(","), bootstrap_timeout_ms=3000).list_topics()


def test_a_broker_that_leads_is_killed_in_mid_run_and_every_event_is_in_the_tables(brokers: Brokers) -> None:
    host, processes = brokers
    with host.running("stream") as running:
        host.becomes_healthy("stream", running["stream"])
        seen = host.environment("simulate")
        playing = subprocess.Popen([*AGORA, *SIMULATE], env=seen, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_for(lambda: _stream(host).rows.get("silver.orders", 0) > 0, "no order is in the tables", PATIENCE_S)
        processes[_leader(host)].kill()
        assert playing.poll() is None, "the run ended before the kill could hurt it; give it more steps"
        run, ended = json.loads(checked(playing, SIMULATE).stdout)["run_id"], time.time()
        wait_for(lambda: _stream(host).checked_at > ended and _stream(host).caught_up, "the stream does not catch up", PATIENCE_S)
        assert host.healthy("stream"), host.check("stream").stdout
    for words in (("verify", "--run", run), ("check", "--run", run)):
        done = subprocess.run([*AGORA, *words], env=host.environment("stream"), capture_output=True, text=True, timeout=PATIENCE_S)
        assert done.returncode == 0, f"{words}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"


def _owner(host: Host) -> Access:
    addresses = ",".join(host.here(f"{name}:9092") for name in BROKERS.values())
    return Access(addresses, "SASL_PLAINTEXT", "PLAIN", "agora-broker", PASSWORD)


def _leader(host: Host) -> str:
    """The broker that takes the orders of the first partition."""
    with admin(_owner(host)) as client:
        [topic] = client.describe_topics(["market.orders"])
    return BROKERS[min(topic["partitions"], key=lambda each: each["partition_index"])["leader_id"]]


def _stream(host: Host) -> Status:
    """What the stream says of itself."""
    status = read_status(status_path(host.folder / "data"))
    assert status
    return status
