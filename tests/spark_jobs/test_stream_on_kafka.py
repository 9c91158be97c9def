"""The query on a real broker: poison and replay, a restart in the middle of a batch, alerts that come back, silver rebuilt."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from pipelines.apps import dlq
from pipelines.broker.contract import agree, prepare
from pipelines.broker.kafka_log import KafkaLog
from pipelines.events.block import WireRecord
from pipelines.events.columns import ColumnType
from pipelines.events.declarations import AGENTS, EVENT_TYPES, TRADES
from pipelines.events.evolution import Breaking
from pipelines.events.from_simulator import BlockRule
from pipelines.events.topics import PARTITIONS
from pipelines.local_stack import stack
from pipelines.settings import Settings
from pipelines.sinks.batch_writer import BatchWriter, Pace
from pipelines.testing import MemorySink
from pipelines.workers.readable import last_events
from pipelines.workers.registry import new_run_id
from spark_jobs.batch import rebuild
from spark_jobs.catalog import MARKET_TOPICS, QUARANTINE, SILVER
from spark_jobs.ingest.commit import Committer
from spark_jobs.ingest.journal import Entry
from spark_jobs.ingest.kafka_side import Ends
from spark_jobs.ingest.query import Query
from tests.pipelines.events.growing import changed, grown, venue
from tests.spark_jobs import lanes
from tests.spark_jobs.lakes import Bench
from tests.spark_jobs.records import block, trades

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker of this module's own with the topics."""
    with stack.running(Settings(data_dir=tmp_path_factory.mktemp("broker"), kafka_heap="256m")) as address:
        prepare(address, PARTITIONS)
        yield address


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lake and checkpoints of this module."""
    return tmp_path_factory.mktemp("stream")


def once(spark: SparkSession, broker: str, folder: Path, run: str = "") -> list[Entry]:
    """Read what there is; what each batch did."""
    done: list[Entry] = []
    tables = (*SILVER, QUARANTINE)
    query = Query(
        spark, broker, MARKET_TOPICS, tables, folder / "lake", folder / "checkpoint", lambda entry, _: done.append(entry), lanes.models(),
        run=run,
    )  # fmt: skip
    query.start(once=True)
    while not query.wait(1):
        pass
    return done


def publish(broker: str, *records: WireRecord) -> None:
    log = KafkaLog(broker)
    for record in records:
        log.send(record)
    log.flush()
    log.close()


def rows(folder: Path, table: str, *columns: str) -> list[Any]:
    return Bench(folder).rows(table, *columns)


def test_poison_is_set_aside_and_replayed(spark: SparkSession, broker: str, folder: Path) -> None:
    good = trades(2, 3, prev=1)
    bad = good._replace(value=good.value[:-2] + b"\xff\xff")
    foreign = WireRecord("market.ticks", b"someone", b"else", (("odd", b"\xfe"),))
    publish(broker, trades(0, 1), bad, trades(4, prev=3), foreign, block("ticks", [{"seq": 5}, {"seq": 6, "volume": -1}]))
    (entry,) = once(spark, broker, folder)
    assert rows(folder, "silver.trades", "seq") == [0, 1]
    assert rows(folder, "silver.ticks", "seq") == [5]
    assert rows(folder, "silver.quarantine", "seq", "reason") == [(6, "volume below 0")]
    assert (entry.counters["dead_letters"], entry.counters["blocks_parked"]) == (2, 1)
    log = KafkaLog(broker)
    found = {filed.letter.origin.topic: filed for filed in dlq.letters(log)}
    trade, tick = found["market.trades"].letter, found["market.ticks"].letter
    assert (trade.origin.value, trade.reason) == (bad.value, "crc")
    assert (tick.origin.value, tick.origin.headers) == (b"else", (("odd", b"\xfe"),))
    assert dlq.replay_all(log, [found["market.trades"]])[0] == []
    sent, left = dlq.replay_all(log, [found["market.trades"]], good.value)
    assert (sent, left) == ([trade.place], {})
    assert [filed.letter.origin.topic for filed in dlq.letters(log) if not filed.replayed] == ["market.ticks"]
    log.close()
    once(spark, broker, folder)
    assert rows(folder, "silver.trades", "seq") == [0, 1, 2, 3, 4]


def test_a_batch_that_dies_after_bronze_is_finished_after_the_restart(
    spark: SparkSession, broker: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(broker, trades(5, 6, prev=4), block("orders", [{"seq": 7}]))

    def die(self: Committer, entry: Entry) -> None:
        self.lake.commit("bronze.events", entry.batch, [file for file in entry.files if file.table == "bronze.events"])
        raise RuntimeError("cut off")

    with monkeypatch.context() as patch:
        patch.setattr(Committer, "_commit", die)
        with pytest.raises(RuntimeError, match="cut off"):
            once(spark, broker, folder)
    assert rows(folder, "silver.trades", "seq") == [0, 1, 2, 3, 4]
    once(spark, broker, folder)
    assert rows(folder, "silver.trades", "seq") == [0, 1, 2, 3, 4, 5, 6]
    assert rows(folder, "silver.orders", "seq") == [7]
    coordinates = rows(folder, "bronze.events", "topic", "partition", "offset")
    assert len(coordinates) == len(set(coordinates)) == sum(Ends(spark, broker, MARKET_TOPICS).read().values())


def test_an_alert_goes_to_kafka_and_from_there_to_gold(spark: SparkSession, broker: str, folder: Path) -> None:
    mids = [10_000 + i % 2 for i in range(150)] + [10_900]
    rising = [{"seq": i, "step": i, "best_bid": mid - 1, "best_ask": mid + 1} for i, mid in enumerate(mids)]
    publish(broker, block("ticks", rising, run="jumpy"))
    raised = [alert for entry in once(spark, broker, folder) for alert in entry.raised]
    once(spark, broker, folder)
    assert [(alert["kind"], alert["step"]) for alert in raised] == [("price_outlier", 150)]
    assert rows(folder, "gold.alerts", "alert_id", "run_id") == [(raised[0]["alert_id"], "jumpy")]


def test_a_restart_in_the_middle_of_an_episode_loses_no_alert(
    spark: SparkSession, broker: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stream dies with the second part of a market taken in and none of its alerts sent."""
    records = lanes.blocks(5, rule=BlockRule(events=256, steps=40), run="spoofed")
    cut = len(records) // 2
    publish(broker, *records[:cut])
    once(spark, broker, folder)
    publish(broker, *records[cut:])

    def die(self: Committer, entry: Entry) -> None:
        raise RuntimeError("cut off")

    with monkeypatch.context() as patch:
        patch.setattr(Committer, "_send", die)
        with pytest.raises(RuntimeError, match="cut off"):
            once(spark, broker, folder)
    once(spark, broker, folder)
    once(spark, broker, folder)
    wanted = [alert for alert in lanes.alerts(records) if alert["run_id"] == "spoofed"]
    found = [row for row in rows(folder, "gold.alerts", "run_id", "kind", "alert_id", "evidence") if row[0] == "spoofed"]
    kept = sorted(row[2:] for row in found if row[1] in lanes.models())
    assert kept == sorted((alert["alert_id"], alert["evidence"]) for alert in wanted)
    log = KafkaLog(broker)
    sent, _ = last_events(log, "market.alerts", 1 << 30, lambda record: record.key.startswith(b"spoofed/"))
    log.close()
    assert {alert["alert_id"] for alert in sent} == {row[2] for row in found}


def test_blocks_of_other_versions_reach_silver_and_stores_and_a_breaking_change_is_refused(
    spark: SparkSession, broker: str, folder: Path
) -> None:
    """A program with a column more, one with two less, and one that changed a column; silver rebuilt below has them again."""
    later = grown(TRADES, venue())
    rows_of_later = [{"seq": 0, "venue": 3}, {"seq": 1, "venue": 4}]
    earlier = block("agents", [{"seq": 2}], run="grown", kind=AGENTS.as_of(1))
    publish(broker, block("trades", rows_of_later, run="grown", kind=later), earlier)
    (entry,) = once(spark, broker, folder)
    assert "dead_letters" not in entry.counters
    assert [row[1:] for row in rows(folder, "silver.trades", "run_id", "seq", "price") if row[0] == "grown"] == [(0, 100), (1, 100)]
    accounts = rows(folder, "silver.agents", "run_id", "seq", "cash", "reputation", "alliance")
    assert [row[1:] for row in accounts if row[0] == "grown"] == [(2, 500, 0, -1)]
    log, sink = KafkaLog(broker), MemorySink("cassandra", ("trades", "agents"))
    BatchWriter(log, sink, threading.Event(), Pace(wait=0.1)).run(once=True)
    stored = {key[2:]: row for key, row in sink.rows.items() if key[0] == "grown"}
    assert stored.keys() == {("trades", 0), ("trades", 1), ("agents", 2)}
    assert "venue" not in stored["trades", 0] and stored["agents", 2]["alliance"] == -1
    assert agree(log, EVENT_TYPES | {"trades": later}) == ["trades/2"]
    assert agree(log) == []
    with pytest.raises(Breaking, match=r"market\.trades was published with trades version 1: column size was int and is long"):
        agree(log, EVENT_TYPES | {"trades": changed(TRADES, "size", type=ColumnType.LONG)})
    log.close()


def test_silver_rebuilt_from_bronze_is_the_same(spark: SparkSession, broker: str, folder: Path, tmp_path: Path) -> None:
    rebuild(spark, folder / "lake", tmp_path / "lake")
    for table in (*SILVER, QUARANTINE):
        assert Bench(tmp_path).rows(table.name, *table.schema.names) == rows(folder, table.name, *table.schema.names)
    with pytest.raises(ValueError, match="is not empty"):
        rebuild(spark, folder / "lake", tmp_path / "lake")


def test_a_lake_whose_checkpoint_is_gone_is_not_written_twice(spark: SparkSession, broker: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "lake").symlink_to(folder / "lake")
    with pytest.raises(ValueError, match="holds tables of an earlier stream whose checkpoint is gone"):
        once(spark, broker, tmp_path)


def test_one_run_alone_is_read_and_nothing_that_others_published_long_before(spark: SparkSession, broker: str, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    run, another, later = new_run_id(now), new_run_id(now), new_run_id(now + timedelta(hours=1))
    publish(broker, trades(0, 1, run=run), trades(3, 4, prev=2, run=another), block("ticks", [{"seq": 2}], run=run), trades(0, run=later))
    done = once(spark, broker, tmp_path, run)
    assert sum(entry.counters["records"] for entry in done if entry.counters) == 2
    assert rows(tmp_path, "silver.trades", "run_id", "seq") == [(run, 0), (run, 1)]
    once(spark, broker, tmp_path / "later", later)
    assert rows(tmp_path / "later", "silver.trades", "seq") == [], "its stream begins shortly before the run did"
    with pytest.raises(ValueError, match=f"has read run {run} alone so far"):
        once(spark, broker, tmp_path)
