"""Outliers of price and message rate."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.events.block import Block
from pipelines.events.codec import decode
from pipelines.events.topics import partition_of
from spark_jobs.detection.ewma import EwmaRule, EwmaState, update
from spark_jobs.detection.outliers import RATE, detect
from spark_jobs.ingest.outgoing import alert_records
from tests.spark_jobs.records import block

RULE = EwmaRule(alpha=0.1, warm_up=10, threshold=5.0, floor=0.1, quiet=3)


def ticks(mids: list[int], first: int = 0) -> Block:
    rows = [{"seq": first + i, "step": first + i, "best_bid": mid - 1, "best_ask": mid + 1} for i, mid in enumerate(mids)]
    record = block("ticks", rows, first - 1)
    return decode(record.value, record.headers)


def orders(counts: list[int]) -> Block:
    steps = [step for step, count in enumerate(counts) for _ in range(count)]
    record = block("orders", [{"seq": seq, "step": step} for seq, step in enumerate(steps)])
    return decode(record.value, record.headers)


def test_moments_by_hand() -> None:
    state, _ = update(EwmaState(), RULE, np.array([2.0, 4.0]), np.array([0, 1]))
    assert (state.seen, state.mean, state.variance) == (2, 3.0, 1.0)


def test_an_outlier_is_raised_once_after_the_warm_up_and_then_kept_quiet() -> None:
    values = np.array([1.0] * 5 + [9.0] + [1.0] * 30 + [9.0, 9.0, 1.0, 1.0, 1.0, 9.0])
    _, outliers = update(EwmaState(), EwmaRule(0.01, 10, 3.0, 0.1, 3), values, np.arange(len(values)))
    assert [index for index, _ in outliers] == [36, 41]
    assert all(score > 3.0 for _, score in outliers)


def test_a_jump_of_the_price_is_an_alert_with_the_same_id_however_blocks_are_cut() -> None:
    mids = [10_000 + (i % 2) for i in range(150)] + [10_900] + [10_900 + i % 2 for i in range(20)]
    whole = detect(ticks(mids), {})
    states: dict[str, EwmaState] = {}
    cut = detect(ticks(mids[:150], 0), states) + detect(ticks(mids[150:], 150), states)
    assert [(alert["kind"], alert["step"], alert["symbol"]) for alert in whole] == [("price_outlier", 150, 0)]
    assert cut == whole


def test_a_quiet_market_and_one_sided_books_raise_nothing() -> None:
    mids = [10_000 + (i % 3) for i in range(300)]
    calm = ticks(mids)
    assert detect(calm, {}) == []
    calm.columns["best_bid"][150] = 0
    calm.columns["best_ask"][150] = 1
    assert detect(calm, {}) == []


def test_a_burst_of_orders_is_an_alert() -> None:
    counts = [4 + i % 3 for i in range(RATE.warm_up + 20)]
    assert detect(orders(counts), {}) == []
    counts[RATE.warm_up + 10] = 60
    (alert,) = detect(orders(counts), {})
    assert (alert["kind"], alert["step"]) == ("rate_outlier", RATE.warm_up + 10)
    assert alert["evidence"] == '{"messages":60}'


def test_alerts_travel_as_blocks() -> None:
    raised: list[dict[str, Any]] = detect(ticks([10_000 + (i % 2) for i in range(150)] + [10_900]), {})
    (record,) = alert_records(raised)
    assert [alert_records(raised, number)[0].partition for number in (1, 3, 5)] == [partition_of(b"r1/0", number) for number in (1, 3, 5)]
    found = decode(record.value, record.headers)
    assert (record.topic, record.key) == ("market.alerts", b"r1/0")
    assert found.columns["alert_id"] == [raised[0]["alert_id"]]
    assert float(found.columns["score"][0]) == raised[0]["score"]
