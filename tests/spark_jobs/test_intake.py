"""What becomes of each record: typed rows, quarantine, dead letters, doubles, fences, parked blocks."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.events.block import StoredRecord, WireRecord
from pipelines.events.codec import fence
from pipelines.events.dead_letters import DeadLetter
from pipelines.events.declarations import EVENT_TYPES
from tests.spark_jobs.lakes import Bench
from tests.spark_jobs.records import KAFKA, block, home, kafka, trades

TRADES = EVENT_TYPES["trades"]


def corrupt(record: WireRecord) -> WireRecord:
    return record._replace(value=record.value[:-1] + bytes([record.value[-1] ^ 1]))


def replayed(record: WireRecord, offset: int, value: bytes | None = None) -> WireRecord:
    stored = StoredRecord(record.topic, home(record), offset, 0, record.key, record.value, record.headers)
    return DeadLetter(stored, "bronze", "crc", "").replay(value)


def test_blocks_become_bronze_and_typed_rows(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    first, second = trades(1, 4, price=120), block("ticks", [{"seq": 2, "step": 7}])
    entry = bench.batch(0, [kafka((first, 0))], [kafka((second, 0))])
    assert bench.rows("silver.trades", "run_id", "world_id", "seq", "step", "time_ns", "price") == [
        ("r1", 0, 1, 1, 100_000_000, 120),
        ("r1", 0, 4, 4, 400_000_000, 120),
    ]
    assert bench.rows("silver.ticks", "seq", "time_ns", "best_ask") == [(2, 700_000_000, 101)]
    assert bench.rows("bronze.events", "topic", "offset", "run_id", "value") == [
        ("market.ticks", 0, "r1", second.value),
        ("market.trades", 0, "r1", first.value),
    ]
    assert entry.totals == {
        "records": 2, "blocks_accepted": 2, "events": 3, "quarantined": 0,
        "rows:bronze.events": 2, "rows:silver.trades": 2, "rows:silver.ticks": 1,
    }  # fmt: skip


def test_a_doubled_block_counts_once_within_a_batch_and_across(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    record = trades(1, 2)
    bench.batch(0, [kafka((record, 0), (record, 1))])
    entry = bench.batch(1, [kafka((record, 2), (trades(3, prev=2), 3))])
    assert bench.rows("silver.trades", "seq") == [1, 2, 3]
    assert entry.totals["blocks_duplicate"] == 2
    assert bench.rows("bronze.events", "offset") == [0, 1, 2, 3]


def test_runs_and_worlds_have_marks_of_their_own(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.batch(0, [kafka((trades(1), 0), (trades(1, world=2), 1), (trades(1, run="r2"), 2))])
    assert bench.rows("silver.trades", "run_id", "world_id", "seq") == [("r1", 0, 1), ("r1", 2, 1), ("r2", 0, 1)]


def test_a_row_that_breaks_a_rule_goes_to_quarantine_and_its_neighbours_to_silver(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    rows = [{"seq": 1, "size": -4}, {"seq": 2}, {"seq": 3}]
    bench.batch(0, [kafka((trades(0), 0), (block("trades", rows, prev=0), 1), (trades(4, prev=3), 2))])
    assert bench.rows("silver.trades", "seq") == [0, 2, 3, 4]
    columns = ("run_id", "world_id", "seq", "event", "reason", "topic", "partition", "offset")
    place = home(trades(1))
    assert bench.rows("silver.quarantine", *columns) == [("r1", 0, 1, "trades", "size below 1", "market.trades", place, 1)]
    (row,) = bench.rows("silver.quarantine", "row")
    assert json.loads(row)["size"] == -4
    assert set(json.loads(row)) == {column.name for column in TRADES.all_columns}


def test_a_fence_refuses_the_old_epoch_and_not_what_lies_before_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    raised = fence(TRADES, "r1", 0, 1, 1)
    entry = bench.batch(0, [kafka((trades(1), 0), (raised, 1), (trades(2, prev=1), 2), (trades(2, prev=1, epoch=1, price=7), 3))])
    assert bench.rows("silver.trades", "seq", "price") == [(1, 100), (2, 7)]
    assert (entry.counters["blocks_fence"], entry.counters["blocks_stale_epoch"]) == (1, 1)


def test_an_undecodable_block_is_a_dead_letter_and_its_successors_wait_for_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    good, bad = trades(2, 3, prev=1), corrupt(trades(2, 3, prev=1))
    bench.batch(0, [kafka((trades(1), 0), (bad, 1), (trades(4, prev=3), 2))])
    bench.batch(1, [kafka((trades(5, prev=4), 3))])
    assert bench.rows("silver.trades", "seq") == [1]
    (letter,) = bench.sent
    assert (letter.topic, letter.value) == ("market.trades.bronze.dlq", bad.value)
    assert dict(letter.headers)["dlq.reason"] == b"crc"
    assert dict(letter.headers)["dlq.offset"] == b"1"
    entry = Bench(tmp_path).batch(2, [kafka((replayed(bad, 1, good.value), 4))])
    assert bench.rows("silver.trades", "seq") == [1, 2, 3, 4, 5]
    assert entry.counters["released_accepted"] == 2
    assert not any(mark.parked for mark in entry.marks.values())


def test_a_replayed_block_counts_although_a_fence_came_meanwhile(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    good, bad = trades(2, prev=1), corrupt(trades(2, prev=1))
    bench.batch(0, [kafka((trades(1), 0), (bad, 1), (fence(TRADES, "r1", 0, 3, 2), 2), (trades(3, prev=2, epoch=3), 3))])
    bench.batch(1, [kafka((replayed(bad, 1, good.value), 4))])
    assert bench.rows("silver.trades", "seq") == [1, 2, 3]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (trades(1)._replace(headers=()), "headers"),
        (trades(1)._replace(headers=(("fingerprint", b"nonsense"), *trades(1).headers[1:])), "fingerprint"),
        (trades(1)._replace(value=b""), "crc"),
        (block("ticks", [{"seq": 1}])._replace(topic="market.trades"), "topic"),
        (trades(1, run="../../etc"), "run_id"),
        (trades(1, run="x" * 300), "run_id"),
        (trades(1)._replace(value=b"\x00garbage", headers=(("odd", b"\xff"),), key=b"\xff\xfe/"), "headers"),
    ],
)
def test_foreign_records_are_dead_letters_with_their_bytes_and_bronze_keeps_them(tmp_path: Path, record: WireRecord, reason: str) -> None:
    bench = Bench(tmp_path)
    bench.batch(0, [kafka((record, 0), (trades(1), 1))])
    (letter,) = bench.sent
    assert dict(letter.headers)["dlq.reason"].decode() == reason
    assert (letter.key, letter.value, letter.headers[: len(record.headers)]) == (record.key, record.value, list(record.headers))
    assert bench.rows("bronze.events", "offset", "value")[0] == (0, record.value)
    assert bench.rows("silver.trades", "seq") == [1]


def test_a_block_on_a_foreign_partition_is_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    (stray,) = kafka((trades(1), 0)).to_pylist()
    stray["partition"] = 1 - stray["partition"]
    bench.batch(0, [pa.RecordBatch.from_pylist([stray], schema=KAFKA)], [kafka((trades(1), 0))])
    assert dict(bench.sent[0].headers)["dlq.reason"] == b"partition"
    assert bench.rows("silver.trades", "seq") == [1]


def test_where_a_block_belongs_depends_on_the_number_of_partitions(tmp_path: Path) -> None:
    bench, records = Bench(tmp_path, partitions=5), [trades(1, world=world) for world in range(5)]
    assert sorted(home(record, 5) for record in records) == [0, 1, 2, 3, 4]
    bench.batch(0, *([kafka((record, 0), partitions=5)] for record in records))
    assert (bench.sent, bench.rows("silver.trades", "world_id")) == ([], [0, 1, 2, 3, 4])
    bench.batch(1, *([kafka((trades(2, prev=1, world=world), 1))] for world in range(5)))
    refused = [dict(letter.headers)["dlq.reason"] for letter in bench.sent]
    assert refused == [b"partition"] * sum(home(record) != home(record, 5) for record in records) != []


def test_alerts_read_from_kafka_are_one_row_each_in_gold(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    alert = block("alerts", [{"seq": 0, "step": 4}, {"seq": 1, "alert_id": "a2"}])
    bench.batch(0, [kafka((alert, 0), (alert, 1))])
    bench.batch(1, [kafka((alert, 2))])
    assert bench.rows("gold.alerts", "alert_id", "step", "time_ns", "kind") == [
        ("a1", 4, 400_000_000, "price_outlier"),
        ("a2", 1, 100_000_000, "price_outlier"),
    ]


def test_ground_truth_has_its_own_table_and_is_refused_on_a_market_topic(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    truth = block("labels", [{"seq": 0}])
    bench.batch(0, [kafka((truth, 0), (truth._replace(topic="market.agents"), 0))])
    assert bench.rows("silver.labels", "agent", "value") == [(3, "noise")]
    assert dict(bench.sent[0].headers)["dlq.reason"] == b"topic"
