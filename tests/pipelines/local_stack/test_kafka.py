"""The local broker's rules that need no broker: its ports, and what it says when it cannot start."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipelines.local_stack import ports, stack
from pipelines.local_stack.kafka import KafkaServer
from pipelines.local_stack.process import ServerError
from pipelines.settings import Settings


def settings_in(folder: Path, **values: object) -> Settings:
    """Settings whose data and (pretended) jars lie in folder."""
    jars = folder / "jars"
    (jars / "lib" / "kafka").mkdir(parents=True)
    (jars / "lib" / "kafka" / "kafka_2.13-4.3.1.jar").touch()
    return Settings.model_validate({"data_dir": folder / "data", "jars_dir": jars, **values})


def test_without_java_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="needs Java.*install Java 17"):
        KafkaServer(settings_in(tmp_path, java_home=tmp_path / "nowhere")).start()


def test_without_jars_it_says_which_command_fetches_them(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="make setup"):
        KafkaServer(Settings(data_dir=tmp_path, jars_dir=tmp_path / "none")).start()


def test_a_busy_port_is_named_with_its_holder_and_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind((ports.HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServerError, match=rf"port {port} is held by .*process [0-9]+.*AGORA_KAFKA_PORT"):
            KafkaServer(settings_in(tmp_path, kafka_port=port)).start()


def test_a_full_disk_is_refused_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=3 << 20))
    server = KafkaServer(settings_in(tmp_path))
    with pytest.raises(ServerError, match=r"3 MiB left.*AGORA_DATA_DIR"):
        server.start()
    assert server.address is None


def test_a_broker_that_ends_at_once_is_reported_with_its_last_words(tmp_path: Path) -> None:
    java = tmp_path / "java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text("#!/bin/sh\ncase \"$*\" in *StorageTool*) exit 0;; esac\necho 'there is not enough memory'\nexit 1\n")
    java.chmod(0o755)
    with pytest.raises(ServerError, match="ended while starting: there is not enough memory"):
        KafkaServer(settings_in(tmp_path, java_home=tmp_path / "java")).start()


def test_an_external_broker_is_used_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind((ports.HOST, 0))
        other.listen()
        address = f"{ports.HOST}:{other.getsockname()[1]}"
        settings = Settings(data_dir=tmp_path / "data", broker=address)
        assert [server.state for server in stack.up(settings)] == ["external"]
    assert [server.state for server in stack.status(settings)] == ["unreachable"]
    assert stack.broker_address(settings) == address
    assert stack.down(settings) == []
    assert not (tmp_path / "data").exists()


def test_without_a_broker_the_next_step_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="agora stack up"):
        stack.broker_address(Settings(data_dir=tmp_path))


def test_status_of_nothing_changes_nothing(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    assert [server.state for server in stack.status(settings)] == ["stopped"]
    assert stack.down(settings) == []
    assert not (tmp_path / "data").exists()
