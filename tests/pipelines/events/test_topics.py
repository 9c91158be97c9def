"""The table of topics, and the partitions of keys."""

from collections import Counter

import pytest

from pipelines.events.declarations import EVENT_TYPES
from pipelines.events.topics import PARTITIONS, TOPICS, dead_letter_topics, partition_of, topic, topic_named, world_key
from pipelines.settings import Settings


def test_every_event_type_has_one_topic() -> None:
    assert sorted(each.event for each in TOPICS) == sorted(EVENT_TYPES)
    assert len({each.name for each in TOPICS}) == len(TOPICS)


def test_topics_are_found_by_event_and_name() -> None:
    assert topic("orders") is topic_named("market.orders")
    with pytest.raises(ValueError, match="no topic carries event type 'order'; known: worlds"):
        topic("order")
    with pytest.raises(ValueError, match=r"unknown topic 'orders'; known: market\.worlds"):
        topic_named("orders")


def test_worlds_of_a_run_spread_evenly() -> None:
    for partitions in (1, 2, 3, 7):
        placed = Counter(partition_of(world_key("20261121-101500-a1b2", world), partitions) for world in range(7 * partitions))
        assert placed == dict.fromkeys(range(partitions), 7)


def test_the_setting_and_the_table_have_one_default() -> None:
    assert Settings.model_fields["kafka_partitions"].default == PARTITIONS == TOPICS[0].partitions


def test_partition_of_a_key_never_changes() -> None:
    keys = [world_key("20261121-101500-a1b2", 0), world_key("20261121-101500-a1b3", 5), b"", b"run/EURUSD"]
    assert [partition_of(key, 5) for key in keys] == [1, 2, 0, 3]


def test_dead_letter_topics_follow_the_topics() -> None:
    assert "market.orders.bronze.dlq" in dead_letter_topics()
    assert topic("orders").dead_letters("mongodb") == "market.orders.mongodb.dlq"
