"""confluent-kafka in the place of kafka-python's client, for `ProducerOptions(client="confluent")`; an extra of the project.

It offers what `pipelines.broker.producer` needs of a client and speaks of failures in kafka-python's errors, so that the
producer's rules are the same for both.
"""

from __future__ import annotations

import time
from typing import Any

from confluent_kafka import KafkaError as Code
from confluent_kafka import KafkaException
from confluent_kafka import Producer as Librdkafka
from kafka.errors import (
    InvalidTopicError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    SaslAuthenticationFailedError,
    TopicAuthorizationFailedError,
)

METADATA_S = 3.0
PERMANENT = {
    Code.MSG_SIZE_TOO_LARGE: MessageSizeTooLargeError,
    Code.TOPIC_EXCEPTION: InvalidTopicError,
    Code.TOPIC_AUTHORIZATION_FAILED: TopicAuthorizationFailedError,
    Code._AUTHENTICATION: SaslAuthenticationFailedError,
}


def translated(error: Any) -> KafkaError:
    """librdkafka's error as kafka-python's."""
    kind = PERMANENT.get(error.code(), KafkaError)
    return kind(str(error))


class Future:
    """A delivery report; reports only come while somebody polls."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer
        self.is_done, self.exception = False, None

    def report(self, error: Any, _message: Any) -> None:
        """librdkafka's callback."""
        self.exception = translated(error) if error is not None else None
        self.is_done = True

    def failed(self) -> bool:
        """Whether the report says that the record is not on the log."""
        return self.is_done and self.exception is not None

    def succeeded(self) -> bool:
        """Whether the report says that it is."""
        return self.is_done and self.exception is None

    def get(self, timeout: float) -> None:
        """Wait for the report; raises its error, or KafkaTimeoutError."""
        end = time.monotonic() + timeout
        while not self.is_done:
            left = end - time.monotonic()
            if left <= 0:
                raise KafkaTimeoutError(f"no report after {timeout} s")
            self._producer.poll(left)
        if self.exception is not None:
            raise self.exception


class ConfluentClient:
    """A connected producer of confluent-kafka."""

    def __init__(self, configuration: dict[str, Any], start_timeout_s: float) -> None:
        self._shut_out: KafkaError | None = None
        self._producer = Librdkafka(configuration | {"error_cb": self._note})
        self._connect(time.monotonic() + start_timeout_s)

    def _connect(self, end: float) -> None:
        """Ask until somebody answers; KafkaTimeoutError, or at once what a refused login said."""
        while True:
            try:
                self._describe(None, max(0.1, min(METADATA_S, end - time.monotonic())))
                return
            except KafkaTimeoutError:
                if time.monotonic() >= end:
                    raise

    def _note(self, error: Any) -> None:
        """librdkafka's callback: of a refused login it tells here alone, its caller that time is over."""
        if error.code() == Code._AUTHENTICATION:
            self._shut_out = translated(error)

    def _describe(self, topic: str | None, seconds: float) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self._producer.list_topics(topic, timeout=seconds).topics
        except KafkaException as error:
            self._producer.poll(0)
            raise self._shut_out or KafkaTimeoutError(str(error)) from error
        return found

    def partitions_for(self, topic: str) -> set[int]:
        """The partitions of a topic; KafkaTimeoutError if they are not known at present."""
        found = self._describe(topic, METADATA_S).get(topic)
        if found is not None and found.error is not None and found.error.code() in PERMANENT:
            raise translated(found.error)
        if found is None or not found.partitions:
            raise KafkaTimeoutError(f"{topic} has no partitions")
        return set(found.partitions)

    def send(self, topic: str, value: bytes, key: bytes, headers: list[tuple[str, bytes]], partition: int) -> Future:
        """Queue a record."""
        future = Future(self._producer)
        while True:
            try:
                self._producer.produce(topic, value, key, partition, on_delivery=future.report, headers=list(headers))
            except BufferError:
                self._producer.poll(0.1)
            except KafkaException as error:
                future.report(error.args[0], None)
                return future
            else:
                self._producer.poll(0)
                return future

    def flush(self, timeout: float) -> None:
        """Wait for the reports of everything sent, or for the time-out."""
        self._producer.flush(timeout)

    def abandon(self) -> None:
        """Stop at once; the futures of everything unsent fail."""
        self._producer.purge()
        self._producer.flush(1.0)

    def close(self) -> None:
        """Nothing is open beside what flush waits for."""
        self._producer.flush(1.0)
