"""Create the topics from the one table, and say clearly what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import AuthorizationError, KafkaError, TopicAlreadyExistsError, TopicAuthorizationFailedError, for_code

from pipelines.broker.login import connected, failure, kafka_python, refused
from pipelines.events.topics import SCHEMAS, TOPICS, Topic, dead_letter_topics, other_partitions, topic_named
from pipelines.kafka_access import Servers, access_to

START_TIMEOUT_S = 15.0


def absent(topic: str, servers: Servers) -> OSError | ValueError:
    """The error to raise for a topic that the broker does not show: it has none of that name, or not for this principal."""
    with admin(servers) as client:
        told = {each["name"]: for_code(each["error_code"]) for each in client.describe_topics([topic])}
        error = told.get(topic)
        if error is TopicAuthorizationFailedError:
            return refused(servers, topic, error())
        return unknown_topic(topic, client.list_topics(), servers)


def unknown_topic(topic: str, there: Iterable[str], servers: Servers) -> ValueError:
    """The error to raise for a topic that the broker does not have."""
    names = ", ".join(sorted(name for name in there if not name.startswith("__") and not name.endswith(".dlq"))) or "none"
    return ValueError(
        f"the broker at {servers} has no topic {topic!r}; it has: {names}. Is it misspelt, or are the topics not created yet?"
    )


@contextmanager
def admin(servers: Servers) -> Iterator[Any]:
    """An administering client; PermissionError or ConnectionError with the next step."""
    options = kafka_python(access_to(servers))
    client = connected(servers, START_TIMEOUT_S, lambda ms: KafkaAdminClient(**options, bootstrap_timeout_ms=ms))
    try:
        yield client
    except KafkaError as error:
        raise failure(servers, error) from error
    finally:
        client.close()


def list_topics(servers: Servers) -> list[str]:
    """The names of all topics of a broker that this principal may see."""
    with admin(servers) as client:
        return sorted(client.list_topics())


def topic_bytes(servers: Servers) -> dict[str, int]:
    """Bytes of each topic's log on the disks of all brokers, replicas counted."""
    with admin(servers) as client:
        found: dict[str, int] = {}
        for broker in client.describe_log_dirs():
            for folder in broker["log_dirs"]:
                for topic in folder["topics"]:
                    size = sum(partition["partition_size"] for partition in topic["partitions"])
                    found[topic["name"]] = found.get(topic["name"], 0) + size
        return found


def create_topics(servers: Servers, partitions: int, replication: int = -1, extra: Iterable[Topic] = ()) -> list[str]:
    """Create the topics of the table and their dead-letter topics where they lack; returns the names that were created.

    `partitions` is the number of those that carry events; `replication` -1 leaves it to the broker; `extra` topics are created beside.
    Existing topics are left as they are. ValueError if one that carries events has another number of partitions, PermissionError if the
    principal may not create one: it may also be there and hidden from it.
    """
    wanted = {topic.name: _options(topic, partitions, replication) for topic in TOPICS}
    wanted |= {topic.name: _options(topic, topic.partitions, replication) for topic in (SCHEMAS, *extra)}
    for name in dead_letter_topics():
        origin = next(topic for topic in TOPICS if name.startswith(f"{topic.name}."))
        wanted[name] = _options(origin, 1, replication)
    with admin(servers) as client:
        there = set(client.list_topics())
        missing = {name: options for name, options in wanted.items() if name not in there}
        if missing:
            _create(client, missing, servers)
        _check_partitions(client, partitions, servers)
    return list(missing)


def _create(client: Any, missing: dict[str, dict[str, Any]], servers: Servers) -> None:
    result = client.create_topics(missing, raise_errors=False)
    for topic in result["topics"]:
        error = for_code(topic["error_code"])
        if issubclass(error, AuthorizationError):
            raise refused(servers, topic["name"], error())
        if topic["error_code"] and error is not TopicAlreadyExistsError:
            raise ValueError(f"the broker refused to create {topic['name']}: {error.__name__} {topic.get('error_message') or ''}")
    client.wait_for_topics(list(missing))


def _check_partitions(client: Any, wanted: int, servers: Servers) -> None:
    """Those that this principal may not see are left to who reads them."""
    for topic in client.describe_topics([topic.name for topic in TOPICS]):
        found = len(topic["partitions"])
        if not topic["error_code"] and found != wanted:
            raise ValueError(other_partitions(topic["name"], servers, found, wanted))


def _options(topic: Topic, partitions: int, replication: int) -> dict[str, Any]:
    configs = {
        "retention.ms": str(topic.retention_ms),
        "max.message.bytes": str(topic.max_record_bytes + 1024 * 1024),
        "compression.type": "producer",
    }
    return {"num_partitions": partitions, "replication_factor": replication, "configs": configs}


def check_topic(name: str) -> Topic:
    """The topic of the table with that name, or the dead-letter topic's origin; ValueError with the known names otherwise."""
    for topic in TOPICS:
        if name.startswith(f"{topic.name}.") and name.endswith(".dlq"):
            return topic
    return topic_named(name)
