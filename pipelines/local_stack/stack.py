"""The local servers together: up, down, status. What a setting places elsewhere is not started, but used there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pipelines.kafka_access import Access, Principal, access
from pipelines.local_stack.cassandra_server import CassandraServer
from pipelines.local_stack.elasticsearch_server import ElasticsearchServer
from pipelines.local_stack.elsewhere import configured, look
from pipelines.local_stack.kafka import KafkaServer
from pipelines.local_stack.mongodb_server import MongodbServer
from pipelines.local_stack.postgres_server import PostgresServer
from pipelines.local_stack.process import ServerError
from pipelines.local_stack.redis_server import READER, RedisServer
from pipelines.local_stack.server import LocalServer
from pipelines.redaction import without_secrets
from pipelines.settings import Settings

Store = RedisServer | ElasticsearchServer | MongodbServer | CassandraServer | PostgresServer
STORES: Mapping[str, type[Store]] = {
    server.name: server for server in (RedisServer, ElasticsearchServer, MongodbServer, CassandraServer, PostgresServer)
}
SERVERS: Mapping[str, type[LocalServer]] = {KafkaServer.name: KafkaServer, **STORES}
ALWAYS = (KafkaServer.name,)


@dataclass(frozen=True)
class ServerStatus:
    """How a server is.

    state : running, starting, stopped; of a server elsewhere external, unreachable, or wrong server (another one, one that is not ready, or
        one that refuses the password).
    address : where, without passwords.
    memory_mib : resident memory of it and its descendants, 0 unless it runs here.
    version : what runs here; empty for a server elsewhere.
    """

    name: str
    state: str
    address: str
    process_id: int | None
    memory_mib: int
    folder: str
    version: str = ""


def up(settings: Settings, names: Sequence[str] = ALWAYS) -> list[ServerStatus]:
    """Start those of the named servers that do not run yet, and wait until they answer.

    Raises ServerError, and ValueError for an unknown name.
    """
    for server in _chosen(settings, names):
        if not _is_elsewhere(settings, server.name):
            server.start()
    return status(settings)


def down(settings: Settings, names: Sequence[str] = ()) -> list[str]:
    """Stop what this data folder's stack runs (of the named ones, if any are), keep the data, and return the names of what was stopped."""
    return [server.name for server in _chosen(settings, names or tuple(SERVERS)) if server.stop()]


def status(settings: Settings, names: Sequence[str] = ()) -> list[ServerStatus]:
    """How each server is: the named ones, otherwise Kafka and every store that was ever started here or is placed elsewhere."""
    servers = _chosen(settings, names or tuple(SERVERS))
    return [_status(settings, server) for server in servers if names or server.name in ALWAYS or _is_used(settings, server)]


def store_address(settings: Settings, name: str, *, reader: bool = False) -> str:
    """The URL of a store for clients, with its password; with reader that of Redis's user who may only read.

    Raises ServerError if there is none or it does not run here, ValueError for an unknown name.
    """
    if name not in STORES:
        raise ValueError(f"store {name!r} is unknown; choose among {', '.join(STORES)}")
    elsewhere = configured(settings, name)
    if elsewhere:
        return elsewhere
    server = STORES[name](settings)
    if server.address is None or server.process.find() is None:
        start = f"start it with `agora stack up --with {name}`, or set {server.elsewhere}"
        raise ServerError(f"no {server.title} runs for {settings.data_dir}; {start}")
    return server.url(READER) if reader and isinstance(server, RedisServer) else server.url()


def database_url(settings: Settings) -> str:
    """The relational database as SQLAlchemy takes it: the configured one, this data folder's PostgreSQL if it has one, or a SQLite file.

    Raises ServerError if the data folder has a PostgreSQL that does not run: what was written there must not be missed.
    """
    if settings.database_url:
        return settings.database_url
    if PostgresServer(settings).address is not None:
        return store_address(settings, PostgresServer.name)
    return f"sqlite:///{settings.data_dir / 'agora.db'}"


def broker_address(settings: Settings) -> str:
    """Where the Kafka broker is: the configured one, or the running local one. Raises ServerError if there is none."""
    if settings.broker:
        return settings.broker
    server = KafkaServer(settings)
    if server.address is None or server.process.find() is None:
        raise ServerError(f"no Kafka broker runs for {settings.data_dir}; start it with `agora stack up`, or set AGORA_BROKER")
    server.check()
    return server.address


def broker(settings: Settings, principal: Principal) -> Access:
    """The way to the Kafka broker for a part of the product. Raises ServerError if there is none, ValueError without a password for it."""
    return access(settings, broker_address(settings), principal)


@contextmanager
def running(settings: Settings, *, keep: bool = False) -> Iterator[str]:
    """The broker's address, within which it runs: what was started here is stopped at the end unless keep is set."""
    was_up = bool(settings.broker) or KafkaServer(settings).process.find() is not None
    try:
        up(settings)
        yield broker_address(settings)
    finally:
        if not (was_up or keep):
            down(settings, ALWAYS)


def _chosen(settings: Settings, names: Sequence[str]) -> list[LocalServer]:
    unknown = [name for name in names if name not in SERVERS]
    if unknown:
        raise ValueError(f"server {unknown[0]!r} is unknown; choose among {', '.join(SERVERS)}")
    return [SERVERS[name](settings) for name in SERVERS if name in names]


def _is_elsewhere(settings: Settings, name: str) -> bool:
    """Whether a setting stands for the server, a database that is no PostgreSQL among them: nobody would use the local one."""
    return bool(configured(settings, name)) or (name == PostgresServer.name and bool(settings.database_url))


def _is_used(settings: Settings, server: LocalServer) -> bool:
    return bool(configured(settings, server.name)) or server.address is not None


def _status(settings: Settings, server: LocalServer) -> ServerStatus:
    elsewhere = configured(settings, server.name)
    if elsewhere:
        return ServerStatus(server.name, look(server.name, elsewhere), without_secrets(elsewhere), None, 0, "")
    process = server.process.find()
    state = "stopped" if process is None else "running" if server.ready() else "starting"
    return ServerStatus(
        name=server.name,
        state=state,
        address=server.address or "",
        process_id=process.pid if process else None,
        memory_mib=server.process.memory() >> 20,
        folder=str(server.folder),
        version=server.version,
    )
