"""Gold's transforms: literal rows in, literal rows out."""

from __future__ import annotations

import math
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from simulator.types import DealStep, Reason, RecordKind, TimeInForce
from spark_jobs.batch import refresh, runs_in
from spark_jobs.gold import agent_clusters, agent_features, market_minutes
from spark_jobs.gold import negotiations as gold_negotiations
from spark_jobs.gold.agent_features import STEPS
from spark_jobs.schemas import STEP_NS, spark_schema
from spark_jobs.silver import messages, negotiations, orders, ticks, trades
from spark_jobs.table import Table
from tests.spark_jobs.lakes import Bench
from tests.spark_jobs.records import DEFAULTS, block, kafka

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900)]
MESSAGE = {"symbol": 0, "sender": 1, "receiver": 2, "topic": 0, "kind": 0, "value_1": 0, "value_2": 0, "value_3": 1, "value_4": 0}


def frame(spark: SparkSession, table: Table, *rows: dict[str, Any]) -> DataFrame:
    """Rows of a silver table from what differs from the defaults; seq and time follow from step."""
    defaults = DEFAULTS.get(table.name.partition(".")[2], MESSAGE)
    full = [{"run_id": "r", "world_id": 0, "seq": i, "step": 0} | defaults | row for i, row in enumerate(rows)]
    values = [tuple(plain((row | {"time_ns": row["step"] * STEP_NS})[name]) for name in table.schema.names) for row in full]
    return spark.createDataFrame(values, spark_schema(table.schema))


def plain(value: Any) -> Any:
    """Enums as the numbers that Spark takes."""
    return int(value) if isinstance(value, IntEnum) else value


def test_market_minutes(spark: SparkSession) -> None:
    tape = frame(
        spark,
        trades.TABLE,
        {"step": 1, "price": 100, "size": 5},
        {"step": 599, "price": 90, "size": 1},
        {"step": 2, "price": 110, "size": 4, "seq": 7},
        {"step": 600, "price": 95, "size": 2},
    )
    quotes = frame(
        spark,
        ticks.TABLE,
        {"step": 1, "best_bid": 99, "best_ask": 101, "bid_size": 3, "ask_size": 1},
        {"step": 2, "best_bid": 0, "best_ask": 150},
        {"step": 3, "best_bid": 108, "best_ask": 112, "bid_size": 0, "ask_size": 4},
        {"step": 700, "best_bid": 98, "best_ask": 102, "bid_size": 2, "ask_size": 2},
    )
    book = frame(
        spark,
        orders.TABLE,
        {"kind": RecordKind.ACCEPTED, "step": 1},
        {"kind": RecordKind.ACCEPTED, "step": 2},
        {"kind": RecordKind.MODIFIED, "reason": Reason.REQUEUED, "step": 3},
        {"kind": RecordKind.FILLED, "step": 3},
        {"kind": RecordKind.CANCELLED, "reason": Reason.BY_OWNER, "step": 4},
        {"kind": RecordKind.CANCELLED, "reason": Reason.UNFILLED, "step": 4},
        {"kind": RecordKind.REJECTED, "reason": Reason.OFF_TICK, "step": 5},
        {"kind": RecordKind.ACCEPTED, "step": 1300},
    )
    rows = [row.asDict() for row in market_minutes.transform(tape, quotes, book).orderBy("minute").collect()]
    assert [(row["run_id"], row["world_id"], row["symbol"], row["minute"]) for row in rows] == [("r", 0, 0, minute) for minute in (0, 1, 2)]
    first, second, third = rows
    names = ("open", "high", "low", "close", "volume", "trades", "spread", "imbalance", "orders")
    assert tuple(first[name] for name in names) == (100, 110, 90, 110, 10, 3, 3.0, -0.25, 4)
    assert first["realised_volatility"] == pytest.approx(math.log(1.1))
    assert first["order_to_trade_ratio"] == pytest.approx(4 / 3)
    assert (second["open"], second["close"], second["volume"], second["orders"], second["order_to_trade_ratio"]) == (95, 95, 2, 0, 0.0)
    assert second["realised_volatility"] == pytest.approx(math.log(1.1))
    assert (third["open"], third["volume"], third["trades"], third["spread"], third["order_to_trade_ratio"]) == (None, 0, 0, None, None)


DEAL = {"deal_id": 4, "protocol": 0, "symbol": 0, "party": 1, "counterparty": 2, "side": 1, "price": 0, "lots": 5, "round": 1, "amount": 0}


def deal(step: int, kind: DealStep, **fields: Any) -> dict[str, Any]:
    return {**DEAL, "step": step, "kind": kind, **fields}


def test_negotiations(spark: SparkSession) -> None:
    steps = frame(
        spark,
        negotiations.TABLE,
        deal(1, DealStep.OFFERED, price=120),
        deal(2, DealStep.COUNTERED, party=2, counterparty=1, side=0, price=80, round=2),
        deal(3, DealStep.COUNTERED, price=110, lots=4, round=3),
        deal(5, DealStep.AGREED, party=2, counterparty=1, side=0, price=110, lots=4, round=3, amount=9),
        deal(9, DealStep.DELIVERED, price=110, lots=4, round=3, amount=800_000),
        deal(9, DealStep.MISREPRESENTED, price=110, lots=4, round=3, amount=44),
        deal(9, DealStep.OPENED, deal_id=5, protocol=4, party=7, counterparty=-1, price=50, round=0),
        deal(11, DealStep.BID, deal_id=5, protocol=4, party=8, counterparty=7, side=0),
        deal(12, DealStep.SOLD, deal_id=5, protocol=4, party=7, counterparty=8, price=60),
        deal(13, DealStep.OFFERED, deal_id=6, price=70),
        deal(14, DealStep.DELIVERED, deal_id=2, price=70),  # began before these rows
    )
    made = gold_negotiations.transform(steps).orderBy("deal_id").collect()
    talked, sold, waiting = (row.asDict() for row in made)
    names = ("first", "second", "side", "lots", "opening_price", "answer_price", "price", "rounds", "begun", "agreed", "ended", "outcome")
    assert tuple(talked[name] for name in names) == (1, 2, 1, 4, 120, 80, 110, 3, 1, 5, 9, DealStep.DELIVERED)
    assert (talked["first_share"], talked["refunded"], talked["settled"]) == (0.75, 44, None)
    assert tuple(sold[name] for name in names) == (7, 8, 1, 5, 50, None, 60, 1, 9, None, 12, DealStep.SOLD)
    assert (sold["first_share"], waiting["outcome"], waiting["ended"], waiting["opening_price"]) == (None, None, None, 70)


def test_agent_features(spark: SparkSession) -> None:
    """What Spark deals out to its tasks and the features of the whole rows are the same; nobody acts in the second market."""
    book = frame(
        spark,
        orders.TABLE,
        {"owner": 1, "side": 0, "size": 4, "step": 5},
        {"owner": 1, "side": 1, "size": 8, "time_in_force": TimeInForce.IOC, "step": 6},
        {"owner": 1, "step": STEPS + 1},
        {"owner": 2, "kind": RecordKind.REJECTED},
    )
    tape = frame(spark, trades.TABLE, {"buyer": 1, "seller": 3, "aggressor": 0, "step": 7})
    quotes = frame(spark, ticks.TABLE, {}, {"symbol": 1})
    talk = frame(spark, messages.TABLE, {"sender": 4, "receiver": -1, "step": 8})
    made = agent_features.transform(book, tape, quotes, talk).toArrow().cast(agent_features.SCHEMA)
    rows = {(row["window"], row["agent"]): row for row in made.to_pylist()}
    assert set(rows) == {(0, 1), (0, 3), (0, 4), (1, 1)}
    assert rows[0, 1]["market_share"] == 0.5
    assert rows[0, 1]["size_dispersion"] == pytest.approx(1 / 3)
    assert rows[0, 3]["market_share"] is None
    assert rows[0, 4]["talk"] == pytest.approx(math.log1p(10 / 2))
    found = agent_clusters.transform(made)
    assert found.column("agent").to_pylist() == [1, 3, 4, 1]
    assert set(found.column("cluster").to_pylist()) == {0}
    assert agent_clusters.transform(made.slice(0, 0)).num_rows == 0


def rows_of(*counts: int) -> dict[str, int]:
    """What a refresh says, in its order."""
    return dict(
        zip(
            ("gold.market_minutes", "gold.agent_features", "gold.agent_clusters", "gold.agent_novelty", "gold.negotiations"),
            counts,
            strict=True,
        )
    )


def test_refresh_replaces_the_runs_touched_and_leaves_the_others(spark: SparkSession, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for number, run in enumerate(("r1", "r2")):
        fills = block("trades", [{"seq": 0, "size": 5}, {"seq": 1, "size": 6, "step": 700}], run=run)
        bench.batch(number, [kafka((fills, number), (block("orders", [{"seq": 2}], run=run), number))])
    assert runs_in(bench.lake) == {"r1", "r2"}
    assert refresh(spark, bench.lake) == rows_of(4, 4, 4, 4, 0)
    before = bench.rows("gold.market_minutes", "run_id", "minute", "volume")
    bench.batch(2, [kafka((block("trades", [{"seq": 3, "size": 1}], 1, run="r2"), 5))])
    refresh(spark, bench.lake, {"r2"})
    refresh(spark, bench.lake, {"r2"})
    after = bench.rows("gold.market_minutes", "run_id", "minute", "volume")
    assert before == [("r1", 0, 5), ("r1", 1, 6), ("r2", 0, 5), ("r2", 1, 6)]
    assert after == [("r1", 0, 5), ("r1", 1, 6), ("r2", 0, 6), ("r2", 1, 6)]
    assert refresh(spark, tmp_path / "empty") == rows_of(0, 0, 0, 0, 0)
