"""Send records to Kafka with kafka-python so that none is ever lost, and none leaves its order without need.

Idempotent, acks=all, no expiry. Every record stays in memory until its own delivery report says that it is on the log;
after a fatal error a new producer sends again, in order, from the first record without one.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal

import msgspec
import structlog
from kafka import KafkaProducer
from kafka.errors import (
    InvalidTopicError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
)

from pipelines.broker.admin import list_topics, unknown_topic
from pipelines.broker.login import connected, failure, is_refusal, kafka_python, librdkafka, refused
from pipelines.events.block import WireRecord
from pipelines.events.topics import TOPICS, partition_of
from pipelines.kafka_access import Servers, access_to
from pipelines.ports import Sent

log = structlog.get_logger(__name__)

NEVER_MS = 2**31 - 1  # 24 days; whatever expires even so is sent again
PERMANENT = (InvalidTopicError, MessageSizeTooLargeError, PolicyViolationError, RecordListTooLargeError)
RETRY_S = 0.5
SLOWEST_RETRY_S = 5.0
OVERHEAD_BYTES = 512  # of a record on the wire beside its value


class ProducerOptions(msgspec.Struct, frozen=True):
    """How records are gathered, how many may wait, and which library sends them (confluent-kafka is an extra)."""

    client: Literal["kafka-python", "confluent"] = "kafka-python"
    memory_bytes: int = 64 * 1024 * 1024
    batch_bytes: int = 512 * 1024
    linger_ms: int = 20
    compression: str = "zstd"
    start_timeout_s: float = 15.0


class Waiting:
    """A record without a delivery report yet."""

    __slots__ = ("future", "partition", "record")

    def __init__(self, record: WireRecord, partition: int, future: Any) -> None:
        self.record, self.partition, self.future = record, partition, future


class _Client(KafkaProducer):  # type: ignore[misc]
    """A KafkaProducer that can be left with records in it: close() of the original waits for them."""

    abandoned = False

    def flush(self, timeout: float | None = None) -> None:
        if not self.abandoned:
            super().flush(timeout)

    def abandon(self) -> None:
        """Stop at once; the futures of everything unsent fail."""
        self.abandoned = True
        self.close(timeout=0)


class Producer:
    """The sending half of a Kafka EventLog; one caller's thread.

    Parameters
    ----------
    servers : `host:port`, several separated by commas.
    options : batching and memory.
    connect : makes the client; replaced in tests to inject faults.
    """

    def __init__(
        self, servers: Servers, options: ProducerOptions | None = None, connect: Callable[[Servers, ProducerOptions], Any] | None = None
    ) -> None:
        self.servers, self.options = servers, options or ProducerOptions()
        self._connect = connect or open_client
        self._waiting: deque[Waiting] = deque()
        self._bytes = self._acknowledged = self._resent = self._failures = 0
        self._partitions: dict[str, int] = {}
        self._client = self._connect(servers, self.options)

    def partitions(self, topic: str) -> int:
        """How many partitions the topic has; ValueError with the known topics if there is none of that name."""
        while topic not in self._partitions:
            try:
                self._partitions[topic] = len(self._client.partitions_for(topic))
            except KafkaError as error:
                self._must_exist(topic, error)
        return self._partitions[topic]

    def _must_exist(self, topic: str, error: KafkaError) -> None:
        """ValueError if a broker answers and has no such topic, PermissionError if it is not for us; if none answers, wait a little."""
        if is_refusal(error):
            raise refused(self.servers, topic, error) from error
        try:
            there = list_topics(self.servers)
        except (ConnectionError, KafkaError):
            there = [topic]
        if topic not in there:
            raise unknown_topic(topic, there, self.servers) from error
        log.warning("no broker tells of the topic, asking again", topic=topic, error=repr(error), waiting=len(self._waiting))
        time.sleep(RETRY_S)

    def send(self, record: WireRecord) -> None:
        """Queue a record; waits while memory is full. ValueError for an unknown topic or a record that can never be taken."""
        partition = partition_of(record.key, self.partitions(record.topic))
        size = len(record.value) + OVERHEAD_BYTES
        if size > (limit := max_record_bytes(record.topic)):
            raise ValueError(f"a record of {size} bytes for {record.topic} is over its {limit}; lower the block rule's limit")
        self._settle()
        while self._waiting and self._bytes + size > self.options.memory_bytes:
            self._await_first(0.2)
        self._bytes += size
        self._waiting.append(Waiting(record, partition, self._hand_over(record, partition)))

    def _hand_over(self, record: WireRecord, partition: int) -> Any:
        """Give a record to the client, which needs to know where the partition lies: without a broker that takes a while."""
        while True:
            try:
                return self._client.send(record.topic, record.value, record.key, list(record.headers), partition)
            except (KafkaTimeoutError, ValueError) as error:  # ValueError: the partition is not known at present
                log.warning("no broker knows the partition, trying again", topic=record.topic, partition=partition, error=repr(error))
                time.sleep(RETRY_S)

    def _settle(self) -> None:
        """Forget the acknowledged records at the head; recover if the first that is settled failed."""
        while self._waiting and self._waiting[0].future.is_done:
            first = self._waiting[0]
            if first.future.failed():
                self._recover(first.future.exception)
                continue
            self._waiting.popleft()
            self._failures = 0
            self._acknowledged += 1
            self._bytes -= len(first.record.value) + OVERHEAD_BYTES

    def _await_first(self, seconds: float) -> None:
        """Wait for the first delivery report, at most that long, and settle."""
        with suppress(KafkaError):  # a time-out, or a failure that settling deals with
            self._waiting[0].future.get(timeout=seconds)
        self._settle()

    def _recover(self, error: Exception) -> None:
        """Replace the client and send again, in order, what has no delivery report; ValueError if the log will never take it,
        PermissionError if it does not take it from us."""
        if is_refusal(error):
            raise refused(self.servers, self._waiting[0].record.topic, error) from error
        if isinstance(error, PERMANENT):
            first = self._waiting[0].record
            raise ValueError(
                f"{first.topic} does not take a record of {len(first.value)} bytes: {error!r}; nothing after it is given up"
            ) from error
        log.warning("producer failed, sending again with a new one", error=repr(error), waiting=len(self._waiting))
        self._client.abandon()
        if self._failures:  # a second failure in a row: the fault lasts
            time.sleep(min(SLOWEST_RETRY_S, 0.05 * 2**self._failures))
        self._failures += 1
        for waiting in self._waiting:
            _await_outcome(waiting.future)
        self._client = self._reconnect()
        for waiting in self._waiting:
            if not waiting.future.succeeded():
                waiting.future = self._hand_over(waiting.record, waiting.partition)
                self._resent += 1

    def _reconnect(self) -> Any:
        while True:
            try:
                return self._connect(self.servers, self.options)
            except (ConnectionError, KafkaError) as error:
                log.warning("no broker, trying again", servers=str(self.servers), error=repr(error), waiting=len(self._waiting))
                time.sleep(RETRY_S)

    def flush(self, timeout_s: float | None = None) -> None:
        """Block until everything sent is acknowledged; TimeoutError if that takes longer than timeout_s."""
        end = None if timeout_s is None else time.monotonic() + timeout_s
        self._settle()
        while self._waiting:
            left = 0.5 if end is None else min(0.5, end - time.monotonic())
            if left <= 0:
                raise TimeoutError(f"{len(self._waiting)} records are not acknowledged after {timeout_s} s; is the broker up?")
            self._push(left)
            self._await_first(left)

    def _push(self, seconds: float) -> None:
        with suppress(KafkaError):  # a time-out: the caller's loop goes on
            self._client.flush(timeout=seconds)

    def sent(self) -> Sent:
        """Counts so far; the one call that another thread may make, so it forgets nothing."""
        acknowledged, waiting = self._acknowledged, self._waiting.copy()
        done = sum(record.future.succeeded() for record in waiting)
        return Sent(acknowledged + done, len(waiting) - done, self._resent)

    def close(self) -> None:
        """Flush and close; a second call does nothing."""
        self.flush()
        self._client.close()


_LARGEST = max(topic.max_record_bytes for topic in TOPICS)
_LIMITS = {topic.name: topic.max_record_bytes for topic in TOPICS}


def max_record_bytes(topic: str) -> int:
    """The largest record of a topic; of dead letters and foreign topics the largest of any."""
    return _LIMITS.get(topic, _LARGEST)


def _await_outcome(future: Any) -> None:
    """Give a left client's thread up to 10 s to say what became of a record; after that it counts as not delivered."""
    for _ in range(200):
        if future.is_done:
            return
        time.sleep(0.05)


def open_client(servers: Servers, options: ProducerOptions) -> Any:
    """A connected client; ConnectionError with the next step if there is no broker, PermissionError if it does not let us in."""
    if options.client != "confluent":
        return connected(servers, options.start_timeout_s, lambda milliseconds: _open_kafka_python(servers, options, milliseconds))
    try:
        return _open_confluent(servers, options)
    except KafkaError as error:
        raise failure(servers, error) from error


def _open_kafka_python(servers: Servers, options: ProducerOptions, milliseconds: int) -> _Client:
    return _Client(
        **kafka_python(access_to(servers)),
        enable_idempotence=True,
        acks="all",
        compression_type=options.compression,
        batch_size=options.batch_bytes,
        linger_ms=options.linger_ms,
        max_request_size=2 * _LARGEST,
        delivery_timeout_ms=NEVER_MS,
        max_block_ms=3_000,
        reconnect_backoff_max_ms=1_000,
        bootstrap_timeout_ms=milliseconds,
        allow_auto_create_topics=False,
        metrics_enabled=False,
    )


def _open_confluent(servers: Servers, options: ProducerOptions) -> Any:
    try:
        from pipelines.broker.confluent_client import ConfluentClient
    except ImportError as error:
        raise ValueError("confluent-kafka is not installed; `uv pip install 'agora[confluent]'` or use kafka-python") from error
    configuration = {
        **librdkafka(access_to(servers)),
        "enable.idempotence": True,
        "acks": "all",
        "compression.type": options.compression,
        "batch.size": options.batch_bytes,
        "linger.ms": options.linger_ms,
        "message.max.bytes": 2 * _LARGEST,
        "message.timeout.ms": 0,  # never
        "queue.buffering.max.kbytes": 2 * options.memory_bytes // 1024,
        "reconnect.backoff.max.ms": 1_000,
        "allow.auto.create.topics": False,
    }
    return ConfluentClient(configuration, options.start_timeout_s)
