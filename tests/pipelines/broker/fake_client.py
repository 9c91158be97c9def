"""A Kafka client and broker in memory whose faults are data."""

from __future__ import annotations

from collections import defaultdict
from enum import Enum
from typing import Any

from kafka.errors import KafkaError, KafkaTimeoutError, OutOfOrderSequenceNumberError

Kept = tuple[bytes, bytes]


class Fate(Enum):
    """What becomes of one record that is handed to the client."""

    TAKEN = "on the log, and its report says so"
    ACK_LOST = "on the log, but its report says that it failed"
    REFUSED = "not on the log, and its report says so"
    SILENT = "not on the log, no report until the client is left"


class Future:
    """A delivery report."""

    def __init__(self) -> None:
        self.is_done, self.exception = False, None
        self.patience = 3  # waits before it expires

    def settle(self, error: Exception | None = None) -> None:
        self.is_done, self.exception = True, error  # type: ignore[assignment]

    def failed(self) -> bool:
        return self.is_done and self.exception is not None

    def succeeded(self) -> bool:
        return self.is_done and self.exception is None

    def get(self, timeout: float | None = None) -> None:
        if not self.is_done:
            self.patience -= 1
            if self.patience == 0:
                self.settle(KafkaTimeoutError("expired"))
            raise KafkaTimeoutError
        if self.exception is not None:
            raise self.exception


class Broker:
    """Partitions as lists, and the fates of the next records; when they run out every record is taken."""

    def __init__(self, fates: list[Fate], error: KafkaError | None = None) -> None:
        self.partitions: dict[tuple[str, int], list[Kept]] = defaultdict(list)
        self.fates, self.error = list(fates), error or OutOfOrderSequenceNumberError()
        self.refuses_connections = self.knows_nothing = 0  # how often still
        self.clients: list[Client] = []

    def connect(self, servers: str, options: Any) -> Client:
        """As the producer's `connect`."""
        if self.refuses_connections:
            self.refuses_connections -= 1
            raise ConnectionError("no broker")
        self.clients.append(Client(self))
        return self.clients[-1]


class Client:
    """What the producer needs of a KafkaProducer."""

    def __init__(self, broker: Broker) -> None:
        self.broker, self.left, self.open = broker, False, []

    def partitions_for(self, topic: str) -> set[int]:
        if self.broker.knows_nothing:
            self.broker.knows_nothing -= 1
            raise KafkaTimeoutError("no metadata")
        return {0, 1}

    def send(self, topic: str, value: bytes, key: bytes, headers: list[tuple[str, bytes]], partition: int) -> Future:
        assert not self.left, "a client that was left must not be used"
        if self.broker.knows_nothing:
            self.broker.knows_nothing -= 1
            raise KafkaTimeoutError("no metadata")
        fate = self.broker.fates.pop(0) if self.broker.fates else Fate.TAKEN
        future = Future()
        if fate in (Fate.TAKEN, Fate.ACK_LOST):
            self.broker.partitions[topic, partition].append((key, value))
        if fate is Fate.SILENT:
            self.open.append(future)
        else:
            future.settle(None if fate is Fate.TAKEN else self.broker.error)
        return future

    def flush(self, timeout: float | None = None) -> None:
        if self.open:
            self.abandon_open(KafkaTimeoutError("expired"))

    def abandon_open(self, error: Exception) -> None:
        for future in self.open:
            future.settle(error)
        self.open = []

    def abandon(self) -> None:
        self.left = True
        self.abandon_open(KafkaError("left"))

    def close(self) -> None:
        self.left = True
