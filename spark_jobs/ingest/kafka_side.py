"""Kafka as Spark's own client sees it: where the partitions end, and a way to send a few records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import types as spark

from spark_jobs.ingest.outgoing import Outgoing

HEADERS = spark.ArrayType(spark.StructType([spark.StructField("key", spark.StringType()), spark.StructField("value", spark.BinaryType())]))
OUTGOING = spark.StructType(
    [
        spark.StructField("topic", spark.StringType()),
        spark.StructField("partition", spark.IntegerType()),
        spark.StructField("key", spark.BinaryType()),
        spark.StructField("value", spark.BinaryType()),
        spark.StructField("headers", HEADERS),
    ]
)
CLIENT = {"request.timeout.ms": "15000", "default.api.timeout.ms": "20000", "reconnect.backoff.max.ms": "1000"}
PRODUCER = {"acks": "all", "max.request.size": str(16 * 1024 * 1024), "delivery.timeout.ms": "60000", "max.block.ms": "20000"}


def options(broker: str, extra: dict[str, str]) -> dict[str, str]:
    """Options of Spark's Kafka source and sink."""
    return {"kafka.bootstrap.servers": broker} | {f"kafka.{name}": value for name, value in extra.items()}


class SparkOutbox:
    """An Outbox over Spark's Kafka sink, which waits for the acknowledgement of every record and raises without it."""

    def __init__(self, session: SparkSession, broker: str) -> None:
        self.session, self.broker = session, broker

    def __call__(self, records: list[Outgoing]) -> None:
        """Send; may send twice when it is called again after an error."""
        rows = [(record.topic, record.partition, bytearray(record.key), bytearray(record.value), _pairs(record)) for record in records]
        frame = self.session.createDataFrame(rows, OUTGOING).coalesce(1)
        frame.write.format("kafka").options(**options(self.broker, PRODUCER)).option("includeHeaders", "true").save()


def _pairs(record: Outgoing) -> list[tuple[str, bytearray]]:
    return [(name, bytearray(value)) for name, value in record.headers]


class Ends:
    """Asks the broker where partitions end, through the Kafka client in Spark's JVM. For one thread."""

    def __init__(self, session: SparkSession, broker: str, topics: Sequence[str]) -> None:
        context: Any = session.sparkContext
        self.jvm: Any = context._jvm  # py4j's view; there is no public way to it
        self.topics = topics
        properties = self.jvm.java.util.Properties()
        deserializer = "org.apache.kafka.common.serialization.ByteArrayDeserializer"
        settings = CLIENT | {"bootstrap.servers": broker, "key.deserializer": deserializer, "value.deserializer": deserializer}
        for name, value in (settings | {"enable.auto.commit": "false"}).items():
            properties.setProperty(name, value)
        self.consumer = self.jvm.org.apache.kafka.clients.consumer.KafkaConsumer(properties)
        self.places: Any = None

    def read(self) -> dict[str, int]:
        """The offset that the next record gets, per "topic:partition". Raises py4j's error when no broker answers."""
        if self.places is None:
            self.places = self._partitions()
        ends = self.consumer.endOffsets(self.places)
        return {f"{place.topic()}:{place.partition()}": int(ends[place]) for place in self.places}

    def missing(self) -> list[str]:
        """The topics that the broker does not have."""
        there = set(self.consumer.listTopics().keySet())
        return [topic for topic in self.topics if topic not in there]

    def close(self) -> None:
        """Let go of the connection."""
        self.consumer.close()

    def _partitions(self) -> Any:
        places = self.jvm.java.util.ArrayList()
        for topic in self.topics:
            for part in _listed(self.consumer.partitionsFor(topic)):
                places.add(self.jvm.org.apache.kafka.common.TopicPartition(topic, part.partition()))
        return places


def _listed(parts: Any) -> Iterable[Any]:
    return parts or ()
