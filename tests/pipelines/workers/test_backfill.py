"""A range of silver written into a store again: what is asked for, once, in whatever order ranges come."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.sinks.worlds import Worlds
from pipelines.testing import MemorySink
from pipelines.workers.backfill import Range, backfill
from pipelines.workers.reconcile.lake import Lake
from pipelines.workers.reconcile.report import Sources, compare
from tests.pipelines.workers.reconcile.test_proof import RUN, Stores
from tests.pipelines.workers.sink_reader import MemoryReader

EVENTS = ("ticks", "trades")
EVERYTHING = Range()


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    made = Stores(tmp_path)
    made.fill_lake()
    return made


def filled(stores: Stores, sink: MemorySink, within: Range = EVERYTHING) -> int:
    return backfill(Lake(stores.folder), Worlds(stores.log), sink, RUN, within, lambda name, rows: None)


def differences(stores: Stores, sink: MemorySink) -> list[str]:
    sources = Sources(None, None, (), {"cassandra": MemoryReader(sink)})
    return [text for line in compare(stores.results, RUN, sources, lambda text: None) for text in line.differences]


def test_everything_of_a_run_is_there_and_equal_and_again_changes_nothing(stores: Stores) -> None:
    sink = MemorySink("cassandra", EVENTS)
    count = filled(stores, sink)
    assert count == len(sink.rows) > 0
    assert differences(stores, sink) == []
    assert filled(stores, sink) == count == len(sink.rows)
    assert sink.progress.offsets == {} and sink.progress.version > 0


def test_an_older_range_after_a_newer_one(stores: Stores) -> None:
    sink, world = MemorySink("cassandra", EVENTS), Worlds(stores.log).world(RUN, 0)
    cut = world.start_ns + 12 * world.step_ns
    newer = filled(stores, sink, Range(first_ns=cut))
    assert {row["step"] >= 12 for row in sink.rows.values()} == {True}
    assert "events where the simulator counted" in "\n".join(differences(stores, sink))
    older = filled(stores, sink, Range(end_ns=cut))
    assert newer and older and newer + older == len(sink.rows)
    assert differences(stores, sink) == []


def test_a_row_lost_or_changed_in_a_store_is_named(stores: Stores) -> None:
    sink = MemorySink("cassandra", EVENTS)
    filled(stores, sink)
    identity = next(iter(sink.rows))
    sink.rows[identity] = sink.rows[identity] | {"symbol": 7}
    assert "cassandra" in "\n".join(differences(stores, sink)) and "hash" in "\n".join(differences(stores, sink))
    del sink.rows[identity]
    assert "events where the simulator counted" in "\n".join(differences(stores, sink))


def test_what_the_store_refuses_is_named_with_its_place(stores: Stores) -> None:
    with pytest.raises(ValueError, match="the store refuses ticks of world 0, seq"):
        filled(stores, MemorySink("cassandra", EVENTS, refuses=lambda row: True))
