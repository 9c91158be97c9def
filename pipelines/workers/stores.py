"""The stores that sinks fill, by name. Each is imported only when it is used, since every one has a client of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.local_stack.stack import database_url, store_address
from pipelines.ports import EventLog, Sink, StoreReader
from pipelines.settings import Settings
from pipelines.sinks.question import Question
from pipelines.sinks.worlds import Worlds

if TYPE_CHECKING:  # it brings the readers of the lake with it, which a health check has no time for
    from pipelines.workers.reconcile.live import LiveReader


class Parts(NamedTuple):
    """Where the parts of a store are, as module:name of pipelines.sinks.

    `client` makes, of an address, what the answers of its questions take first; `let_go` is the path to what closes it.
    """

    sink: str
    reader: str
    questions: str
    client: str
    let_go: str = "close"


PARTS: dict[str, Parts] = {
    "redis": Parts("redis_sink:RedisSink", "redis_reader:RedisReader", "redis_questions:QUESTIONS", "redis_sink:connect"),
    "elasticsearch": Parts(
        sink="elasticsearch_sink:ElasticsearchSink",
        reader="elasticsearch_reader:ElasticsearchReader",
        questions="elasticsearch_questions:QUESTIONS",
        client="elasticsearch_client:connected",
    ),
    "mongodb": Parts(
        sink="mongodb_sink:MongodbSink",
        reader="mongodb_reader:MongodbReader",
        questions="mongodb_questions:QUESTIONS",
        client="mongodb_store:open_database",
        let_go="client.close",
    ),
    "cassandra": Parts(
        sink="cassandra_sink:CassandraSink",
        reader="cassandra_reader:CassandraReader",
        questions="cassandra_questions:QUESTIONS",
        client="cassandra_reader:open_keyspace",
        let_go="cluster.shutdown",
    ),
    "sql": Parts(
        sink="sql_sink:SqlSink", reader="sql_reader:SqlReader", questions="sql_questions:QUESTIONS", client="sql_database:open_connection"
    ),
}
NAMES = tuple(PARTS)
SERVERS = {name: "postgres" if name == "sql" else name for name in NAMES}
"""The local server behind each store; that of `sql` may also be a SQLite file, which has none."""
LIVE = ("redis",)
"""Those of the present state alone: no row per event is kept there."""


def check_store(name: str) -> str:
    """The name. Raises ValueError with the known ones if it is none of them."""
    if name not in NAMES:
        raise ValueError(f"store {name!r} is unknown; choose among {', '.join(NAMES)}")
    return name


def address_of(settings: Settings, name: str, *, reader: bool = False) -> str:
    """Where a store is, as its client takes it, for one who may only read where the store knows one.

    Raises ServerError with the next step if it does not run.
    """
    return database_url(settings) if name == "sql" else store_address(settings, name, reader=reader)


def _part(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(import_module(f"pipelines.sinks.{module}"), name)


def open_sink(settings: Settings, name: str, log: EventLog) -> Sink:
    """The sink of that store; the log tells what ids mean. Raises ServerError if the store does not run."""
    sink: Sink = _part(PARTS[check_store(name)].sink)(address_of(settings, name), Worlds(log))
    return sink


def open_reader(settings: Settings, name: str) -> StoreReader:
    """Reads back what that sink wrote, of a store that is none of LIVE."""
    reader: StoreReader = _part(PARTS[check_store(name)].reader)(address_of(settings, name))
    return reader


def open_live(settings: Settings, name: str) -> LiveReader:
    """Reads the present state of worlds in a store of LIVE."""
    reader: LiveReader = _part(PARTS[check_store(name)].reader)(address_of(settings, name, reader=True))
    return reader


def questions(name: str) -> dict[str, Question]:
    """What that store can be asked, by name."""
    known: dict[str, Question] = _part(PARTS[check_store(name)].questions)
    return known


@contextmanager
def connected(settings: Settings, name: str) -> Iterator[Any]:
    """What the answers of that store's questions take first, closed at the end."""
    parts = PARTS[check_store(name)]
    client = _part(parts.client)(address_of(settings, name, reader=True))
    try:
        yield client
    finally:
        let_go: Callable[[], None] = _attribute(client, parts.let_go)
        let_go()


def _attribute(of: Any, path: str) -> Any:
    for name in path.split("."):
        of = getattr(of, name)
    return of
