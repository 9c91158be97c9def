"""Tables after maintenance: the same rows in fewer files and in order, whoever writes beside it, and nothing removed that anyone needs."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from pipelines.places import ObjectFolder
from spark_jobs.catalog import BRONZE, table
from spark_jobs.delta_writes import Lake, merge_new, replace_runs
from spark_jobs.gold import alerts, market_minutes
from spark_jobs.ingest.commit import Committer
from spark_jobs.ingest.intake import decode_report
from spark_jobs.ingest.journal import Entry
from spark_jobs.ingest.task import BlockTask, Here
from spark_jobs.maintain import Maintained, Maintenance, maintain
from spark_jobs.maintenance import replacing
from spark_jobs.maintenance.active import ActiveFile, active_files, bins
from spark_jobs.maintenance.replacing import Superseded, replace_files
from spark_jobs.maintenance.rewrite import rewrite
from tests.spark_jobs.lakes import Bench
from tests.spark_jobs.records import block, kafka

TRADES = table("silver.trades")
WEEK_S = 7 * 86_400.0
BATCHES = 6


def batch_of(number: int, run: str = "r1") -> list[pa.RecordBatch]:
    """A block of four trades of two symbols."""
    first = 4 * number
    rows = [{"seq": first + place, "symbol": place % 2} for place in range(4)]
    return [kafka((block("trades", rows, first - 1, run=run), number))]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A lake that six batches have written."""
    made = Bench(tmp_path)
    for number in range(BATCHES):
        made.batch(number, batch_of(number))
    return made


def work(bench: Bench, apply: bool = True, hours: int = 168) -> Maintenance:
    return Maintenance(bench.lake, bench.lake.parent / "journal", apply, hours)


def of_trades(bench: Bench, apply: bool = True, hours: int = 168) -> Maintained:
    return maintain(work(bench, apply, hours), [TRADES])[0]


def files(bench: Bench) -> list[Path]:
    return [Path(uri.removeprefix("file://")) for uri in DeltaTable(TRADES.path(bench.lake)).file_uris()]


def test_many_files_become_one_with_the_same_rows(bench: Bench) -> None:
    columns = TRADES.schema.names
    before = bench.rows("silver.trades", *columns)
    done = of_trades(bench)
    assert (done.files_before, done.files_after, done.compacted, done.written, done.note) == (BATCHES, 1, BATCHES, 1, "")
    assert bench.rows("silver.trades", *columns) == before


def test_rows_are_clustered_by_symbol_and_time_and_readers_are_told(bench: Bench) -> None:
    of_trades(bench)
    rows = pq.read_table(files(bench)[0], columns=["symbol", "seq"]).to_pylist()
    order = [(row["symbol"], row["seq"]) for row in rows]
    assert order == sorted(order)
    told = pa.table(DeltaTable(TRADES.path(bench.lake)).get_add_actions(flatten=True)).to_pylist()[0]
    assert (told["min.symbol"], told["max.symbol"], told["min.seq"], told["max.seq"]) == (0, 1, 0, 4 * BATCHES - 1)
    found = DeltaTable(TRADES.path(bench.lake)).to_pyarrow_dataset().to_table(filter=(ds.field("symbol") == 1) & (ds.field("seq") > 20))
    assert found.column("seq").to_pylist() == [21, 23]


def test_bronze_is_compacted_with_its_bytes_and_headers(bench: Bench) -> None:
    before = bench.rows("bronze.events", *(name for name in BRONZE.schema.names if name != "headers"))
    headers = DeltaTable(BRONZE.path(bench.lake)).to_pyarrow_table().sort_by("offset").column("headers").to_pylist()
    assert maintain(work(bench), [BRONZE])[0].files_after == 1
    assert bench.rows("bronze.events", *(name for name in BRONZE.schema.names if name != "headers")) == before
    assert DeltaTable(BRONZE.path(bench.lake)).to_pyarrow_table().sort_by("offset").column("headers").to_pylist() == headers


def test_silver_made_anew_from_compacted_bronze_is_the_same(bench: Bench) -> None:
    maintain(work(bench), [BRONZE, TRADES])
    bronze = (
        DeltaTable(BRONZE.path(bench.lake)).to_pyarrow_table().sort_by([(name, "ascending") for name in ("topic", "partition", "offset")])
    )
    into = bench.lake.parent / "rebuilt"
    reports = list(BlockTask(bench.lake, into, into, Here({}), Entry(), keep_bronze=False)(iter(bronze.to_batches())))
    made = [file for row in reports for file in decode_report(row.column("report")[0].as_py()).files]
    Lake(into, [TRADES], "rebuild").commit("silver.trades", 0, made)
    old, new = (DeltaTable(TRADES.path(lake)).to_pyarrow_table().sort_by("seq") for lake in (bench.lake, into))
    assert new.equals(old)


def test_without_apply_nothing_changes(bench: Bench) -> None:
    version, present = DeltaTable(TRADES.path(bench.lake)).version(), sorted(TRADES.path(bench.lake).rglob("*"))
    done = of_trades(bench, apply=False)
    assert (done.compacted, done.written, done.files_after) == (BATCHES, 1, 1)
    assert (DeltaTable(TRADES.path(bench.lake)).version(), sorted(TRADES.path(bench.lake).rglob("*"))) == (version, present)


def test_a_second_time_there_is_nothing_to_do(bench: Bench) -> None:
    of_trades(bench)
    version = DeltaTable(TRADES.path(bench.lake)).version()
    assert of_trades(bench).compacted == 0
    assert DeltaTable(TRADES.path(bench.lake)).version() == version


def test_the_stream_goes_on_where_it_was(bench: Bench) -> None:
    of_trades(bench)
    restarted = Bench(bench.lake.parent)
    restarted.batch(BATCHES - 1, batch_of(BATCHES - 1))  # a repeated batch is not taken twice
    restarted.batch(BATCHES, batch_of(BATCHES))
    assert restarted.rows("silver.trades", "seq") == list(range(4 * (BATCHES + 1)))


def test_beside_a_stream_that_commits_all_the_time_nothing_is_lost_or_doubled(bench: Bench) -> None:
    batches, failed = 40, []

    def stream() -> None:
        try:
            for number in range(BATCHES, batches):
                bench.batch(number, batch_of(number))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=stream)
    thread.start()
    rounds = 0
    while thread.is_alive():
        maintain(work(bench), [TRADES, BRONZE])
        rounds += 1
    thread.join()
    assert not failed and rounds > 1
    assert of_trades(bench).files_after == 1
    assert bench.rows("silver.trades", "seq") == list(range(4 * batches))
    assert bench.rows("bronze.events", "offset") == list(range(batches))


def test_files_of_a_failed_try_go_and_those_of_a_batch_under_way_stay(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(bench.committer.journal, "write", killed)  # written, but in no journal: the next try writes other files
        bench.batch(BATCHES, batch_of(BATCHES))
    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(Committer, "_commit", killed)  # in the journal: the next try commits these
        bench.batch(BATCHES, batch_of(BATCHES))
    unnamed = set(TRADES.path(bench.lake).rglob("*.parquet")) - set(files(bench))
    assert len(unnamed) == 2
    assert of_trades(bench, hours=0).removed == BATCHES, "young files may be a batch's that is under way"
    age(unnamed)
    assert of_trades(bench).removed == 1
    restarted = Bench(bench.lake.parent)
    restarted.batch(BATCHES, batch_of(BATCHES))
    assert restarted.rows("silver.trades", "seq") == list(range(4 * (BATCHES + 1)))


def age(paths: set[Path]) -> None:
    for path in paths:
        os.utime(path, (time.time() - 2 * WEEK_S,) * 2)


def test_replaced_files_stay_as_long_as_readers_may_read_them(bench: Bench) -> None:
    before = files(bench)
    age(set(before))  # the time counts from when they were replaced
    assert of_trades(bench).removed == 0
    assert all(path.exists() for path in before)
    assert of_trades(bench, apply=False, hours=0).removed == BATCHES
    assert of_trades(bench, hours=0).removed == BATCHES
    assert not any(path.exists() for path in before)


def test_files_that_others_replaced_meanwhile_are_left_to_them(bench: Bench) -> None:
    chosen = bins(active_files(DeltaTable(TRADES.path(bench.lake)), TRADES))[0]
    new = rewrite(bench.lake, TRADES, chosen)
    of_trades(bench)
    version = DeltaTable(TRADES.path(bench.lake)).version()
    with pytest.raises(Superseded, match=f"silver.trades: {BATCHES} files were replaced"):
        replace_files(bench.lake, TRADES, chosen, [new])
    assert DeltaTable(TRADES.path(bench.lake)).version() == version


def test_a_version_that_someone_else_wrote_first_is_not_overwritten(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    put, tried = replacing._put, []

    def late(log: Path, version: int, text: str) -> bool:
        if not tried:
            bench.batch(BATCHES, batch_of(BATCHES))
        tried.append(version)
        return put(log, version, text)

    monkeypatch.setattr(replacing, "_put", late)
    of_trades(bench)
    assert len(tried) == 2 and tried[1] == tried[0] + 1
    assert bench.rows("silver.trades", "seq") == list(range(4 * (BATCHES + 1)))


def test_a_file_that_lacks_rows_is_noticed_before_anything_is_replaced(bench: Bench) -> None:
    chosen = bins(active_files(DeltaTable(TRADES.path(bench.lake)), TRADES))[0]
    wrong = [file._replace(rows=file.rows + 1) for file in chosen]
    present = set(TRADES.path(bench.lake).rglob("*.parquet"))
    with pytest.raises(ValueError, match="should hold 30 rows, but 24 were read"):
        rewrite(bench.lake, TRADES, wrong)
    assert set(TRADES.path(bench.lake).rglob("*.parquet")) == present


def test_what_only_spark_can_maintain_is_left_alone(bench: Bench) -> None:
    from deltalake import TableFeatures

    DeltaTable(TRADES.path(bench.lake)).alter.add_feature(TableFeatures.DeletionVectors, allow_protocol_versions_increase=True)
    done = of_trades(bench)
    assert done.files_after == BATCHES
    assert "silver.trades uses" in done.note and "which only Spark maintains" in done.note


def test_two_at_once_are_refused(bench: Bench) -> None:
    from spark_jobs.maintain import _alone

    with _alone(bench.lake), pytest.raises(ValueError, match="another process maintains"):
        of_trades(bench)


def test_a_lake_in_an_object_store_is_maintained_where_its_journal_is(tmp_path: Path) -> None:
    work = Maintenance(ObjectFolder("s3://market/lake"), tmp_path / "stream-market" / "journal", apply=True)
    assert work.lock_dir == tmp_path / "stream-market"
    with pytest.raises(ValueError, match="journal is not here.*maintain it where the stream's checkpoints lie"):
        maintain(work, [TRADES])


def test_tables_that_delta_rs_writes_are_compacted_by_it(tmp_path: Path) -> None:
    for number in range(3):
        row = dict.fromkeys(alerts.SCHEMA.names, 0) | {"alert_id": f"a{number}"}
        row |= {name: "x" for name in alerts.SCHEMA.names if alerts.SCHEMA.field(name).type == pa.string() and name != "alert_id"}
        merge_new(tmp_path, alerts.TABLE, pa.Table.from_pylist([row], schema=alerts.SCHEMA))
    done = maintain(Maintenance(tmp_path, tmp_path / "journal", apply=True), [alerts.TABLE])[0]
    assert (done.files_before, done.files_after) == (3, 1)
    assert DeltaTable(alerts.TABLE.path(tmp_path)).to_pyarrow_dataset().to_table(filter=ds.field("alert_id") == "a1").num_rows == 1


def test_a_refresh_of_gold_beside_maintenance_takes_another_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    minutes = market_minutes.TABLE
    rows = pa.Table.from_pylist([dict.fromkeys(minutes.schema.names, None) | {"run_id": "r1"}], schema=minutes.schema)
    replace_runs(tmp_path, minutes, rows, ["r1"])
    import spark_jobs.delta_writes as writes

    write, tries = writes.write_deltalake, []

    def interrupted(delta: DeltaTable, *arguments: Any, **named: Any) -> None:
        if not tries:  # someone replaces the same partition between reading and committing
            write(DeltaTable(minutes.path(tmp_path)), *arguments, **named)
        tries.append(delta.version())
        write(delta, *arguments, **named)

    monkeypatch.setattr(writes, "write_deltalake", interrupted)
    replace_runs(tmp_path, minutes, rows, ["r1"])
    assert len(tries) == 2
    assert DeltaTable(minutes.path(tmp_path)).to_pyarrow_table().num_rows == 1


def of_size(size: int, first: int, name: str = "a", run: str = "r1", rows: int = 10) -> ActiveFile:
    return ActiveFile(f"run_id={run}/{name}{first}", (("run_id", run),), size, rows, first)


def test_neighbours_in_time_are_put_together_up_to_the_target() -> None:
    found = bins([of_size(40, 3), of_size(40, 1), of_size(40, 2), of_size(10, 1, run="r2")], target=100)
    assert [[file.first for file in files] for files in found] == [[1, 2]]


def test_large_files_are_sorted_once_and_then_left_alone() -> None:
    large, small = of_size(60, 1, "clustered-"), of_size(5, 2)
    assert bins([large, small], target=100) == []
    assert bins([large._replace(path="a", rows=1_000_000)], target=100) == [[large._replace(path="a", rows=1_000_000)]]
    assert bins([large._replace(path="a", rows=1_000_000)], sorts=False, target=100) == []
