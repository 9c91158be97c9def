"""What a sink of live state must hold: whatever troubles the log has seen, it comes to exactly the state of a log without any.

The events are those of really simulated markets, since the state of made-up ones means nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pipelines.events.block import WireRecord
from pipelines.events.codec import decode, fence, read_head
from pipelines.events.dead_letters import bury, dig_up
from pipelines.events.declarations import event_type
from pipelines.events.progress import Batch, Taken
from pipelines.ports import Sink, StoredRecord, Superseded
from pipelines.testing import MemoryLog
from tests.contracts.check_sink import Make, written
from tests.pipelines.sinks.simulated import RUN, Sent, reseal

State = Callable[[], Any]
"""Everything that the store holds beside its progress."""


def check_state_sink(make: Make, state: State, empty: Callable[[], None], sent: Sent) -> None:
    """One check over every sink of live state, whose store is empty at first."""
    events = make(MemoryLog()).events
    clean = MemoryLog()
    for record in sent.everything():
        clean.send(record)
    written(clean, make(clean))
    wanted = state()
    assert wanted
    check_old_progress_changes_nothing(clean, make, state)
    check_written_again_changes_nothing(clean, make, state)
    check_replayed_after_newer_changes_nothing(clean, make, state)
    empty()
    check_doubles_and_pauses(sent, make, state, wanted)
    empty()
    check_a_restart_with_stale_blocks(sent, events, make, state, wanted)
    empty()
    check_poison_then_replay(sent, make, state, wanted)


def check_old_progress_changes_nothing(log: MemoryLog, make: Make, state: State) -> None:
    """A batch that was made for other progress than the store's is not taken."""
    sink, before = make(log), state()
    progress = sink.open()
    taken = taken_of(log, sink, 3)
    with pytest.raises(Superseded, match=str(progress.version)):
        sink.write(Batch(progress.version - 1, taken, {}, {}), lambda refused: None)
    assert sink.open() == progress
    sink.close()
    assert state() == before


def check_written_again_changes_nothing(log: MemoryLog, make: Make, state: State) -> None:
    """Old blocks, among them such as would bring back what has gone, change nothing but the version."""
    sink, before = make(log), state()
    progress = sink.open()
    sink.write(Batch(progress.version, taken_of(log, sink, 5), {}, {}), lambda refused: None)
    assert sink.open().version == progress.version + 1
    sink.close()
    assert state() == before


def check_replayed_after_newer_changes_nothing(log: MemoryLog, make: Make, state: State) -> None:
    """A block replayed though it had counted is taken by the sink, and puts nothing old over what is newer."""
    sink, before = make(log), state()
    for name in sink.events:
        first = next(iter(log.read(event_type(name).topic.name, 0)))
        letter = bury(first, sink.name, "refused", "in a test")
        log.send(dig_up(StoredRecord(letter.topic, 0, 0, 0, letter.key, letter.value, letter.headers)).replay())
    figures = written(log, sink)
    assert figures.events > 0
    assert state() == before


def check_doubles_and_pauses(sent: Sent, make: Make, state: State, wanted: Any) -> None:
    """Records that lie twice, and a sink that ends and begins anew between any two of them."""
    log = MemoryLog()
    everything = sent.everything()
    for place, record in enumerate(everything):
        log.send(record)
        if place % 3 == 0:
            log.send(record)
        if place % (len(everything) // 4) == 1:
            written(log, make(log))
    written(log, make(log))
    assert state() == wanted


def check_a_restart_with_stale_blocks(sent: Sent, events: tuple[str, ...], make: Make, state: State, wanted: Any) -> None:
    """World 0 dies and goes on under a higher epoch; what its former life sends afterwards counts nowhere."""
    log = MemoryLog()
    for record in sent.names:
        log.send(record)
    for name in events:
        lives = [record for record in sent.blocks[name] if world_of(record) == 0]
        cut = len(lives) // 2
        for record in [*(record for record in sent.blocks[name] if world_of(record) != 0), *lives[:cut]]:
            log.send(record)
        if name == "alerts":
            before = lives[cut:]
        else:
            log.send(fence(event_type(name), RUN, 0, 1, read_head(lives[cut - 1].value, lives[cut - 1].headers)[1].last_seq))
            before = [reseal(record, 1) for record in lives[cut:]]
        for old, new in zip(lives[cut:], before, strict=True):
            log.send(old)  # stale, but for alerts, which then lie twice
            log.send(new)
        written(log, make(log))
    assert state() == wanted


def check_poison_then_replay(sent: Sent, make: Make, state: State, wanted: Any) -> None:
    """A block that cannot be read in the middle of each topic is set aside, and what follows waits; replayed, all is there."""
    log, broken = MemoryLog(), dict[str, WireRecord]()
    for record in sent.names:
        log.send(record)
    for name, records in sent.blocks.items():
        middle = len(records) // 2
        broken[name] = records[middle]
        for place, record in enumerate(records):
            log.send(record if place != middle else record._replace(value=record.value[:-1] + bytes([record.value[-1] ^ 0x55])))
    sink = make(log)
    figures = written(log, sink)
    assert figures.refused == len(broken)
    assert state() != wanted
    replay_all(log, sink, broken)
    written(log, make(log))
    assert state() == wanted


def replay_all(log: MemoryLog, sink: Sink, broken: dict[str, WireRecord]) -> None:
    """Send what lies on the dead-letter topics again, whole."""
    for name, record in broken.items():
        topic = event_type(name).topic.dead_letters(sink.name)
        letters = [letter for partition in range(log.partitions(topic)) for letter in log.read(topic, partition)]
        log.send(dig_up(letters[-1]).replay(record.value))


def taken_of(log: MemoryLog, sink: Sink, count: int) -> list[Taken]:
    """The first blocks of each topic of a sink."""
    taken = []
    for name in sink.events:
        records = [record for partition in (0, 1) for record in list(log.read(event_type(name).topic.name, partition))[:count]]
        taken += [Taken(decode(record.value, record.headers), record) for record in records]
    return [each for each in taken if each.block.head.count]


def world_of(record: WireRecord) -> int:
    """Whose block it is."""
    return read_head(record.value, record.headers)[1].world_id
