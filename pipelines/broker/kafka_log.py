"""The EventLog on Kafka: producer and consumer behind the one Protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipelines.broker.consumer import Consumer
from pipelines.broker.feed import KafkaFeed
from pipelines.broker.producer import Producer, ProducerOptions
from pipelines.events.block import WireRecord
from pipelines.events.progress import Place
from pipelines.kafka_access import Servers
from pipelines.ports import Sent, StoredRecord


class KafkaLog:
    """An EventLog on the broker at `servers`. The producer connects when the first record is sent."""

    def __init__(self, servers: Servers, options: ProducerOptions | None = None) -> None:
        self.servers, self.options = servers, options
        self._producer: Producer | None = None
        self._consumer = Consumer(servers)

    def send(self, record: WireRecord) -> None:
        """See EventLog.send."""
        if self._producer is None:
            self._producer = Producer(self.servers, self.options)
        self._producer.send(record)

    def flush(self, timeout_s: float | None = None) -> None:
        """See EventLog.flush."""
        if self._producer is not None:
            self._producer.flush(timeout_s)

    def sent(self) -> Sent:
        """See EventLog.sent."""
        return self._producer.sent() if self._producer is not None else Sent(0, 0, 0)

    def partitions(self, topic: str) -> int:
        """See EventLog.partitions."""
        return self._consumer.partitions(topic)

    def end_offset(self, topic: str, partition: int) -> int:
        """See EventLog.end_offset."""
        return self._consumer.end_offset(topic, partition)

    def read(self, topic: str, partition: int, start: int = 0, end: int | None = None) -> Iterator[StoredRecord]:
        """See EventLog.read."""
        return self._consumer.read(topic, partition, start, end)

    def feed(self, topics: Sequence[str], starts: Mapping[Place, int], reader: str = "") -> KafkaFeed:
        """See LiveLog.feed."""
        return KafkaFeed(self.servers, topics, starts, reader)

    def close(self) -> None:
        """See EventLog.close."""
        if self._producer is not None:
            self._producer.close()
            self._producer = None
        self._consumer.close()
