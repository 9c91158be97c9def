"""The restart rule: crash at every single record of a small run, resume, and count every event exactly once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from pipelines.events.block import WireRecord
from pipelines.events.codec import decode, encode, fence, seal
from pipelines.events.declarations import EVENT_TYPES, ORDERS
from pipelines.events.from_simulator import BlockRule, to_records
from pipelines.events.layout import RECORD_TYPES
from pipelines.events.marks import Mark, Verdict, judge
from pipelines.events.topics import partition_of, world_key
from pipelines.testing import Crash, FixedClock, MemoryLog
from pipelines.workers.checkpoint import Checkpoint
from pipelines.workers.pace import Pace
from pipelines.workers.play import Player
from pipelines.workers.publish import Publisher
from pipelines.workers.read_back import LogIsBehind
from pipelines.workers.restart import WORLD_EVENTS, Diverged, Life, Repetition, take_over
from simulator.types import RECORD
from tests.pipelines.workers.toy_world import ToyWorld, whole_log

RUN, STEPS, SEED = "20261121-101500-a1b2", 12, 5
RULE = BlockRule(events=3, steps=4)
NAMES = [{"step": 0, "start_ns": 1, "step_ns": 100_000_000, "kind": "symbol", "id": 0, "name": "ABC"}]
TYPES = [
    {"step": 0, "kind": "agent_type", "agent": a, "symbol": -1, "first_step": 0, "last_step": -1, "episode": -1, "value": "noise"}
    for a in (0, 1)
]


class Lives:
    """Lives of one world: each starts from the checkpoint of the one before."""

    def __init__(self, log: MemoryLog, checkpoint_records: int = 8, seed: int = SEED, pace: Pace | None = None) -> None:
        self.log, self.checkpoint_records, self.seed, self.pace = log, checkpoint_records, seed, pace
        self.epoch = 0
        self.kept: Checkpoint | None = None

    def repetition(self) -> Repetition | None:
        life = Life(self.epoch, self.kept.covered if self.kept else {})
        return take_over(self.log, RUN, {0: life})[0] if self.epoch > 1 else None

    def live(self) -> None:
        """One life, to the end or to the crash."""
        self.epoch += 1
        kept, epoch = self.kept, self.epoch
        world = ToyWorld(self.seed, state=kept.world if kept else None)
        sink = Publisher(self.log, RUN, 0, epoch, RULE, kept.sink if kept else None, self.repetition())

        def save() -> None:
            state, covered = sink.checkpoint()
            self.kept = Checkpoint(
                run_id=RUN, world_id=0, epoch=epoch, step=world.step, next_seq=world.next_seq, code_version="",
                world=world.snapshot(), sink=state, covered=covered,
            )  # fmt: skip

        if epoch == 1:
            save()
        sink.announce(NAMES, TYPES)
        for _ in Player(world, sink, STEPS, save, lambda player: None, lambda: False, self.checkpoint_records, self.pace).run():
            pass


def events(log: MemoryLog) -> dict[str, list[dict[str, Any]]]:
    """What a consumer that follows the marks counts, by event type."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, event in EVENT_TYPES.items():
        mark, parked = Mark(), dict[Any, Any]()
        key = world_key(RUN, 0)
        for record in log.read(event.topic.name, partition_of(key, 2)):
            block = decode(record.value, record.headers)
            judgement = judge(mark, block.head, (record.partition, record.offset))
            mark = judgement.mark
            assert judgement.verdict is not Verdict.DUPLICATE
            counted = [block] if judgement.verdict is Verdict.ACCEPTED else []
            if judgement.verdict is Verdict.PARKED:
                parked[record.partition, record.offset] = block
            counted += [parked.pop(p.at) for p, verdict in judgement.released if verdict is Verdict.ACCEPTED]
            for one in counted:
                rows = zip(*one.columns.values(), strict=True)
                found.setdefault(name, []).extend(dict(zip(one.columns, row, strict=True)) for row in rows)
        assert mark.parked == ()
    return found


def the_log_again(found: dict[str, list[dict[str, Any]]]) -> Any:
    """The world's log put together from the events of all topics."""
    rows = sorted(((row["seq"], name, row) for name in RECORD_TYPES for row in found.get(name, [])), key=lambda item: item[0])
    assert [row[0] for row in rows] == list(range(len(rows)))
    return np.concatenate([to_records(name, {column: np.array([value]) for column, value in row.items()}) for _, name, row in rows])


def check(log: MemoryLog) -> None:
    found = events(log)
    assert the_log_again(found).tobytes() == whole_log(SEED, STEPS).astype(RECORD).tobytes()
    assert Counter({name: len(rows) for name, rows in found.items() if name in ("worlds", "labels")}) == {"worlds": 1, "labels": 2}


def records_of_a_whole_run() -> int:
    log = MemoryLog()
    Lives(log).live()
    check(log)
    return log.sent().acknowledged


@pytest.mark.parametrize("checkpoint_records", [1, 8, 10_000])
def test_a_crash_at_any_record_loses_and_doubles_nothing(checkpoint_records: int) -> None:
    for crash_at in range(records_of_a_whole_run()):
        log = MemoryLog(crash_at)
        life = Lives(log, checkpoint_records)
        with pytest.raises(Crash):
            life.live()
        log.crash_at = None
        life.live()
        check(log)


def test_crashes_at_every_record_of_the_second_life_too() -> None:
    for crash_at in range(0, records_of_a_whole_run(), 5):
        for again_after in range(30):
            log = MemoryLog(crash_at)
            life = Lives(log)
            with pytest.raises(Crash):
                life.live()
            log.crash_at = crash_at + again_after
            try:
                life.live()
            except Crash:
                log.crash_at = None
                life.live()
            check(log)


class LogOfBefore(MemoryLog):
    """What a program publishes that declares the first version of every type."""

    old = True

    def send(self, record: WireRecord) -> None:
        block = decode(record.value, record.headers)
        first = block.event.as_of(1)
        columns = {column.name: block.columns[column.name] for column in first.all_columns}
        super().send(seal(first, block.head, encode(first, block.head, columns)) if self.old else record)


@pytest.mark.parametrize("crash_at", [3, 9, 18])
def test_a_run_that_an_earlier_version_began_goes_on_without_doubling_anything(crash_at: int) -> None:
    log, whole = LogOfBefore(crash_at), MemoryLog()
    Lives(whole).live()
    life = Lives(log, checkpoint_records=10_000)
    with pytest.raises(Crash):
        life.live()
    log.crash_at, log.old = None, False
    life.live()
    found, wanted = events(log), events(whole)
    assert found.keys() == wanted.keys()
    for name, rows in wanted.items():
        first = [column.name for column in EVENT_TYPES[name].as_of(1).all_columns]
        assert [[row[column] for column in first] for row in found[name]] == [[row[column] for column in first] for row in rows]


def test_another_world_than_an_earlier_version_began_is_stopped() -> None:
    log = LogOfBefore()
    Lives(log, checkpoint_records=10_000).live()
    log.old = False
    other = Lives(log, checkpoint_records=10_000, seed=6)
    other.epoch = 1
    with pytest.raises(Diverged, match="does not repeat itself"):
        other.live()


def test_what_is_out_is_not_sent_again() -> None:
    log = MemoryLog()
    life = Lives(log, checkpoint_records=10_000)
    life.live()
    before = log.sent().acknowledged
    life.live()  # from the checkpoint before the first record
    assert log.sent().acknowledged - before == len(WORLD_EVENTS)  # the fences
    check(log)


def test_what_is_out_is_repeated_as_fast_as_possible() -> None:
    log, clock = MemoryLog(), FixedClock()
    life = Lives(log, checkpoint_records=10_000, pace=Pace(1.0, clock, step_seconds=100.0))
    life.live()
    ended = clock.now_ns()
    life.live()
    assert clock.now_ns() - ended < 100e9  # the first life took 100 s for each of its twelve steps


def test_a_late_block_of_the_life_before_counts_for_nobody() -> None:
    log = MemoryLog(crash_at=9)
    life = Lives(log)
    with pytest.raises(Crash):
        life.live()
    log.crash_at = None
    late = Publisher(log, RUN, 0, 1, RULE)
    life.live()
    late.write(0, whole_log(SEED, STEPS), STEPS - 1)
    check(log)


def test_a_world_that_does_not_repeat_itself_is_stopped_at_the_first_event_that_differs() -> None:
    log = MemoryLog()
    Lives(log, checkpoint_records=10_000).live()
    other = Lives(log, checkpoint_records=10_000, seed=6)
    other.epoch = 1
    with pytest.raises(Diverged, match=r"does not repeat itself: .* on the log; .*resume with what the run began with"):
        other.live()


def test_a_world_that_ends_earlier_than_before_is_noticed() -> None:
    log = MemoryLog()
    Lives(log, checkpoint_records=10_000).live()
    sink = Publisher(log, RUN, 0, 2, RULE, None, take_over(log, RUN, {0: Life(2, {})})[0])
    with pytest.raises(Diverged, match="holds events up to seq"):
        sink.close(0)


def test_another_broker_is_noticed_before_anything_is_skipped() -> None:
    log = MemoryLog(crash_at=12)
    life = Lives(log)
    with pytest.raises(Crash):
        life.live()
    life.log = MemoryLog()
    assert life.kept is not None and any(covered.offset > 1 for covered in life.kept.covered.values())
    with pytest.raises(LogIsBehind, match="resume with the broker that the run was published to"):
        life.live()


def test_a_foreign_record_among_the_blocks_is_passed_over() -> None:
    log = MemoryLog(crash_at=9)
    life = Lives(log)
    with pytest.raises(Crash):
        life.live()
    log.crash_at = None
    good = fence(ORDERS, RUN, 0, 1)
    log.send(good._replace(value=b"noise"))
    log.send(good._replace(key=world_key("20261121-101500-ffff", 0)))
    life.live()
    found = events_without_noise(log)
    assert sum(found.values()) == len(whole_log(SEED, STEPS))


def events_without_noise(log: MemoryLog) -> Counter[str]:
    """Counts of events, for a log that holds records nobody can decode."""
    counts: Counter[str] = Counter()
    for name in RECORD_TYPES:
        mark = Mark()
        for record in log.read(EVENT_TYPES[name].topic.name, partition_of(world_key(RUN, 0), 2)):
            if record.value == b"noise" or record.key != world_key(RUN, 0):
                continue
            head = decode(record.value, record.headers).head
            judgement = judge(mark, head, (record.partition, record.offset))
            mark = judgement.mark
            counts[name] += head.count if judgement.verdict is Verdict.ACCEPTED else 0
    return counts
