"""Ports: free, busy, and by whom."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from pipelines.local_stack import ports


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.socket() as server:
        server.bind((ports.HOST, 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_port_that_somebody_listens_on_is_not_free(busy: int) -> None:
    assert not ports.is_free(busy)
    assert ports.is_free(ports.free_port())


def test_the_holder_of_a_port_is_named(busy: int) -> None:
    assert f"process {os.getpid()}" in ports.holder(busy)


def test_nobody_to_name() -> None:
    assert ports.holder(ports.free_port()) == "a process of another user"
