"""The real broker: starts once, keeps its data and ports over a stop and a kill, and leaves no process behind."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from pipelines.local_stack import ports, stack
from pipelines.local_stack.kafka import KafkaServer
from pipelines.settings import Settings
from tests.processes import alive

pytestmark = pytest.mark.flow


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    made = Settings(data_dir=tmp_path)
    yield made
    stack.down(made)


def write(address: str, text: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=address, acks="all")
    producer.send("notes", text).get(timeout=20)
    producer.close()


def read(address: str) -> list[bytes]:
    consumer = KafkaConsumer("notes", bootstrap_servers=address, auto_offset_reset="earliest", consumer_timeout_ms=3000)
    found = [record.value for record in consumer]
    consumer.close()
    return found


def process_of(settings: Settings) -> psutil.Process:
    process = KafkaServer(settings).process.find()
    assert process is not None
    return process


def test_data_and_port_survive_a_kill_and_a_stop(settings: Settings) -> None:
    address = stack.up(settings)[0].address
    KafkaAdminClient(bootstrap_servers=address).create_topics([NewTopic("notes", 1, 1)])
    write(address, b"before the kill")
    process = process_of(settings)
    process.kill()
    process.wait(10)

    assert stack.status(settings)[0].state == "stopped"
    assert stack.up(settings)[0].address == address
    write(address, b"after the kill")
    assert stack.down(settings) == ["kafka"]

    assert stack.up(settings)[0].address == address
    assert read(address) == [b"before the kill", b"after the kill"]


def test_what_runs_already_is_left_alone_and_what_was_started_here_is_stopped(settings: Settings) -> None:
    with stack.running(settings) as address:
        process = process_of(settings)
        with stack.running(settings) as again:
            assert again == address
        assert process_of(settings).pid == process.pid
    assert not alive([process])


def test_a_remembered_port_that_was_taken_meanwhile_is_replaced(settings: Settings) -> None:
    address = stack.up(settings)[0].address
    stack.down(settings)
    kept = json.loads((KafkaServer(settings).folder / "ports.json").read_text())
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((ports.HOST, kept["broker"]))
        other.listen()
        assert stack.up(settings)[0].address not in ("", address)
