"""What every sink must hold, whichever store is behind it; run over the shipped fake here and over real servers by tests/flow."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from pipelines.events.codec import decode
from pipelines.events.dead_letters import dig_up
from pipelines.events.declarations import Sequence, event_type
from pipelines.events.progress import Batch, Taken
from pipelines.ports import Sink, Superseded
from pipelines.sinks.batch_writer import BatchWriter, Figures, Pace
from pipelines.testing import Identity, MemoryLog
from tests.pipelines.sinks.published import block_of, expected, published, record_of

Make = Callable[[MemoryLog], Sink]
"""A new handle on one and the same store; the log is where names of worlds can be looked up."""
Rows = Callable[[], Mapping[Identity, Mapping[str, Any]]]
"""Everything that the store holds."""
PACE = Pace(events=40, wait=0.05, longest_pause=0.01, patience=5.0)


def check_sink(make: Make, rows: Rows) -> None:
    """One check over every sink, whose store is empty at first."""
    events = make(MemoryLog()).events
    log = published(events)
    check_everything_once(log, make, rows)
    check_goes_on_where_the_store_is(log, make, rows)
    check_old_progress_is_refused(log, make, rows)
    check_written_again_is_the_same(log, make, rows)
    check_poison_is_set_aside_and_replayed(log, make, rows)


def written(log: MemoryLog, sink: Sink) -> Figures:
    """Write everything that lies on the log."""
    try:
        return BatchWriter(log, sink, threading.Event(), PACE).run(once=True)
    finally:
        sink.close()
        sink.close()


def check_everything_once(log: MemoryLog, make: Make, rows: Rows) -> None:
    """Every event of every world is there, whatever lies twice or belongs to a life that is over; nothing else is."""
    sink = make(log)
    figures = written(log, sink)
    wanted = expected(sink.events)
    found = rows()
    assert found.keys() == wanted.keys()
    for identity, row in wanted.items():
        assert {name: found[identity][name] for name in row} == row
    assert figures.refused == 0


def check_goes_on_where_the_store_is(log: MemoryLog, make: Make, rows: Rows) -> None:
    """A second sink writes nothing, and then what came meanwhile."""
    assert written(log, make(log)).events == 0
    sink = make(log)
    for name in sink.events:
        log.send(record_of(block_of(event_type(name), 1, 5)))
    assert written(log, sink).events == 12 * len(sink.events)
    for name in sink.events:
        assert rows().keys() >= expected([name]).keys()


def check_old_progress_is_refused(log: MemoryLog, make: Make, rows: Rows) -> None:
    """A batch that was made for other progress than the store's is not taken."""
    sink, before = make(log), dict(rows())
    progress = sink.open()
    assert progress.version > 0 and progress.offsets and (progress.marks or sink.events == ("alerts",))
    topic = event_type(sink.events[0]).topic.name
    with pytest.raises(Superseded, match=str(progress.version)):
        sink.write(Batch(progress.version - 1, [], {(topic, 0): 0}, {}), lambda refused: None)
    assert sink.open() == progress
    sink.close()
    assert rows() == before


def check_written_again_is_the_same(log: MemoryLog, make: Make, rows: Rows) -> None:
    """Blocks that the store has already change nothing."""
    sink, before = make(log), dict(rows())
    progress = sink.open()
    taken = [stored for place in progress.offsets for stored in log.read(*place)][:3]

    again = [Taken(decode(record.value, record.headers), record) for record in taken]
    sink.write(Batch(progress.version, again, {}, {}), lambda refused: None)
    assert sink.open().version == progress.version + 1
    sink.close()
    assert rows() == before


def check_poison_is_set_aside_and_replayed(log: MemoryLog, make: Make, rows: Rows) -> None:
    """What cannot be read is a dead letter; what follows waits for it; replayed, both are there."""
    sink = make(log)
    name = next(name for name in sink.events if event_type(name).sequence is not Sequence.NONE)
    event = event_type(name)
    broken, follower = record_of(block_of(event, 2, 5)), record_of(block_of(event, 2, 6))
    log.send(broken._replace(value=broken.value[:-1] + b"\x7f"))
    log.send(follower)
    count = len(rows())
    figures = written(log, sink)
    assert (figures.refused, figures.events, len(rows())) == (1, 0, count)
    letters = [record for partition in range(2) for record in log.read(f"{event.topic.name}.{sink.name}.dlq", partition)]
    letter = dig_up(letters[-1])
    assert letter.reason == "crc" and letter.consumer == sink.name
    log.send(letter.replay(broken.value))
    assert written(log, make(log)).events == 24
    assert len(rows()) == count + 24
