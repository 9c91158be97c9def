"""The watch on the broker: says once that it is silent, once that it is back, and gives up in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pipelines.events.codec import fence
from pipelines.events.declarations import ORDERS
from pipelines.ports import Sent, StoredRecord
from pipelines.testing import MemoryLog
from pipelines.workers.broker_watch import GIVE_UP_S, PATIENCE_S, BrokerWatch, WatchedLog


class SilentLog(MemoryLog):
    """Acknowledges only what it is told to; while a record is sent, the test's own code runs."""

    acknowledged = 0

    def __init__(self) -> None:
        super().__init__()
        self.while_sending: Callable[[], None] = lambda: None

    def send(self, record: object) -> None:
        self.while_sending()

    def sent(self) -> Sent:
        return Sent(self.acknowledged, 1, 0)


class Scene:
    """A watched log under a clock that the test moves."""

    def __init__(self) -> None:
        self.now, self.stopping = 0.0, False
        self.said: list[str] = []
        self.given_up: list[str] = []
        self.silent = SilentLog()
        self.log = WatchedLog(self.silent, lambda: self.now)
        self.watch = BrokerWatch(self.log, self.said.append, self.given_up.append, lambda: self.stopping)

    def during_a_send(self, *moments: float) -> None:
        def look() -> None:
            for moment in moments:
                self.now = moment
                self.watch.look()

        self.silent.while_sending = look
        self.log.send(fence(ORDERS, "r", 0, 1))


def test_a_short_silence_is_not_mentioned() -> None:
    scene = Scene()
    scene.during_a_send(0.0, 1.0, PATIENCE_S - 1)
    assert scene.said == [] and scene.given_up == []


def test_a_long_silence_is_told_once_and_so_is_its_end() -> None:
    scene = Scene()
    scene.during_a_send(0.0, PATIENCE_S + 1, PATIENCE_S + 2)
    assert len(scene.said) == 1 and "nothing is lost" in scene.said[0]
    scene.watch.look()
    assert scene.said[1:] == ["the broker answers again"]


def test_an_acknowledgement_starts_the_count_anew() -> None:
    scene = Scene()
    scene.during_a_send(0.0, 9.0)
    scene.silent.acknowledged = 1
    scene.during_a_send(10.0, 19.0)
    assert scene.said == []


def test_it_gives_up_after_the_stated_time_and_sooner_when_asked_to_stop() -> None:
    scene = Scene()
    scene.during_a_send(0.0, GIVE_UP_S + 1)
    assert "resume the run" in scene.given_up[0]
    scene = Scene()
    scene.stopping = True
    scene.during_a_send(0.0, PATIENCE_S + 1)
    assert scene.given_up


def test_a_run_that_only_computes_is_not_silent() -> None:
    scene = Scene()
    scene.now = 1000.0
    scene.watch.look()
    assert scene.said == [] and scene.given_up == []


class FlakyLog(MemoryLog):
    """Fails a number of times before each answer, and in the middle of a read."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = self.left = failures

    def _fail(self) -> None:
        if self.left:
            self.left -= 1
            raise ConnectionError("away")
        self.left = self.failures

    def end_offset(self, topic: str, partition: int) -> int:
        self._fail()
        return super().end_offset(topic, partition)

    def read(self, topic: str, partition: int, start: int = 0, end: int | None = None) -> Iterator[StoredRecord]:
        for record in super().read(topic, partition, start, end):
            yield record
            self._fail()


def test_questions_wait_for_a_broker_that_is_away_and_reads_go_on_where_they_were() -> None:
    flaky, now = FlakyLog(3), [0.0]
    for epoch in range(6):
        flaky.send(fence(ORDERS, "r", 0, epoch))

    def sleep(seconds: float) -> None:
        now[0] += seconds

    log = WatchedLog(flaky, lambda: now[0], sleep)
    place = next(record.partition for partition in (0, 1) for record in MemoryLog.read(flaky, "market.orders", partition))
    assert log.end_offset("market.orders", place) == 6
    assert [record.offset for record in log.read("market.orders", place)] == [0, 1, 2, 3, 4, 5]


def test_questions_are_given_up_in_time() -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    log = WatchedLog(FlakyLog(10_000), lambda: now[0], sleep)
    with pytest.raises(ConnectionError, match="away"):
        log.end_offset("market.orders", 0)
    assert GIVE_UP_S <= now[0] < GIVE_UP_S + 2
