"""A broker that asks everybody who he is: each part does its work under its principal, and no other; no password is seen anywhere."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from kafka import TopicPartition
from kafka.admin import ACLOperation

from pipelines.broker import rights
from pipelines.broker.admin import admin, list_topics
from pipelines.broker.consumer import Consumer, open_consumer
from pipelines.broker.kafka_log import KafkaLog
from pipelines.broker.producer import ProducerOptions, open_client
from pipelines.events.block import WireRecord
from pipelines.kafka_access import Access, Principal
from pipelines.local_stack import stack
from pipelines.local_stack.kafka import OWNER
from pipelines.local_stack.redis_server import ADMIN, READER, WRITER
from pipelines.local_stack.secret import keep_secret
from pipelines.settings import Settings
from pipelines.workers.broker_set_up import secure_broker, set_up_broker
from tests.flow.conftest import Lab

pytestmark = pytest.mark.flow
MARKER = "Gr8-marker_q7"
LABELS = "evaluation.labels"


class Watch:
    """Looks at the command lines of all processes meanwhile, and keeps those that hold the marker."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            lines = (" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"]))
            self.seen |= {line for line in lines if MARKER in line}


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A laboratory that was begun without logins and then got them; every password in it holds the marker."""
    lab = Lab(tmp_path_factory.mktemp("secured"))
    lab.call("stack", "up")
    lab.call("stack", "down")
    servers = lab.folder / "data" / "stack"
    names = [*(f"kafka/users/{who}" for who in Principal), f"kafka/{OWNER}", *(f"redis/{user}" for user in (WRITER, READER, ADMIN))]
    for name in names:
        path = servers / f"{name}.password"
        path.parent.mkdir(parents=True, exist_ok=True)
        keep_secret(path, f"{MARKER}-{path.stem}")
    lab = Lab(lab.folder, {"AGORA_KAFKA_PROTOCOL": "SASL_PLAINTEXT", "AGORA_POSTGRES_PASSWORD": f"{MARKER}-owner"})
    yield lab
    lab.call("stack", "down")


@pytest.fixture(scope="module")
def config(secured: Lab) -> Settings:
    """Its settings, with a run in it that went through the whole flow, each part under its principal."""
    said = []
    with Watch() as watch:
        said += [secured.call("stack", "up", "--with", "redis,postgres")]
        said += [secured.call("simulate", "--scenario", "balanced", "--worlds", "1", "--steps", "200", "--seed", "5", "--json")]
        said += [secured.call("stream", "--once", "--refresh", "0", "--json")]
        said += [secured.call("sink", name, "--once", "--json") for name in ("redis", "sql")]
        said += [secured.call("verify", "--stores", "kafka,bronze,silver,redis,sql", "--json"), secured.call("stack", "status")]
    assert watch.seen == set()
    assert [call.args for call in said if MARKER in call.stdout + call.stderr] == []
    assert '"ok":true' in said[-2].stdout
    return Settings(data_dir=secured.folder / "data", kafka_protocol="SASL_PLAINTEXT")


def test_no_file_shows_a_password_to_others(secured: Lab, config: Settings) -> None:
    found = [path for path in secured.folder.rglob("*") if path.is_file() and MARKER.encode() in path.read_bytes()]
    assert found
    assert [path for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    assert {path.suffix for path in found} <= {".password", ".properties", ".acl"}


@pytest.mark.parametrize("who", [Principal.DETECTOR, Principal.STREAM, Principal.VIEWER, Principal.REDIS])
def test_who_detects_or_shows_cannot_read_the_truth(config: Settings, who: Principal) -> None:
    reading = Consumer(stack.broker(config, who))
    assert reading.end_offset("market.trades", 0) + reading.end_offset("market.trades", 1) > 0
    for question in (reading.partitions, lambda topic: list(reading.read(topic, 0))):
        with pytest.raises(PermissionError, match=rf"{who} has no right to topic {LABELS} at .*TopicAuth.*run `agora stack secure`"):
            question(LABELS)
    assert LABELS not in list_topics(reading.servers)
    reading.close()


def test_what_the_detector_may_not_see_its_query_names(secured: Lab, config: Settings) -> None:
    detector = Lab(secured.folder, {**secured.extra, "AGORA_KAFKA_USER": Principal.DETECTOR})
    ended = detector.call("stream", "--once", "--labels", code=2)
    assert f"agora-detector has no right to topic {LABELS} at" in ended.stderr and "agora stack secure" in ended.stderr


@pytest.mark.parametrize("who", [Principal.LABELS, Principal.AUDITOR])
def test_the_query_of_the_truth_and_the_proof_read_it(config: Settings, who: Principal) -> None:
    reading = Consumer(stack.broker(config, who))
    assert sum(1 for partition in (0, 1) for _ in reading.read(LABELS, partition)) > 0
    reading.close()


def test_a_sink_shows_how_far_it_is_as_a_group_of_its_name(config: Settings) -> None:
    consumer = open_consumer(stack.broker(config, Principal.REDIS), "sink-redis")
    assert sum(consumer.committed(TopicPartition("market.trades", partition)) or 0 for partition in (0, 1)) > 0
    consumer.close(autocommit=False)


@pytest.mark.parametrize(
    ("who", "topic"), [(Principal.WORKER, "market.alerts"), (Principal.STREAM, "market.trades"), (Principal.VIEWER, "market.trades")]
)
def test_nobody_writes_what_is_not_his(config: Settings, who: Principal, topic: str) -> None:
    log = KafkaLog(stack.broker(config, who))
    with pytest.raises(PermissionError, match=rf"{who} has no right to topic {topic}"):
        log.send(WireRecord(topic, b"run/0", b"x", ()))
        log.flush(20)


@pytest.mark.parametrize("client", ["kafka-python", "confluent"])
def test_a_wrong_password_is_told_at_once(config: Settings, client: str) -> None:
    wrong = replace(stack.broker(config, Principal.WORKER), password=f"{MARKER}-wrong")
    with pytest.raises(PermissionError, match=r"does not let agora-worker in .*check AGORA_KAFKA_USER") as raised:
        open_client(wrong, ProducerOptions(client="confluent" if client == "confluent" else "kafka-python"))
    assert MARKER not in str(raised.value)


def test_without_a_login_nobody_comes_in(config: Settings) -> None:
    with pytest.raises(ConnectionError, match="AGORA_KAFKA_PROTOCOL if it wants a login"):
        open_client(Access(stack.broker_address(config)), ProducerOptions(start_timeout_s=2.0))


def test_settings_without_logins_are_told_of_them(config: Settings) -> None:
    with pytest.raises(OSError, match="the local broker runs with logins, but AGORA_KAFKA_PROTOCOL is PLAINTEXT; `agora stack down"):
        stack.broker_address(config.model_copy(update={"kafka_protocol": "PLAINTEXT"}))


def test_rights_beyond_the_table_are_taken_and_users_keep_what_they_have(config: Settings) -> None:
    set_up_broker(config)
    surplus = rights.Right(Principal.DETECTOR.value, ACLOperation.READ, LABELS)
    with admin(stack.broker(config, Principal.ADMIN)) as client:
        rights._give(client, [surplus])
    assert secure_broker(config).secured == rights.Secured(users=len(Principal), given=0, taken=1)
    set_up_broker(config)


def test_an_outside_cluster_is_secured_by_settings_alone(config: Settings, tmp_path: Path) -> None:
    """The same broker, taken as one elsewhere: its administrator makes a password anew."""
    users = tmp_path / "users"
    users.mkdir()
    (users / "agora-admin.password").write_text((config.kafka_users / "agora-admin.password").read_text())
    (users / "agora-viewer.password").write_text("another-one")
    outside = config.model_copy(update={"broker": stack.broker_address(config), "kafka_users_dir": users})
    try:
        made = secure_broker(outside)
        assert made.secured == rights.Secured(users=len(Principal) - 1, given=0, taken=0)
        reading = Consumer(stack.broker(outside, Principal.VIEWER))
        assert reading.partitions("market.trades") == 2
        reading.close()
    finally:
        secure_broker(config)
