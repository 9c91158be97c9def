"""Kafka as Spark's own client sees it: where the partitions end, and a way to send a few records."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from pyspark.sql import SparkSession

from spark_jobs.ingest.outgoing import Outgoing

CLIENT = {"request.timeout.ms": "15000", "default.api.timeout.ms": "20000", "reconnect.backoff.max.ms": "1000"}
PRODUCER = {"acks": "all", "max.request.size": str(16 * 1024 * 1024), "delivery.timeout.ms": "60000", "max.block.ms": "20000"}
END = re.compile(r"([\w.-]+)-(\d+)=(\d+)")  # of Java's {topic-partition=offset, ...}
FEW = 20  # records
HEADER = pa.struct([("key", pa.string()), ("value", pa.binary())])
OUTGOING = pa.schema(
    [("topic", pa.string()), ("partition", pa.int32()), ("key", pa.binary()), ("value", pa.binary()), ("headers", pa.list_(HEADER))]
)
BYTES = "org.apache.kafka.common.serialization.ByteArray"


def options(broker: str, extra: dict[str, str]) -> dict[str, str]:
    """Options of Spark's Kafka source and sink."""
    return {"kafka.bootstrap.servers": broker} | {f"kafka.{name}": value for name, value in extra.items()}


def _jvm(session: SparkSession) -> Any:
    context: Any = session.sparkContext
    return context._jvm  # py4j's view of Spark's JVM; there is no public way to it


def _properties(jvm: Any, broker: str, settings: dict[str, str]) -> Any:
    properties = jvm.java.util.Properties()
    for name, value in (settings | {"bootstrap.servers": broker}).items():
        properties.setProperty(name, value)
    return properties


class KafkaOutbox:
    """An Outbox over the Kafka client that Spark has loaded anyway.

    A handful of records go straight to the client, where a Spark job would take a second; many go as a Spark job, since
    each call into the JVM takes a millisecond. Both wait for the acknowledgement of every record.
    """

    def __init__(self, session: SparkSession, broker: str) -> None:
        self.session, self.jvm, self.broker = session, _jvm(session), broker
        self.producer: Any = None

    def __call__(self, records: list[Outgoing]) -> None:
        """Send; raises if the broker does not take one. May send twice when it is called again after an error."""
        if len(records) > FEW:
            self._by_job(records)
        else:
            self._by_client(records)

    def _by_job(self, records: list[Outgoing]) -> None:
        columns = [pa.array(values, kind) for values, kind in zip(zip(*records, strict=True), OUTGOING.types, strict=True)]
        frame = self.session.createDataFrame(pa.table(columns, schema=OUTGOING)).coalesce(1)
        frame.write.format("kafka").options(**options(self.broker, PRODUCER)).option("includeHeaders", "true").save()

    def _by_client(self, records: list[Outgoing]) -> None:
        if self.producer is None:
            serializers = {"key.serializer": f"{BYTES}Serializer", "value.serializer": f"{BYTES}Serializer"}
            self.producer = self.jvm.org.apache.kafka.clients.producer.KafkaProducer(
                _properties(self.jvm, self.broker, PRODUCER | serializers)
            )
        for sent in [self.producer.send(self._record(record)) for record in records]:
            sent.get()

    def close(self) -> None:
        """Let go of the connection."""
        if self.producer is not None:
            self.producer.close()
            self.producer = None

    def _record(self, record: Outgoing) -> Any:
        kafka = self.jvm.org.apache.kafka
        headers = self.jvm.java.util.ArrayList()
        for name, value in record.headers:
            headers.add(kafka.common.header.internals.RecordHeader(name, value))
        return kafka.clients.producer.ProducerRecord(record.topic, record.partition, record.key, record.value, headers)


class Ends:
    """Asks the broker where partitions end, through the Kafka client in Spark's JVM. For one thread."""

    def __init__(self, session: SparkSession, broker: str, topics: Sequence[str]) -> None:
        self.jvm = _jvm(session)
        self.topics = topics
        deserializers = {"key.deserializer": f"{BYTES}Deserializer", "value.deserializer": f"{BYTES}Deserializer"}
        properties = _properties(self.jvm, broker, CLIENT | deserializers | {"enable.auto.commit": "false"})
        self.consumer = self.jvm.org.apache.kafka.clients.consumer.KafkaConsumer(properties)
        self.places: Any = None

    def read(self) -> dict[str, int]:
        """The offset that the next record gets, per "topic:partition". Raises py4j's error when no broker answers."""
        if self.places is None:
            self.places = self._partitions()
        told = self.consumer.endOffsets(self.places).toString()  # one call into the JVM instead of four a partition
        return {f"{topic}:{part}": int(end) for topic, part, end in END.findall(told)}

    def partitions(self) -> dict[str, int]:
        """How many partitions each topic has; 0 if the broker does not have it."""
        there = self.consumer.listTopics()
        return {topic: len(there[topic]) if topic in there else 0 for topic in self.topics}

    def close(self) -> None:
        """Let go of the connection."""
        self.consumer.close()

    def _partitions(self) -> Any:
        places = self.jvm.java.util.ArrayList()
        for topic in self.topics:
            for part in self.consumer.partitionsFor(topic):
                places.add(self.jvm.org.apache.kafka.common.TopicPartition(topic, part.partition()))
        return places
