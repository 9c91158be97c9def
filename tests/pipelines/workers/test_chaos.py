"""The plan of a storm, its injuries, and what is said of it; the storm itself runs in tests/flow."""

from __future__ import annotations

from collections import Counter

import pytest

from pipelines.apps.chaos import page
from pipelines.events.block import DecodeError
from pipelines.events.codec import decode
from pipelines.testing import MemoryLog
from pipelines.workers.chaos.injuries import POISON, Injuries
from pipelines.workers.chaos.plan import DOWN_S, PAUSE_S, plan
from pipelines.workers.chaos.storm import Aftermath, Struck, moved, summary
from simulator.seeding import generator
from tests.pipelines.sinks.published import published

TARGETS = ["kafka", "stream", "worker", "redis", "sink:redis"]


def test_the_plan_is_a_function_of_the_seed_and_hits_every_target_before_any_again() -> None:
    kills = plan(7, 13, TARGETS)
    assert kills == plan(7, 13, TARGETS) != plan(8, 13, TARGETS)
    assert [sorted(kill.target for kill in kills[start : start + 5]) for start in (0, 5)] == [sorted(TARGETS)] * 2
    assert all(PAUSE_S[0] <= kill.pause_s <= PAUSE_S[1] and DOWN_S[0] <= kill.down_s <= DOWN_S[1] for kill in kills)
    assert plan(7, 0, TARGETS) == []
    with pytest.raises(ValueError, match="at least one target"):
        plan(7, 3, [])


def test_injuries_double_what_is_there_and_break_copies_that_no_run_lacks() -> None:
    log = published(("trades", "ticks"))
    topics = ("market.trades", "market.ticks")
    before = {(topic, part): log.end_offset(topic, part) for topic in topics for part in range(2)}
    injuries = Injuries(log, topics, generator(3, "test"))
    for _ in range(12):
        injuries.strike()
    added = [record for place, end in before.items() for record in log.read(*place, end)]
    poison = [record for record in added if record.key == POISON]
    assert Counter(record.topic for record in poison) == injuries.poisoned and injuries.poisoned.total() == 12
    assert len(added) - len(poison) == injuries.doubled == 12
    for record in poison:
        with pytest.raises(DecodeError):
            decode(record.value, record.headers)
    for record in added:
        if record.key != POISON:
            decode(record.value, record.headers)


def test_work_goes_on_once_every_world_does() -> None:
    assert moved([3.0], [4.0]) and moved([], [1.0]) and moved([3.0, 7.0], [4.0, 8.0])
    assert not moved([3.0, 7.0], [4.0, 7.0]) and not moved([3.0], []) and not moved([], [])


def test_empty_topics_are_left_alone() -> None:
    injuries = Injuries(MemoryLog(), ("market.trades",), generator(3, "test"))
    injuries.strike()
    assert (injuries.doubled, injuries.poisoned.total()) == (0, 0)


def test_the_report_tells_recovery_by_target_and_what_differs() -> None:
    kills = [
        Struck("kafka", 1.0, 2.5),
        Struck("kafka", 1.0, 9.25),
        Struck("stream", 0.5, None),
        Struck("stream", 0.5, None, publishing=False),
    ]
    found = Aftermath(
        seed=7, ok=False, events=1000, kills=kills, doubled=3, poisoned=3, seconds=60.0, differences=["world 0, ticks, redis: 5 events"],
        run_id="r", stores=["kafka", "redis"],
    )  # fmt: skip
    assert summary(found)["kafka"] == {"kills": 2, "seen": 2, "half": 9.25, "longest": 9.25}
    text = page(found)
    assert "| kafka | 2 | 2 | 9.2 s | 9.2 s |" in text and "| stream | 1 | 0 | not seen | not seen |" in text
    assert "world 0, ticks, redis: 5 events" in text and "seed 7" in text
    assert "4 kills by SIGKILL (1 of them after the last event)" in text
