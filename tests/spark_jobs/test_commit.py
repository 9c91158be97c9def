"""A batch that is cut off anywhere and repeated: nothing lost, nothing doubled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spark_jobs.ingest.commit import Committer
from spark_jobs.ingest.journal import KEPT, Journal
from spark_jobs.ingest.query import check_lake
from tests.spark_jobs.lakes import Bench
from tests.spark_jobs.records import block, kafka, trades


class Killed(BaseException):
    """The process ends here."""


def batch_of(first: int) -> tuple[list[Any], ...]:
    """A block of trades with one bad row, one of ticks, one foreign record."""
    rows = [{"seq": first}, {"seq": first + 1, "size": 0}, {"seq": first + 2}]
    return (
        [kafka((block("trades", rows, first - 1), first), (trades(1)._replace(headers=()), first + 1))],
        [kafka((block("ticks", [{"seq": first}], first - 3 if first > 2 else -1), first))],
    )


def contents(bench: Bench) -> dict[str, list[Any]]:
    return {
        "bronze": bench.rows("bronze.events", "topic", "offset"),
        "trades": bench.rows("silver.trades", "seq"),
        "ticks": bench.rows("silver.ticks", "seq"),
        "quarantine": bench.rows("silver.quarantine", "seq", "offset"),
    }


EXPECTED = {
    "bronze": [
        ("market.ticks", 0),
        ("market.ticks", 3),
        ("market.trades", 0),
        ("market.trades", 1),
        ("market.trades", 3),
        ("market.trades", 4),
    ],
    "trades": [0, 2, 3, 5],
    "ticks": [0, 3],
    "quarantine": [(1, 0), (4, 3)],
}
POINTS = ["before the journal", "after the journal", "after sending", "bronze.events", "silver.trades", "silver.ticks", "silver.quarantine"]


def kill_at(point: str, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arm one cut: a table's name cuts right after that table's commit."""
    committer = bench.committer

    def dying(*_: Any) -> None:
        raise Killed(point)

    if point == "before the journal":
        monkeypatch.setattr(committer.journal, "write", dying)
    elif point == "after the journal":
        monkeypatch.setattr(committer, "_send", dying)
    elif point == "after sending":
        monkeypatch.setattr(committer, "_commit", dying)
    else:
        commit = committer.lake.commit

        def commit_and_die(name: str, batch: int, files: Any) -> bool:
            done = commit(name, batch, files)
            if name == point:
                raise Killed(point)
            return done

        monkeypatch.setattr(committer.lake, "commit", commit_and_die)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("batch", [0, 1])
def test_a_batch_cut_off_at_any_point_and_repeated_is_there_once(
    tmp_path: Path, point: str, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [batch_of(0), batch_of(3)]
    for number in range(batch):
        Bench(tmp_path).batch(number, *parts[number])
    dying = Bench(tmp_path)
    kill_at(point, dying, monkeypatch)
    with pytest.raises(Killed):
        dying.batch(batch, *parts[batch])
    restarted = Bench(tmp_path)
    for number in range(batch, 2):
        restarted.batch(number, *parts[number])
    assert contents(restarted) == EXPECTED
    letters = {dict(letter.headers)["dlq.offset"] for bench in (dying, restarted) for letter in bench.sent}
    assert letters >= ({b"1", b"4"} if batch == 0 else {b"4"})


def test_a_batch_repeated_whole_changes_nothing_and_sends_nothing(tmp_path: Path) -> None:
    first = Bench(tmp_path)
    first.batch(0, *batch_of(0))
    before = contents(first)
    again = Bench(tmp_path)
    entry = again.batch(0, *batch_of(0))
    assert contents(again) == before
    assert again.sent == []
    assert entry.totals == first.batch(0).totals


def test_a_journal_of_another_stream_is_refused(tmp_path: Path) -> None:
    Bench(tmp_path).batch(0, *batch_of(0))
    with pytest.raises(ValueError, match="the journal belongs to stream test, not to other"):
        Bench(tmp_path, "other").batch(0, *batch_of(0))


def test_a_missing_entry_is_refused_and_old_ones_are_forgotten(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for number in range(KEPT + 3):
        bench.batch(number)
    assert len(list((tmp_path / "journal").iterdir())) == KEPT
    last = Journal(tmp_path / "journal").last()
    assert last is not None
    assert last.batch == KEPT + 2
    with pytest.raises(ValueError, match="is missing, so it is unknown what batch 99 may count"):
        bench.batch(99)


def test_a_world_on_two_partitions_in_one_batch_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="came in on two partitions"):
        Bench(tmp_path).batch(0, [kafka((trades(1), 0))], [kafka((trades(1), 0))])


def test_a_send_that_fails_holds_the_commit_back(tmp_path: Path) -> None:
    bench = Bench(tmp_path)

    def refuse(_: Any) -> None:
        raise ConnectionError("no broker")

    bench.committer = Committer(bench.tables, bench.committer.journal, refuse)
    with pytest.raises(ConnectionError):
        bench.batch(0, *batch_of(0))
    assert bench.rows("bronze.events", "offset") == []


def test_a_stream_goes_on_in_its_own_lake_only(tmp_path: Path) -> None:
    bench, other = Bench(tmp_path / "ours"), Bench(tmp_path / "other")
    check_lake(other.tables, None)  # both are new
    first = bench.batch(0, *batch_of(0))
    check_lake(bench.tables, first)
    check_lake(other.tables, first)  # cut off between the journal and the commit
    second = bench.batch(1, *batch_of(3))
    check_lake(bench.tables, second)
    with pytest.raises(ValueError, match="other/lake has none of the records that the stream has read.*AGORA_LAKE"):
        check_lake(other.tables, second)
    with pytest.raises(ValueError, match="ours/lake holds tables of an earlier stream whose checkpoint is gone"):
        check_lake(Bench(tmp_path / "ours", "another").tables, None)
