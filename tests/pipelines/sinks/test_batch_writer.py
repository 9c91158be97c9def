"""The loop behind every sink: nothing lost and nothing doubled when the store crashes, forgets, refuses or is written by another."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from pipelines.events.dead_letters import dig_up
from pipelines.events.declarations import TRADES
from pipelines.ports import Batch, Refused, StoreUnavailable
from pipelines.sinks.batch_writer import BatchWriter, Figures, Pace
from pipelines.testing import MemoryLog, MemorySink
from tests.pipelines.sinks.published import block_of, expected, published, record_of

EVENTS = ("ticks", "trades")
PACE = Pace(events=30, wait=0.02, longest_pause=0.01, patience=2.0)
ALL = 12 * 3 * 5 * 2  # events of a block, worlds, blocks, types


def run(log: MemoryLog, sink: MemorySink, pace: Pace = PACE) -> Figures:
    return BatchWriter(log, sink, threading.Event(), pace).run(once=True)


@pytest.mark.parametrize("at", [0, 1, 29, 30, 100, ALL - 1])
def test_a_crash_at_any_event_loses_and_doubles_nothing(at: int) -> None:
    log, sink = published(EVENTS), MemorySink("cassandra", EVENTS, crash_at=at)
    figures = run(log, sink)
    assert sink.rows == expected(EVENTS)
    assert (figures.retries, figures.trouble) == (1, "")
    assert sink.opened == 2


@pytest.mark.parametrize("partitions", [1, 3, 5])
def test_a_sink_takes_the_number_of_partitions_from_the_log(partitions: int) -> None:
    log, sink = published(EVENTS, partitions=partitions), MemorySink("cassandra", EVENTS)
    assert run(log, sink).refused == 0
    assert sink.rows == expected(EVENTS)


def test_a_store_that_forgot_its_last_batches_is_filled_again() -> None:
    log, sink = published(EVENTS), MemorySink("cassandra", EVENTS)
    run(log, sink)
    sink.forget(3)
    assert len(sink.rows) < ALL
    run(log, sink)
    assert sink.rows == expected(EVENTS)


class Forgetful(MemorySink):
    """Forgets two batches while the writer goes on, as a store that is killed and back before the next write."""

    def write(self, batch: Batch, refuse: Any) -> None:
        if batch.version == 4 and self.opened == 1:
            self.forget(2)
        super().write(batch, refuse)


def test_a_store_that_forgets_between_two_batches_is_noticed() -> None:
    log, sink = published(EVENTS), Forgetful("cassandra", EVENTS)
    figures = run(log, sink)
    assert sink.rows == expected(EVENTS)
    assert (sink.opened, figures.retries) == (2, 1)


def test_what_a_store_refuses_is_a_dead_letter_and_the_rest_is_written() -> None:
    log = published(EVENTS)
    sink = MemorySink("cassandra", EVENTS, refuses=lambda row: row["world_id"] == 2 and row["seq"] == 203)
    assert run(log, sink).refused == 2  # one of each topic
    assert len(sink.rows) < ALL
    letters = [dig_up(record) for partition in range(2) for record in log.read("market.trades.cassandra.dlq", partition)]
    assert [(letter.reason, letter.consumer) for letter in letters] == [("refused", "cassandra")]
    sink.refuses = lambda row: False
    for topic in ("market.trades", "market.ticks"):
        for partition in range(2):
            for record in log.read(f"{topic}.cassandra.dlq", partition):
                log.send(dig_up(record).replay())
    assert run(log, sink).events == 24
    assert sink.rows == expected(EVENTS)


def test_others_drop_what_is_replayed_for_one_consumer() -> None:
    log = published(EVENTS)
    sink, other = MemorySink("cassandra", EVENTS, refuses=lambda row: row["seq"] == 203), MemorySink("redis", EVENTS)
    run(log, sink)
    run(log, other)
    letter = dig_up(next(iter(log.read("market.trades.cassandra.dlq", 0))))
    log.send(letter.replay())
    assert run(log, other).events == 0


class Away(MemorySink):
    """Never answers."""

    def open(self) -> Any:
        raise StoreUnavailable("nobody answers at 127.0.0.1:1")


def test_a_store_that_stays_away_is_given_up_with_once_and_told() -> None:
    told: list[str] = []
    writer = BatchWriter(
        published(EVENTS), Away("redis", EVENTS), threading.Event(), PACE._replace(patience=0.2), lambda f: told.append(f.trouble)
    )
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1"):
        writer.run(once=True)
    assert told and "nobody answers" in told[-1]


def test_stopping_ends_one_that_follows_after_its_batch() -> None:
    log, stop = published(EVENTS), threading.Event()
    sink = MemorySink("cassandra", EVENTS)
    BatchWriter(log, sink, stop, PACE, lambda figures: stop.set() if figures.events == ALL else None).run(once=False)
    assert sink.rows == expected(EVENTS)


def test_one_that_has_nothing_to_write_says_that_it_lives() -> None:
    log, stop = MemoryLog(), threading.Event()
    told: list[tuple[int, str]] = []

    def tell(figures: Figures) -> None:
        told.append((figures.batches, figures.trouble))
        if len(told) == 3:
            stop.set()

    BatchWriter(log, MemorySink("redis", EVENTS), stop, PACE._replace(sign=0.0), tell).run(once=False)
    assert told == [(0, "")] * 3


def test_a_broken_record_that_a_hole_parked_is_found_when_it_comes() -> None:
    log, sink = published(("trades",)), MemorySink("cassandra", ("trades",))
    run(log, sink)
    broken = record_of(block_of(TRADES, 0, 7, epoch=1))
    log.send(broken._replace(value=broken.value + b"x"))
    assert run(log, sink).refused == 1


def test_a_refusal_is_on_the_log_before_the_store_goes_on() -> None:
    log = published(EVENTS)

    class Checking(MemorySink):
        def write(self, batch: Batch, refuse: Any) -> None:
            def checked(refused: Refused) -> None:
                refuse(refused)
                topic = f"{refused.taken.record.topic}.cassandra.dlq"
                assert sum(log.end_offset(topic, partition) for partition in range(2)) == 1

            super().write(batch, checked)

    run(log, Checking("cassandra", EVENTS, refuses=lambda row: row["world_id"] == 1 and row["seq"] == 0))
