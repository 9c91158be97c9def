"""The stores' rules that need no server: where each is, what it lacks, and what is said of it."""

from __future__ import annotations

import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.local_stack import java, ports, postgres_server, redis_server, server_user, stack
from pipelines.local_stack.elasticsearch_server import ElasticsearchServer
from pipelines.local_stack.mongodb_server import MongodbServer
from pipelines.local_stack.postgres_server import PostgresServer
from pipelines.local_stack.process import ServerError
from pipelines.local_stack.redis_server import RedisServer
from pipelines.local_stack.secret import password
from pipelines.redaction import without_secrets
from pipelines.settings import Settings

ELSEWHERE = {
    "redis": {"redis_url": "redis://me:secret@{}/0"},
    "elasticsearch": {"elasticsearch_url": "http://me:secret@{}"},
    "mongodb": {"mongodb_url": "mongodb://me:secret@{}/"},
    "cassandra": {"cassandra": "{}", "cassandra_user": "me", "cassandra_password": "secret"},
    "postgres": {"database_url": "postgresql+psycopg://me:secret@{}/agora"},
}


@pytest.fixture
def stranger() -> Iterator[str]:
    """The address of a server that is none of ours: it accepts connections and ends them."""
    with socket.socket() as server:
        server.bind((ports.HOST, 0))
        server.listen()
        yield f"{ports.HOST}:{server.getsockname()[1]}"


def placed(folder: Path, name: str, address: str) -> Settings:
    return Settings.model_validate({"data_dir": folder} | {key: value.format(address) for key, value in ELSEWHERE[name].items()})


@pytest.mark.parametrize("name", stack.STORES)
def test_without_a_server_the_next_step_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=f"agora stack up --with {name}`, or set AGORA_"):
        stack.store_address(Settings(data_dir=tmp_path), name)


@pytest.mark.parametrize("name", stack.STORES)
def test_a_server_elsewhere_is_used_and_nothing_is_started(name: str, tmp_path: Path, stranger: str) -> None:
    settings = placed(tmp_path / "data", name, stranger)
    [found] = [server for server in stack.status(settings) if server.name == name]
    assert found.state == "wrong server"
    assert "me:secret@" in stack.store_address(settings, name)
    assert "secret" not in f"{found}{settings!r}"
    assert stack.up(settings, [name])[-1].process_id is None
    assert not (tmp_path / "data").exists()
    nobody = placed(tmp_path, name, f"{ports.HOST}:{ports.free_port()}")
    assert [server.state for server in stack.status(nobody, [name])] == ["unreachable"]


def test_no_postgres_is_started_beside_another_database(tmp_path: Path, stranger: str) -> None:
    stack.up(Settings(data_dir=tmp_path / "data", broker=stranger, database_url=f"sqlite:///{tmp_path}/another.db"), ["postgres"])
    assert not (tmp_path / "data").exists()


def test_status_of_nothing_shows_the_broker_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    assert [server.name for server in stack.status(settings)] == ["kafka"]
    assert stack.status(settings, ["redis"])[0].state == "stopped"
    assert stack.down(settings) == []
    assert not (tmp_path / "data").exists()


def test_an_unknown_name_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with pytest.raises(ValueError, match="server 'oracle' is unknown; choose among kafka, redis"):
        stack.up(settings, ["oracle"])
    with pytest.raises(ValueError, match="store 'kafka' is unknown"):
        stack.store_address(settings, "kafka")


def test_the_relational_database_is_a_file_until_there_is_a_server(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert stack.database_url(settings) == f"sqlite:///{tmp_path}/agora.db"
    assert stack.database_url(Settings(data_dir=tmp_path, database_url="mysql://a/b")) == "mysql://a/b"
    folder = PostgresServer(settings).folder
    folder.mkdir(parents=True)
    (folder / "ports.json").write_text('{"port": 1}')
    with pytest.raises(ServerError, match="--with postgres"):
        stack.database_url(settings)


@pytest.mark.parametrize("name", ["elasticsearch", "mongodb", "cassandra"])
def test_without_jars_it_says_which_command_fetches_them(name: str, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="run `make setup`"):
        stack.up(Settings(data_dir=tmp_path, jars_dir=tmp_path / "none"), [name])


@pytest.mark.parametrize("name", ["mongodb", "cassandra"])
def test_without_java_it_says_what_to_install(name: str, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="install Java 17"):
        stack.up(Settings(data_dir=tmp_path, java_home=tmp_path), [name])


def test_elasticsearch_needs_a_newer_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "SYSTEM_JAVAS", tmp_path)
    monkeypatch.setattr(java, "find_spec", lambda name: None)
    (tmp_path / "lib" / "elasticsearch" / "elasticsearch-9.2.4").mkdir(parents=True)
    server = ElasticsearchServer(Settings(data_dir=tmp_path, jars_dir=tmp_path, java_home=tmp_path))
    assert server.version == "9.2.4"
    assert "needs Java 21 or later" in server.lack()
    assert "AGORA_JAVA_HOME" in server.lack()


def test_without_a_program_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(redis_server, "find_spec", lambda name: None)
    monkeypatch.setattr(postgres_server, "SYSTEM_FOLDERS", "nothing/*")
    settings = Settings(data_dir=tmp_path)
    assert "apt-get install redis-server" in RedisServer(settings).lack()
    assert "apt-get install postgresql" in PostgresServer(settings).lack()
    assert (RedisServer(settings).version, PostgresServer(settings).version) == ("", "")


def test_a_program_on_the_path_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho 'Redis server v=7.0.15 sha=0 bits=64'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert RedisServer(Settings(data_dir=tmp_path)).version == "7.0.15"


def test_a_busy_port_is_named_with_its_holder_and_the_way_out(tmp_path: Path, stranger: str) -> None:
    port = int(stranger.rpartition(":")[2])
    with pytest.raises(ServerError, match=rf"port {port} is held by .*AGORA_REDIS_PORT"):
        stack.up(Settings(data_dir=tmp_path, redis_port=port), ["redis"])


def test_root_runs_some_servers_as_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data_dir=tmp_path)
    monkeypatch.setattr(server_user, "is_root", lambda: False)
    assert server_user.as_server_user(settings, ["postgres"]) == ["postgres"]
    monkeypatch.setattr(server_user, "is_root", lambda: True)
    assert server_user.as_server_user(settings, ["postgres"])[0] == "setpriv"
    assert "AGORA_SERVER_USER" in server_user.lack_of_user(Settings(server_user="no-such-user"), "PostgreSQL")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "install util-linux" in server_user.lack_of_user(settings, "PostgreSQL")


def test_a_password_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    made = password(tmp_path / "password")
    assert len(made) >= 32
    assert password(tmp_path / "password", "another") == made
    assert password(tmp_path / "given", "chosen") == "chosen"
    assert stat.S_IMODE((tmp_path / "password").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("redis://me:secret@host:1/0", "redis://host:1/0"),
        ("postgresql+psycopg://me:sec%40ret@host/agora?password=secret", "postgresql+psycopg://host/agora"),
        ("cassandra://me:secret@a:1,b:2", "cassandra://a:1,b:2"),
        ("a:1,b:2", "a:1,b:2"),
    ],
)
def test_an_address_is_shown_without_its_secrets(address: str, shown: str) -> None:
    assert without_secrets(address) == shown


def test_the_stand_in_says_that_it_is_one(tmp_path: Path) -> None:
    (tmp_path / "lib" / "mongodb").mkdir(parents=True)
    (tmp_path / "lib" / "mongodb" / "mongo-java-server-1.47.0.jar").touch()
    assert MongodbServer(Settings(data_dir=tmp_path, jars_dir=tmp_path)).version == "mongo-java-server 1.47.0"


def test_a_sample_password_of_an_earlier_start_is_refused_in_production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server, "find_redis", lambda: tmp_path)
    kept = tmp_path / "stack" / "redis" / "agora.password"
    kept.parent.mkdir(parents=True)
    kept.write_text("changeme")
    with pytest.raises(ServerError, match=f"sample password in {kept}.*AGORA_MODE=production") as raised:
        RedisServer(Settings(data_dir=tmp_path, mode="production")).start()
    assert "changeme" not in str(raised.value)
