"""The one table of Kafka topics: names, partitions, retention, and which partition a world's blocks go to."""

from __future__ import annotations

import zlib

import msgspec

DAY_MS = 24 * 60 * 60 * 1000
FOREVER_MS = -1
PARTITIONS = 2
"""How many the topics of events have where AGORA_KAFKA_PARTITIONS does not say otherwise."""


class Topic(msgspec.Struct, frozen=True):
    """One topic. `event` is the event type whose blocks it carries; `partitions` those that it is made with unless told otherwise."""

    name: str
    event: str
    partitions: int = PARTITIONS
    retention_ms: int = 7 * DAY_MS
    max_record_bytes: int = 8 * 1024 * 1024

    def dead_letters(self, consumer: str) -> str:
        """Where a consumer puts records of this topic that it cannot take."""
        return f"{self.name}.{consumer}.dlq"


TOPICS: tuple[Topic, ...] = (
    Topic("market.worlds", "worlds", retention_ms=FOREVER_MS),
    Topic("market.orders", "orders"),
    Topic("market.trades", "trades"),
    Topic("market.ticks", "ticks"),
    Topic("market.messages", "messages"),
    Topic("market.negotiations", "negotiations"),
    Topic("market.agents", "agents"),
    Topic("market.resources", "resources"),
    Topic("market.interventions", "interventions"),
    Topic("market.inputs", "inputs", retention_ms=FOREVER_MS),
    Topic("training.metrics", "metrics", retention_ms=FOREVER_MS),
    Topic("market.alerts", "alerts"),
    Topic("evaluation.labels", "labels", retention_ms=FOREVER_MS),
)
"""In the order in which a restarted world fences them, but for market.inputs, which comes last."""

SCHEMAS = Topic("agora.schemas", "", partitions=1, retention_ms=FOREVER_MS)
"""Every version of every type that was published on a broker, one record each (`pipelines.events.evolution`)."""

CONSUMERS: dict[str, tuple[str, ...]] = {
    "bronze": tuple(topic.event for topic in TOPICS),
    "redis": ("ticks", "trades", "orders", "agents", "alerts"),
    "elasticsearch": ("messages", "trades", "alerts"),
    "mongodb": ("negotiations",),
    "cassandra": ("ticks", "trades"),
    "sql": ("negotiations", "metrics"),
}
"""The event types that each consumer takes; beside each topic that it reads lies one for its dead letters."""

_BY_EVENT = {topic.event: topic for topic in TOPICS}
_BY_NAME = {topic.name: topic for topic in TOPICS}


def topic(event: str) -> Topic:
    """The topic that carries an event type; ValueError with the known types otherwise."""
    try:
        return _BY_EVENT[event]
    except KeyError:
        raise ValueError(f"no topic carries event type {event!r}; known: {', '.join(_BY_EVENT)}") from None


def topic_named(name: str) -> Topic:
    """The topic of that name; ValueError with the known names otherwise."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise ValueError(f"unknown topic {name!r}; known: {', '.join(_BY_NAME)}") from None


def dead_letter_topics() -> tuple[str, ...]:
    """The names of all dead-letter topics, to be created beside the topics."""
    return tuple(topic.dead_letters(consumer) for topic in TOPICS for consumer, events in CONSUMERS.items() if topic.event in events)


def world_key(run_id: str, world_id: int) -> bytes:
    """The Kafka key of a world's blocks."""
    return f"{run_id}/{world_id}".encode()


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key, the same for every client library.

    Keys ending in `/<number>` (worlds of a run) are dealt round, so that a run's worlds spread evenly.
    """
    run, _, world = key.rpartition(b"/")
    turn = int(world) if world.isdigit() else zlib.crc32(world)
    return (zlib.crc32(run) + turn) % partitions


def other_partitions(name: str, broker: object, found: int, wanted: int) -> str:
    """Why a topic with another number of partitions is refused, and what to do."""
    return (
        f"{name} at {broker} has {found} partitions, but AGORA_KAFKA_PARTITIONS is {wanted}; set it to {found}, or begin with empty "
        "topics, lake and stores: on a topic that grows, worlds would go on elsewhere than they began"
    )
