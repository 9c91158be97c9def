"""The user of a Cassandra that has just begun: made by the built-in superuser, who is then shut out."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from pipelines.local_stack.process import ServerError

BUILT_IN = ("cassandra", "cassandra")  # user and password, the same everywhere
POLL_SECONDS = 0.2


def make_user(host: str, port: int, user: tuple[str, str], seconds: float) -> None:
    """Make the user (name and password, without quotes in them) a superuser, and shut the built-in one out.

    The server makes the built-in one some moments after it has begun to answer, so it is asked for up to that many seconds. May be
    called again after a try that was cut off. Raises ServerError.
    """
    from cassandra.cluster import NoHostAvailable
    from cassandra.protocol import ErrorMessage

    refused = (NoHostAvailable, ErrorMessage)
    again = retry(retry=retry_if_exception_type(refused), stop=stop_after_delay(seconds), wait=wait_fixed(POLL_SECONDS), reraise=True)
    try:
        with _silence():
            again(_make)(host, port, user)
    except refused as error:
        raise ServerError(
            f"Cassandra's user {user[0]} could not be made ({type(error).__name__}); remove its folder and start it again"
        ) from None


def _make(host: str, port: int, user: tuple[str, str]) -> None:
    with _cluster(host, port, BUILT_IN) as cluster:
        name, password = user
        cluster.connect().execute(f"CREATE ROLE IF NOT EXISTS {name} WITH PASSWORD = '{password}' AND SUPERUSER = true AND LOGIN = true")
    with _cluster(host, port, user) as cluster:
        cluster.connect().execute(f"ALTER ROLE {BUILT_IN[0]} WITH SUPERUSER = false AND LOGIN = false")


def _cluster(host: str, port: int, user: tuple[str, str]) -> Any:
    from cassandra.auth import PlainTextAuthProvider
    from cassandra.cluster import Cluster

    return Cluster([host], port=port, auth_provider=PlainTextAuthProvider(*user), protocol_version=5, connect_timeout=5)


@contextmanager
def _silence() -> Iterator[None]:
    """The driver's warnings about tries that are expected to fail are kept from the terminal."""
    driver = logging.getLogger("cassandra")
    before = driver.level
    driver.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        driver.setLevel(before)
