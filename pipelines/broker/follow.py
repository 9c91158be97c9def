"""New records of several topics as they come, over one connection: for whoever watches and keeps nothing."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from kafka import TopicPartition

from pipelines.broker.consumer import open_consumer, stored
from pipelines.kafka_access import Servers
from pipelines.ports import StoredRecord


def follow(servers: Servers, topics: Sequence[str], wait_ms: int = 200) -> Generator[list[StoredRecord], None, None]:
    """What comes from now on, in polls of at most wait_ms; an empty list when nothing came. Ends when the generator is closed.

    "Now" is when the first list is asked for, which is empty: by then the ends of all partitions are known.
    """
    consumer = open_consumer(servers)
    try:
        places = [TopicPartition(topic, partition) for topic in topics for partition in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(places)
        for place, end in consumer.end_offsets(places).items():
            consumer.seek(place, end)
        yield []
        while True:
            polled = consumer.poll(timeout_ms=wait_ms)
            yield [stored(record) for records in polled.values() for record in records]
    finally:
        consumer.close(autocommit=False)
