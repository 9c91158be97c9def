"""Connecting to Cassandra, and what its errors mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from cassandra import AuthenticationFailed, ConsistencyLevel, OperationTimedOut, RequestExecutionException, Unauthorized
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, NoHostAvailable
from cassandra.connection import ConnectionException
from cassandra.policies import DCAwareRoundRobinPolicy, ExponentialReconnectionPolicy, TokenAwarePolicy
from cassandra.protocol import RequestExecutionException as RefusedRequest
from cassandra.query import named_tuple_factory

from pipelines.ports import StoreUnavailable

TIMEOUT_S = 20.0


def connect(address: str, keyspace: str | None = None) -> Any:
    """A session on cassandra://[user:password@]host:port[,host:port...]; `session.cluster.shutdown()` lets go of it."""
    user, nodes = parts_of(address)
    profile = ExecutionProfile(
        load_balancing_policy=TokenAwarePolicy(DCAwareRoundRobinPolicy()),
        consistency_level=ConsistencyLevel.LOCAL_QUORUM,
        serial_consistency_level=ConsistencyLevel.LOCAL_SERIAL,
        request_timeout=TIMEOUT_S,
        row_factory=named_tuple_factory,
    )
    cluster = Cluster(
        nodes,
        port=nodes[0][1],
        auth_provider=PlainTextAuthProvider(*user) if user else None,
        protocol_version=5,
        connect_timeout=5,
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        reconnection_policy=ExponentialReconnectionPolicy(0.5, 10.0),
    )
    try:
        return cluster.connect(keyspace)
    except BaseException:
        cluster.shutdown()
        raise


def parts_of(address: str) -> tuple[tuple[str, str] | None, list[tuple[str, int]]]:
    """User with password, and nodes. Raises ValueError for another kind of address, without repeating it: it may hold a password."""
    parts = urlsplit(address)
    user, _, hosts = parts.netloc.rpartition("@")
    pairs = [host.rpartition(":") for host in hosts.split(",")]
    if parts.scheme != "cassandra" or not all(host and port.isdigit() for host, _, port in pairs):
        raise ValueError("an address of Cassandra is cassandra://[user:password@]host:port[,host:port...]; correct AGORA_CASSANDRA")
    name, _, password = user.partition(":")
    return ((unquote(name), unquote(password)) if user else None), [(host, int(port)) for host, _, port in pairs]


def shown(address: str) -> str:
    """The nodes, without the password."""
    return ",".join(f"{host}:{port}" for host, port in parts_of(address)[1])


def ask(session: Any, query: str, *values: Any) -> Any:
    """The answer to a query whose values are bound by the server; it is fetched page by page."""
    return session.execute(session.prepare(query), values)


@contextmanager
def translated(address: str) -> Iterator[None]:
    """Turn what passes by itself into StoreUnavailable, and a refused password or right into ValueError."""
    try:
        yield
    except NoHostAvailable as error:
        refused = next((each for each in error.errors.values() if isinstance(each, AuthenticationFailed)), None)
        if refused is not None:
            raise ValueError(
                f"Cassandra at {shown(address)} refuses user or password; correct AGORA_CASSANDRA_USER and _PASSWORD"
            ) from None
        raise away(address, error) from None
    except Unauthorized as error:
        raise ValueError(f"Cassandra at {shown(address)} does not permit that ({error}); grant it to the user") from None
    except (RequestExecutionException, RefusedRequest, OperationTimedOut, ConnectionException) as error:
        raise away(address, error) from None


def away(address: str, error: Exception) -> StoreUnavailable:
    """What to say of a Cassandra that does not do what it is asked for now."""
    return StoreUnavailable(
        f"Cassandra at {shown(address)} does not answer ({type(error).__name__}); `agora stack up --with cassandra` starts it"
    )
