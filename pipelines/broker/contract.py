"""Before anything is published: the topics are there, and what this program declares goes with what was published on them."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.broker.admin import create_topics
from pipelines.broker.kafka_log import KafkaLog
from pipelines.events.declarations import EVENT_TYPES, EventType
from pipelines.events.evolution import Published, check_published, published, record_of
from pipelines.events.topics import SCHEMAS
from pipelines.kafka_access import Servers
from pipelines.ports import EventLog


def prepare(servers: Servers, partitions: int) -> list[str]:
    """Create the topics that lack and agree on the schemas, for whoever begins to publish or read there; the topics that were created.

    Raises pipelines.events.evolution.Breaking as `agree` does, ValueError if the topics have another number of partitions,
    PermissionError for who may not do it.
    """
    created = create_topics(servers, partitions)
    log = KafkaLog(servers)
    try:
        agree(log)
    finally:
        log.close()
    return created


def agree(log: EventLog, types: Mapping[str, EventType] = EVENT_TYPES) -> list[str]:
    """Compare the types with what the log was published with, and write down the versions that are new there; which they are.

    Raises pipelines.events.evolution.Breaking, with nothing written, if one contradicts. Two programs that begin at once may write a
    version twice, which harms nothing.
    """
    before = schemas_of(log)
    check_published(before.values(), types)
    new = [record_of(version) for event in types.values() for version in event.versions]
    new = [record for record in new if record.key not in before]
    for record in new:
        log.send(record)
    if new:
        log.flush()
    return [record.key.decode() for record in new]


def schemas_of(log: EventLog) -> dict[bytes, Published]:
    """The schemas that a log was published with. Raises ValueError for a record that is none."""
    found: dict[bytes, Published] = {}
    for partition in range(log.partitions(SCHEMAS.name)):
        for record in log.read(SCHEMAS.name, partition):
            try:
                found.setdefault(record.key, published(record.value))
            except ValueError as error:
                place = f"offset {record.offset} of {SCHEMAS.name}"
                raise ValueError(f"{place}: {error}; delete that topic, which every publisher writes anew") from None
    return found
