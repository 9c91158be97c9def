"""The producer against a broker whose faults are data: no record is lost, order is kept but for what faults disturb."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kafka.errors import MessageSizeTooLargeError

from pipelines.broker.producer import OVERHEAD_BYTES, Producer, ProducerOptions
from pipelines.events.block import WireRecord
from pipelines.events.topics import topic
from tests.pipelines.broker.fake_client import Broker, Fate


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that the producer takes; none is real."""
    pauses: list[float] = []
    monkeypatch.setattr("pipelines.broker.producer.time.sleep", pauses.append)
    return pauses


def record(number: int, world: int = 0, size: int = 4) -> WireRecord:
    return WireRecord("market.trades", b"run/%d" % world, number.to_bytes(size, "big"), (("count", b"1"),))


def producer(broker: Broker, memory: int = 1 << 20) -> Producer:
    return Producer("fake:1", ProducerOptions(memory_bytes=memory), connect=broker.connect)


def numbers(broker: Broker, world: int = 0) -> list[int]:
    found = [kept for records in broker.partitions.values() for kept in records]
    return [int.from_bytes(value, "big") for key, value in found if key == b"run/%d" % world]


def firsts(values: list[int]) -> list[int]:
    """Each value once, where it comes first."""
    return list(dict.fromkeys(values))


def test_without_faults_every_record_lies_once_in_order() -> None:
    broker = Broker([])
    sender = producer(broker)
    for number in range(20):
        sender.send(record(number, world=number % 3))
    sender.close()
    assert [numbers(broker, world) for world in range(3)] == [list(range(world, 20, 3)) for world in range(3)]
    assert (sender.sent().acknowledged, sender.sent().resent, len(broker.clients)) == (20, 0, 1)


def test_after_a_fatal_error_a_new_client_resends_from_the_first_unacknowledged() -> None:
    broker = Broker([Fate.TAKEN, Fate.SILENT, Fate.SILENT, Fate.SILENT])
    sender = producer(broker)
    for number in range(4):
        sender.send(record(number))
    sender.flush()
    assert numbers(broker) == [0, 1, 2, 3]
    assert (len(broker.clients), sender.sent()) == (2, (4, 0, 3))
    assert broker.clients[0].left


def test_record_whose_report_was_lost_is_sent_again() -> None:
    broker = Broker([Fate.ACK_LOST])
    sender = producer(broker)
    sender.send(record(0))
    sender.flush()
    assert numbers(broker) == [0, 0]


def test_record_that_was_acknowledged_meanwhile_is_not_sent_again() -> None:
    broker = Broker([Fate.SILENT, Fate.TAKEN])
    sender = producer(broker)
    sender.send(record(0))
    sender.send(record(1))
    sender.flush()
    assert numbers(broker) == [1, 0]


def test_no_broker_on_reconnection_is_waited_for(slept: list[float]) -> None:
    broker = Broker([Fate.REFUSED])
    sender = producer(broker)
    broker.refuses_connections = 3
    sender.send(record(0))
    sender.flush()
    assert numbers(broker) == [0]
    assert len(slept) == 3


def test_failure_upon_failure_is_retried_ever_more_slowly(slept: list[float]) -> None:
    broker = Broker([Fate.REFUSED] * 4)
    sender = producer(broker)
    sender.send(record(0))
    sender.flush()
    assert numbers(broker) == [0]
    assert slept == sorted(set(slept))
    assert len(slept) == 3


def test_broker_that_knows_no_partitions_for_a_while_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.broker.producer.list_topics", lambda servers: ["market.trades"])
    broker = Broker([Fate.REFUSED])
    sender = producer(broker)
    broker.knows_nothing = 2
    sender.send(record(0))
    broker.knows_nothing = 2
    sender.send(record(1))
    sender.close()
    assert numbers(broker) == [0, 1]


def test_topic_that_no_broker_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.broker.producer.list_topics", lambda servers: ["market.orders", "__consumer_offsets"])
    broker = Broker([])
    broker.knows_nothing = 1
    with pytest.raises(ValueError, match=r"has no topic 'market\.trades'; it has: market\.orders\."):
        producer(broker).send(record(0))


def test_full_memory_makes_the_sender_wait_not_drop() -> None:
    broker = Broker([Fate.SILENT, Fate.TAKEN, Fate.TAKEN])
    sender = producer(broker, memory=2 * (OVERHEAD_BYTES + 4))
    sender.send(record(0))
    sender.send(record(1))
    first = broker.clients[0].open[0]
    sender.send(record(2))
    assert first.patience == 0
    sender.flush()
    assert firsts(numbers(broker)) == [1, 0, 2]


def test_flush_that_takes_too_long_says_so() -> None:
    broker = Broker([Fate.SILENT])
    sender = producer(broker)
    sender.send(record(0))
    broker.clients[0].flush = lambda timeout=None: None  # type: ignore[method-assign]
    with pytest.raises(TimeoutError, match=r"1 records are not acknowledged after 0\.0 s"):
        sender.flush(timeout_s=0.0)


def test_record_that_the_broker_never_takes_is_an_error() -> None:
    sender = producer(Broker([Fate.REFUSED], MessageSizeTooLargeError()))
    sender.send(record(0))
    with pytest.raises(ValueError, match=r"market\.trades does not take a record of 4 bytes"):
        sender.flush()
    assert sender._waiting, "a refused record is not forgotten"


def test_record_over_the_topics_limit_is_refused_at_once() -> None:
    sender = producer(Broker([]))
    with pytest.raises(ValueError, match="lower the block rule"):
        sender.send(record(0, size=topic("trades").max_record_bytes))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(Fate), max_size=40), st.integers(1, 25), st.integers(1, 12), st.integers(1, 3))
def test_any_faults_lose_nothing(fates: list[Fate], count: int, room: int, worlds: int) -> None:
    broker = Broker(fates)
    sender = producer(broker, memory=room * (OVERHEAD_BYTES + 4))
    for number in range(count):
        sender.send(record(number, world=number % worlds))
    sender.close()
    assert sender.sent()[:2] == (count, 0)
    for world in range(worlds):
        expected = list(range(world, count, worlds))
        assert sorted(firsts(numbers(broker, world))) == expected
        if Fate.SILENT not in fates and Fate.REFUSED not in fates and Fate.ACK_LOST not in fates:
            assert numbers(broker, world) == expected


def test_asking_for_the_counts_leaves_the_waiting_records_to_the_caller() -> None:
    sender = producer(Broker([]))
    sender.send(record(0))
    head = sender._waiting[0]
    assert sender.sent().acknowledged == 1  # a watcher's thread may ask while the caller waits for this very record
    assert sender._waiting[0] is head
    sender.flush()
    assert (len(sender._waiting), sender.sent().acknowledged) == (0, 1)
