"""What is bound for a row, where it goes, and which keyspaces and addresses are refused."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace

import pytest

from pipelines.events.declarations import TICKS, TRADES
from pipelines.events.marks import Mark
from pipelines.sinks.cassandra_questions import start_of
from pipelines.sinks.cassandra_rows import DAY_NS, KEY, columns_of, partitions_of
from pipelines.sinks.cassandra_schema import MIGRATIONS, check_applied
from pipelines.sinks.cassandra_session import parts_of, shown
from pipelines.sinks.cassandra_sink import progress_from
from pipelines.sinks.worlds import World
from tests.pipelines.sinks.published import block_of


def test_rows_lie_in_the_partition_of_their_symbol_and_day() -> None:
    block = block_of(TICKS, 1, 0)
    block.columns["symbol"][:] = [0, 1] * 6
    world = World(start_ns=20_000 * DAY_NS - 5_500_000_000, step_ns=1_000_000_000, names={})
    found = partitions_of(block, world)
    counted = {(each.symbol, each.day): len(rows) for each, rows in found.items()}
    assert counted == {(0, 19_999): 3, (1, 19_999): 3, (0, 20_000): 3, (1, 20_000): 3}
    assert [each.date.date() for each in found][::2] == [date(2024, 10, 3), date(2024, 10, 4)]
    first = dict(zip((*KEY, *columns_of("ticks")), next(iter(found.values()))[0], strict=True))
    assert (first["run_id"], first["world_id"], first["symbol"], first["time"]) == (block.head.run_id, 1, 0, 20_000 * 86_400_000 - 5_500)
    assert {name: first[name] for name in ("seq", "step", "last")} == {"seq": 0, "step": 0, "last": int(block.columns["last"][0])}


def test_columns_are_those_of_the_event() -> None:
    assert columns_of("trades") == tuple(column.name for column in TRADES.all_columns if column.name != "symbol")


def test_progress_is_read_from_its_rows() -> None:
    rows = [
        SimpleNamespace(version=7, kind="mark", name="market.ticks/run/0", value='{"seq":5,"epoch":1}'),
        SimpleNamespace(version=7, kind="offset", name="market.ticks/1", value="12"),
    ]
    progress = progress_from(rows)
    assert (progress.version, progress.offsets, progress.marks) == (7, {("market.ticks", 1): 12}, {"market.ticks/run/0": Mark(5, 1)})
    assert progress_from([SimpleNamespace(version=0, kind=None, name=None, value=None)]) == progress_from([])


def test_an_address_has_nodes_and_perhaps_a_user() -> None:
    assert parts_of("cassandra://me:p%40ss@a:1,b:2") == (("me", "p@ss"), [("a", 1), ("b", 2)])
    assert parts_of("cassandra://a:1") == (None, [("a", 1)])
    assert shown("cassandra://me:secret@a:1,b:2") == "a:1,b:2"
    with pytest.raises(ValueError, match="cassandra://") as refused:
        parts_of("cassandra://me:secret@a")
    assert "secret" not in str(refused.value)


def test_steps_that_were_changed_or_come_later_are_refused() -> None:
    check_applied("agora", {})
    check_applied("agora", {each.version: each.checksum for each in MIGRATIONS})
    with pytest.raises(ValueError, match="has schema 99"):
        check_applied("agora", {99: "x"})
    with pytest.raises(ValueError, match="step 1 of keyspace agora has checksum x"):
        check_applied("agora", {1: "x"})


def test_a_candle_begins_at_a_whole_span() -> None:
    assert start_of(datetime(2026, 11, 21, 10, 17, 3), 3600) == datetime(2026, 11, 21, 10)
    assert start_of(datetime(2026, 11, 21, 10, 17, 3, 900), 10) == datetime(2026, 11, 21, 10, 17)
