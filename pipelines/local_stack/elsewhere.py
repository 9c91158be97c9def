"""Servers that run elsewhere, by setting: where each is, and whether the right one answers there."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from urllib.parse import quote, urlsplit

from pipelines.local_stack.cassandra_server import is_cassandra
from pipelines.local_stack.elasticsearch_server import is_elasticsearch
from pipelines.local_stack.mongodb_server import is_mongodb
from pipelines.local_stack.ports import is_listening
from pipelines.local_stack.postgres_server import is_postgres
from pipelines.local_stack.redis_server import is_redis
from pipelines.settings import Settings

USUAL_PORTS = {"redis": 6379, "elasticsearch": 9200, "mongodb": 27017, "postgres": 5432}


class Found(StrEnum):
    """What is found at the address of a server elsewhere."""

    RIGHT = "external"
    WRONG = "wrong server"  # somebody listens, but it is another server, not ready, or it refuses the password
    NOTHING = "unreachable"


def configured(settings: Settings, name: str) -> str:
    """The address that the settings give for the server, with its password; empty if they give none and the local one is meant."""
    addresses = {
        "kafka": settings.broker,
        "redis": settings.redis_url,
        "elasticsearch": settings.elasticsearch_url,
        "mongodb": settings.mongodb_url,
        "cassandra": _cassandra(settings),
        "postgres": settings.database_url if settings.database_url.startswith("postgres") else "",
    }
    return addresses[name]


def _cassandra(settings: Settings) -> str:
    if not settings.cassandra:
        return ""
    user = f"{quote(settings.cassandra_user, safe='')}:{quote(settings.cassandra_password, safe='')}@" if settings.cassandra_user else ""
    return f"cassandra://{user}{settings.cassandra}"


def look(name: str, address: str) -> Found:
    """What answers there. Of several addresses one that is right is enough: from it a client learns the others."""
    places = _places(name, address)
    if any(PROBES[name](address, host, port) for host, port in places):
        return Found.RIGHT
    return Found.WRONG if any(is_listening(port, host=host) for host, port in places) else Found.NOTHING


def _places(name: str, address: str) -> list[tuple[str, int]]:
    """Hosts and ports of an address."""
    netloc = urlsplit(address).netloc if "://" in address else address
    pairs = [place.rpartition(":") for place in netloc.rpartition("@")[2].split(",")]
    return [(host, int(port)) if host and port.isdigit() else (port, USUAL_PORTS.get(name, 0)) for host, _, port in pairs]


PROBES: dict[str, Callable[[str, str, int], bool]] = {
    "kafka": lambda address, host, port: is_listening(port, host=host),  # it may speak TLS, so it is not asked further
    "redis": lambda address, host, port: is_redis(address),
    "elasticsearch": lambda address, host, port: is_elasticsearch(address),
    "mongodb": lambda address, host, port: is_mongodb(address),
    "cassandra": lambda address, host, port: is_cassandra(host, port),
    "postgres": lambda address, host, port: is_postgres(address),
}
