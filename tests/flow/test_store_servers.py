"""The real stores: each starts, takes a record of its own client, keeps it over a kill -9, and leaves no process behind."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import psutil
import pymongo
import pytest
import redis
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster
from elasticsearch import Elasticsearch
from sqlalchemy import create_engine, text

from pipelines.local_stack import stack
from pipelines.local_stack.process import ServerError
from pipelines.settings import Settings
from tests.processes import alive

pytestmark = pytest.mark.flow
NAMES = tuple(stack.STORES)
COMMIT_SECONDS = 0.5  # MongoDB's stand-in writes in the background, at most some hundredths of a second later
FOREIGN = {  # what a setting says if a store is sought where another server listens
    "redis": ("redis_url", "redis://{}/0"),
    "elasticsearch": ("elasticsearch_url", "http://{}"),
    "mongodb": ("mongodb_url", "mongodb://{}/"),
    "cassandra": ("cassandra", "{}"),
    "postgres": ("database_url", "postgresql+psycopg://agora:wrong@{}/agora"),
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = Settings(data_dir=tmp_path_factory.mktemp("stores"), start_timeout=180)
    yield made
    stack.down(made)


def redis_notes(url: str, note: str) -> list[str]:
    with redis.Redis.from_url(url, decode_responses=True) as client:
        client.rpush("agora:notes", note)  # the user may touch keys of this product only
        return client.lrange("agora:notes", 0, -1)


def elasticsearch_notes(url: str, note: str) -> list[str]:
    with Elasticsearch(url) as client:
        client.index(index="notes", document={"note": note}, refresh=True)
        return sorted(hit["_source"]["note"] for hit in client.search(index="notes")["hits"]["hits"])


def mongodb_notes(url: str, note: str) -> list[str]:
    with pymongo.MongoClient[dict[str, Any]](url) as client:
        notes = client.agora.notes
        notes.insert_one({"note": note})
        return [found["note"] for found in notes.find(sort=[("note", 1)])]


def cassandra_notes(url: str, note: str) -> list[str]:
    address = urlsplit(url)
    user = PlainTextAuthProvider(address.username, address.password)
    with Cluster([address.hostname], port=address.port, auth_provider=user, protocol_version=5) as cluster:
        session = cluster.connect()
        session.execute(
            "CREATE KEYSPACE IF NOT EXISTS agora WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", timeout=60
        )
        session.execute("CREATE TABLE IF NOT EXISTS agora.notes (one int, note text, PRIMARY KEY (one, note))", timeout=60)
        session.execute("INSERT INTO agora.notes (one, note) VALUES (1, %s)", [note])
        return [row.note for row in session.execute("SELECT note FROM agora.notes WHERE one = 1")]


def postgres_notes(url: str, note: str) -> list[str]:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS notes (note text)"))
        connection.execute(text("INSERT INTO notes VALUES (:note)"), {"note": note})
        found = [row.note for row in connection.execute(text("SELECT note FROM notes ORDER BY note"))]
    engine.dispose()
    return found


NOTES: dict[str, Callable[[str, str], list[str]]] = {
    "redis": redis_notes,
    "elasticsearch": elasticsearch_notes,
    "mongodb": mongodb_notes,
    "cassandra": cassandra_notes,
    "postgres": postgres_notes,
}


def family(settings: Settings, name: str) -> list[psutil.Process]:
    process = stack.STORES[name](settings).process.find()
    assert process is not None
    return [process, *process.children(recursive=True)]


def sought_as(name: str, address: str, settings: Settings) -> str:
    """What is found where a store is sought, but another server listens."""
    variable, form = FOREIGN[name]
    elsewhere = Settings.model_validate({"data_dir": settings.data_dir, variable: form.format(address)})
    [server] = stack.status(elsewhere, [name])
    return server.state


@pytest.mark.parametrize("name", NAMES)
def test_a_record_survives_a_kill_and_a_stop_and_no_process_is_left(name: str, settings: Settings) -> None:
    [started] = [server for server in stack.up(settings, [name]) if server.name == name]
    address = stack.store_address(settings, name)
    assert (started.state, started.memory_mib > 0, started.version != "") == ("running", True, True)
    assert NOTES[name](address, "1 before the kill") == ["1 before the kill"]
    before = family(settings, name)
    time.sleep(COMMIT_SECONDS)
    before[0].kill()
    before[0].wait(20)

    assert [server.state for server in stack.status(settings, [name])] == ["stopped"]
    with pytest.raises(ServerError, match=f"agora stack up --with {name}"):
        stack.store_address(settings, name)

    stack.up(settings, [name])
    after = family(settings, name)
    assert stack.store_address(settings, name) == address
    assert NOTES[name](address, "2 after the kill") == ["1 before the kill", "2 after the kill"]
    stack.up(settings, [name])
    assert family(settings, name)[0].pid == after[0].pid
    others = sorted(set(NAMES) - {name})
    with ThreadPoolExecutor(len(others)) as pool:  # a server that says nothing to strangers is waited for some seconds
        found = pool.map(lambda other: sought_as(other, started.address, settings), others)
        assert dict(zip(others, found, strict=True)) == dict.fromkeys(others, "wrong server")

    assert stack.down(settings, [name]) == [name]
    assert not alive([*before, *after])


@pytest.mark.parametrize("name", ["redis", "cassandra", "postgres"])
def test_a_password_lies_in_a_private_file_and_nowhere_else(name: str, settings: Settings) -> None:
    folder = stack.STORES[name](settings).folder
    if not folder.exists():
        stack.up(settings, [name])
        stack.down(settings, [name])
    secrets = {path: path.read_text() for path in folder.glob("*.password")}
    assert secrets
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in secrets)
    texts = [path for path in folder.iterdir() if path.is_file() and path not in secrets and stat.S_IMODE(path.stat().st_mode) != 0o600]
    assert [path for path in texts if any(secret in path.read_text() for secret in secrets.values())] == []
    assert not any(secret in str(stack.status(settings)) for secret in secrets.values())


def test_each_user_of_redis_may_do_no_more_than_its_work(settings: Settings) -> None:
    stack.up(settings, ["redis"])
    refused = pytest.raises(redis.exceptions.NoPermissionError)
    with redis.Redis.from_url(stack.store_address(settings, "redis")) as writer:
        writer.set("agora:price", 10037)
        for forbidden in (lambda: writer.set("price", 1), writer.flushdb, lambda: writer.config_get("*"), lambda: writer.keys("*")):
            with refused:
                forbidden()
    with redis.Redis.from_url(stack.store_address(settings, "redis", reader=True)) as reader:
        assert reader.get("agora:price") == b"10037"
        for forbidden in (lambda: reader.set("agora:price", 1), lambda: reader.get("price"), reader.flushdb):
            with refused:
                forbidden()
    with (
        pytest.raises(redis.exceptions.ConnectionError),
        redis.Redis(port=int(stack.status(settings, ["redis"])[0].address[-5:])) as nobody,
    ):
        nobody.ping()
