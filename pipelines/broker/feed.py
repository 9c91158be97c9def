"""New records of several topics as they come, over one connection, from the reader's own offsets on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from pipelines.broker.admin import absent
from pipelines.broker.consumer import open_consumer, stored
from pipelines.broker.login import failure
from pipelines.events.progress import Place
from pipelines.kafka_access import Servers
from pipelines.ports import StoredRecord


class KafkaFeed:
    """A Feed on the broker at `servers`; see pipelines.ports.Feed.

    Parameters
    ----------
    starts : next offset by (topic, partition); None: what comes from now on.
    reader : consumer group under which the lag is shown; empty: none.
    """

    def __init__(self, servers: Servers, topics: Sequence[str], starts: Mapping[Place, int] | None, reader: str = "") -> None:
        self.servers = servers
        self._consumer: Any = open_consumer(servers, reader)
        self._places = [TopicPartition(topic, partition) for topic in topics for partition in self._partitions(topic)]
        self._consumer.assign(self._places)
        first, ends = self._consumer.beginning_offsets(self._places), self._consumer.end_offsets(self._places)
        for place in self._places:
            wanted = ends[place] if starts is None else starts.get((place.topic, place.partition), 0)
            if wanted > ends[place]:
                raise ValueError(
                    f"{place.topic}/{place.partition} ends at offset {ends[place]}, but {wanted} were read from it: it is another log; "
                    "use the broker that the store was filled from, or an empty store"
                )
            self._consumer.seek(place, max(wanted, first[place]))

    def _partitions(self, topic: str) -> list[int]:
        known = self._consumer.partitions_for_topic(topic)
        if not known:
            raise absent(topic, self.servers)
        return sorted(known)

    def poll(self, seconds: float) -> list[StoredRecord]:
        """See Feed.poll."""
        try:
            polled = self._consumer.poll(timeout_ms=int(1000 * seconds))
        except KafkaError as error:
            raise failure(self.servers, error) from error
        return [stored(record) for records in polled.values() for record in records]

    def ends(self) -> dict[Place, int]:
        """See Feed.ends."""
        try:
            return {(place.topic, place.partition): int(end) for place, end in self._consumer.end_offsets(self._places).items()}
        except KafkaError as error:
            raise failure(self.servers, error) from error

    def commit(self, offsets: Mapping[Place, int]) -> None:
        """See Feed.commit; that the log does not take it harms nothing."""
        wanted = {TopicPartition(*place): OffsetAndMetadata(offset, "", -1) for place, offset in offsets.items()}
        if wanted and self._consumer.config["group_id"]:
            with suppress(KafkaError):
                self._consumer.commit_async(wanted)

    def close(self) -> None:
        """See Feed.close."""
        with suppress(KafkaError):
            self._consumer.close(autocommit=False)
