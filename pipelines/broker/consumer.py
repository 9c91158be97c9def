"""Read ranges of partitions, without groups: whoever reads keeps its own offsets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from pipelines.broker.admin import absent
from pipelines.broker.login import connected, failure, kafka_python
from pipelines.kafka_access import Servers, access_to
from pipelines.ports import StoredRecord

FETCH_BYTES = 16 * 1024 * 1024
START_TIMEOUT_S = 15.0
SILENCE_S = 30  # without a record below the end: the broker has gone


def open_consumer(servers: Servers, group: str = "") -> Any:
    """A consumer without partitions; ConnectionError with the next step if there is no broker, PermissionError if it does not let us in.

    The group is for showing lag only.
    """
    options = kafka_python(access_to(servers))

    def make(milliseconds: int) -> Any:
        return KafkaConsumer(
            **options,
            group_id=group or None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            fetch_max_bytes=4 * FETCH_BYTES,
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_wait_ms=100,
            bootstrap_timeout_ms=milliseconds,
            reconnect_backoff_max_ms=1_000,
            metrics_enabled=False,
        )

    return connected(servers, START_TIMEOUT_S, make)


class Consumer:
    """The reading half of a Kafka EventLog; each read has a connection of its own, so reads may be interleaved."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self._offsets: Any = None

    def _ask(self, question: Callable[[Any], Any], topic: str = "") -> Any:
        """Ask the broker over the connection kept for that; ConnectionError, and a new connection the next time, if it has gone."""
        try:
            self._offsets = self._offsets or open_consumer(self.servers)
            return question(self._offsets)
        except KafkaError as error:
            with suppress(KafkaError):
                self.close()
            self._offsets = None
            raise failure(self.servers, error, topic) from error

    def _place(self, topic: str, partition: int) -> Any:
        known = self._ask(lambda client: client.partitions_for_topic(topic))
        if not known:
            raise absent(topic, self.servers)
        if partition not in known:
            raise ValueError(f"{topic} has the partitions {sorted(known)}, not {partition}")
        return TopicPartition(topic, partition)

    def partitions(self, topic: str) -> int:
        """How many partitions the topic has; ValueError with the known topics if there is none of that name."""
        known = self._ask(lambda client: client.partitions_for_topic(topic))
        if not known:
            raise absent(topic, self.servers)
        return len(known)

    def end_offset(self, topic: str, partition: int) -> int:
        """The offset that the next record will get."""
        place = self._place(topic, partition)
        return int(self._ask(lambda client: client.end_offsets([place]), topic)[place])

    def first_offset(self, topic: str, partition: int) -> int:
        """The lowest offset that retention has left."""
        place = self._place(topic, partition)
        return int(self._ask(lambda client: client.beginning_offsets([place]), topic)[place])

    def read(self, topic: str, partition: int, start: int = 0, end: int | None = None) -> Iterator[StoredRecord]:
        """The records with start <= offset < end; end defaults to the end as of the first record asked for."""
        place = self._place(topic, partition)
        stop = self.end_offset(topic, partition) if end is None else min(end, self.end_offset(topic, partition))
        start = max(start, self.first_offset(topic, partition))
        if start < stop:
            consumer = open_consumer(self.servers)
            try:
                consumer.assign([place])
                consumer.seek(place, start)
                yield from _until(consumer, place, stop)
            except KafkaError as error:
                raise failure(self.servers, error, topic) from error
            finally:
                consumer.close(autocommit=False)

    def close(self) -> None:
        """Let go of the connection that asks for offsets."""
        if self._offsets is not None:
            self._offsets.close(autocommit=False)
            self._offsets = None


def _until(consumer: Any, place: Any, stop: int) -> Iterator[StoredRecord]:
    while consumer.position(place) < stop:
        records = consumer.poll(timeout_ms=1000 * SILENCE_S).get(place, [])
        if not records and consumer.position(place) < stop:
            raise TimeoutError(
                f"nothing came from {place.topic}/{place.partition} below offset {stop} for {SILENCE_S} s; is the broker up?"
            )
        for record in records:
            if record.offset >= stop:
                return
            yield stored(record)


def stored(record: Any) -> StoredRecord:
    """A client's record as the product's own."""
    headers = tuple((name, value) for name, value in record.headers)
    return StoredRecord(record.topic, record.partition, record.offset, record.timestamp, record.key or b"", record.value or b"", headers)
