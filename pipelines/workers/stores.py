"""The stores that sinks fill, by name. Each is imported only when it is used, since every one has a client of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from pipelines.local_stack.stack import database_url, store_address
from pipelines.ports import EventLog, Sink, StoreReader
from pipelines.settings import Settings
from pipelines.sinks.question import Question
from pipelines.sinks.worlds import Worlds
from pipelines.workers.reconcile.live import LiveReader

NAMES = ("redis", "elasticsearch", "mongodb", "cassandra", "postgres")


LIVE = ("redis",)
"""Those of the present state alone: no row per event is kept there."""


def check_store(name: str) -> str:
    """The name. Raises ValueError with the known ones if it is none of them."""
    if name not in NAMES:
        raise ValueError(f"store {name!r} is unknown; choose among {', '.join(NAMES)}")
    return name


def address_of(settings: Settings, name: str) -> str:
    """Where a store is, as its client takes it. Raises ServerError with the next step if it does not run."""
    return database_url(settings) if name == "postgres" else store_address(settings, name)


def _part(name: str, kind: str) -> Any:
    return import_module(f"pipelines.sinks.{check_store(name)}_{kind}")


def open_sink(settings: Settings, name: str, log: EventLog) -> Sink:
    """The sink of that store; the log tells what ids mean. Raises ServerError if the store does not run."""
    sink: Sink = _part(name, "sink").open_sink(address_of(settings, name), Worlds(log))
    return sink


def open_live(settings: Settings, name: str) -> LiveReader:
    """Reads the present state of worlds in a store of LIVE."""
    reader: LiveReader = _part(name, "reader").open_reader(address_of(settings, name))
    return reader


def open_reader(settings: Settings, name: str) -> StoreReader:
    """Reads back what that sink wrote, of a store that is none of LIVE."""
    reader: StoreReader = _part(name, "reader").open_reader(address_of(settings, name))
    return reader


def questions(name: str) -> dict[str, Question]:
    """What that store can be asked, by name."""
    known: dict[str, Question] = _part(name, "questions").QUESTIONS
    return known


@contextmanager
def connected(settings: Settings, name: str) -> Iterator[Any]:
    """The client with which that store is asked, closed at the end."""
    client = _part(name, "questions").connect(address_of(settings, name))
    try:
        yield client
    finally:
        client.close()
