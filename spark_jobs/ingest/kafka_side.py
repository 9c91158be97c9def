"""Kafka as Spark's own client sees it: where the partitions end, and a way to send a few records."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from pyspark.sql import SparkSession

from pipelines.kafka_access import Servers, access_to, jaas
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


def options(broker: Servers, extra: dict[str, str]) -> dict[str, str]:
    """Options of Spark's Kafka source and sink."""
    return {f"kafka.{name}": value for name, value in (login(broker) | extra).items()}


def login(broker: Servers) -> dict[str, str]:
    """What Java's clients need to reach the broker; Spark and Kafka keep the value of sasl.jaas.config out of what they show."""
    access = access_to(broker)
    found = {"bootstrap.servers": access.servers, "security.protocol": access.protocol}
    if access.encrypted and access.ca_file:
        found |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": access.ca_file}
    if access.logs_in:
        found |= {"sasl.mechanism": access.mechanism, "sasl.jaas.config": jaas(access)}
    return found


def _jvm(session: SparkSession) -> Any:
    context: Any = session.sparkContext
    return context._jvm  # py4j's view of Spark's JVM; there is no public way to it


def _properties(jvm: Any, broker: Servers, settings: dict[str, str]) -> Any:
    properties = jvm.java.util.Properties()
    for name, value in (login(broker) | settings).items():
        properties.setProperty(name, value)
    return properties


class KafkaOutbox:
    """An Outbox over the Kafka client that Spark has loaded anyway.

    A handful of records go straight to the client, where a Spark job would take a second; many go as a Spark job, since
    each call into the JVM takes a millisecond. Both wait for the acknowledgement of every record.
    """

    def __init__(self, session: SparkSession, broker: Servers) -> None:
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

    def __init__(self, session: SparkSession, broker: Servers, topics: Sequence[str]) -> None:
        self.jvm = _jvm(session)
        self.topics, self.logs_in = topics, access_to(broker).logs_in
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
        """How many partitions each topic has; 0 if the broker does not have it. Raises py4j's error if it may not be seen."""
        there = self.consumer.listTopics()
        return {topic: len(there[topic]) if topic in there else self._hidden(topic) for topic in self.topics}

    def _hidden(self, topic: str) -> int:
        """Of a topic that is not listed; asked for by name, it is refused where it may not be seen."""
        return len(self.consumer.partitionsFor(topic) or ()) if self.logs_in else 0

    def close(self) -> None:
        """Let go of the connection."""
        self.consumer.close()

    def _partitions(self) -> Any:
        places = self.jvm.java.util.ArrayList()
        for topic in self.topics:
            for part in self.consumer.partitionsFor(topic):
                places.add(self.jvm.org.apache.kafka.common.TopicPartition(topic, part.partition()))
        return places
