"""Asking a broker that goes away: a ConnectionError, and a new connection the next time."""

from __future__ import annotations

from typing import Any

import pytest
from kafka.errors import KafkaConnectionError

from pipelines.broker import consumer
from pipelines.broker.consumer import Consumer


class Client:
    """A client whose broker dies at the second question."""

    def __init__(self) -> None:
        self.asked = 0

    def partitions_for_topic(self, topic: str) -> set[int]:
        self.asked += 1
        if self.asked == 2:
            raise KafkaConnectionError("reset by peer")
        return {0, 1}

    def close(self, autocommit: bool) -> None:
        raise KafkaConnectionError("already gone")


def test_a_broker_that_dies_between_two_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Client] = []

    def connect(servers: str) -> Any:
        made.append(Client())
        return made[-1]

    monkeypatch.setattr(consumer, "open_consumer", connect)
    asking = Consumer("fake:1")
    assert asking.partitions("market.trades") == 2
    with pytest.raises(ConnectionError, match="fake:1"):
        asking.partitions("market.trades")
    assert (asking.partitions("market.trades"), len(made)) == (2, 2)
