"""The local servers together: up, down, status. With AGORA_BROKER set there is nothing to start: that broker is used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from pipelines.local_stack import ports
from pipelines.local_stack.kafka import KafkaServer
from pipelines.local_stack.process import ServerError
from pipelines.settings import Settings

State = Literal["running", "starting", "stopped", "external", "unreachable"]


@dataclass(frozen=True)
class ServerStatus:
    """How a server is. memory_mib is its resident memory, 0 unless it runs here."""

    name: str
    state: State
    address: str
    process_id: int | None
    memory_mib: int
    folder: str


def up(settings: Settings) -> list[ServerStatus]:
    """Start what does not run yet and wait until it answers. Raises ServerError."""
    if not settings.broker:
        KafkaServer(settings).start()
    return status(settings)


def down(settings: Settings) -> list[str]:
    """Stop what this data folder's stack runs, keep the data, and return the names of what was stopped."""
    return ["kafka"] if KafkaServer(settings).stop() else []


def status(settings: Settings) -> list[ServerStatus]:
    """How each server is."""
    if settings.broker:
        return [ServerStatus("kafka", _external_state(settings.broker), settings.broker, None, 0, "")]
    server = KafkaServer(settings)
    process = server.process.find()
    state: State = "stopped" if process is None else "running" if server.ready() else "starting"
    memory = process.memory_info().rss >> 20 if process else 0
    return [ServerStatus("kafka", state, server.address or "", process.pid if process else None, memory, str(server.folder))]


def _external_state(broker: str) -> State:
    """One answering address is enough: from it a client learns the others."""
    addresses = [address.rpartition(":") for address in broker.split(",")]
    return "external" if any(ports.is_listening(int(port), host=host) for host, _, port in addresses) else "unreachable"


def broker_address(settings: Settings) -> str:
    """Where the Kafka broker is: the configured one, or the running local one. Raises ServerError if there is none."""
    if settings.broker:
        return settings.broker
    server = KafkaServer(settings)
    if server.address is None or server.process.find() is None:
        raise ServerError(f"no Kafka broker runs for {settings.data_dir}; start it with `agora stack up`, or set AGORA_BROKER")
    return server.address


@contextmanager
def running(settings: Settings, *, keep: bool = False) -> Iterator[str]:
    """The broker's address, within which it runs: what was started here is stopped at the end unless keep is set."""
    was_up = bool(settings.broker) or KafkaServer(settings).process.find() is not None
    try:
        up(settings)
        yield broker_address(settings)
    finally:
        if not (was_up or keep):
            down(settings)
