"""The shipped fakes keep the obligations that they stand for."""

import pytest

from pipelines.events.block import WireRecord
from pipelines.testing import Crash, FixedClock, MemoryLog


def record(number: int, topic: str = "market.trades") -> WireRecord:
    return WireRecord(topic, b"run/0", b"%d" % number, ())


def values(log: MemoryLog) -> list[bytes]:
    return [stored.value for partition in range(2) for stored in log.read("market.trades", partition)]


def test_crash_comes_at_the_record_asked_for_and_keeps_those_before() -> None:
    log = MemoryLog(crash_at=2)
    log.send(record(0))
    log.send(record(1))
    with pytest.raises(Crash, match="record 2"):
        log.send(record(2))
    assert values(log) == [b"0", b"1"]
    log.crash_at = None
    log.send(record(2))
    assert values(log) == [b"0", b"1", b"2"]
    assert log.sent() == (3, 0, 0)


def test_reads_are_ranges_as_of_the_call() -> None:
    log = MemoryLog(partitions=1)
    for number in range(5):
        log.send(record(number))
    reading = log.read("market.trades", 0)
    log.send(record(5))
    assert len(list(reading)) == 5
    assert [stored.offset for stored in log.read("market.trades", 0, 2, 4)] == [2, 3]
    assert log.end_offset("market.trades", 0) == 6


def test_unknown_topics_are_refused_with_the_known() -> None:
    with pytest.raises(ValueError, match=r"unknown topic 'market\.trade'.*market\.orders"):
        MemoryLog().send(record(0, "market.trade"))
    with pytest.raises(ValueError, match="unknown topic 'x'"):
        MemoryLog().partitions("x")


def test_clock_moves_only_when_slept_on() -> None:
    clock = FixedClock(5)
    assert (clock.now_ns(), clock.now_ns()) == (5, 5)
    clock.sleep(2)
    assert clock.now_ns() == 2_000_000_005
