"""Bursts of messages as candidates."""

from __future__ import annotations

import pytest

from spark_jobs.detection.bursts import FEATURES, FIRST
from spark_jobs.detection.watch import Watch
from tests.spark_jobs.watching import BUY, SELL, Row, cancelled, filled, moved, placed, rows, taken

MARKET = [placed(1, 1, BUY, 99, 5), placed(2, 2, SELL, 101, 5)]


def raised(*given: Row) -> list[dict[str, float]]:
    names = ("agent", "side", "first", "last", *FEATURES)
    return [dict(zip(names, row, strict=True)) for row in Watch().feed(rows(*MARKET, *given)).bursts.tolist()]


def flood(steps: int, each: int, first: int = 10, owner: int = 7) -> list[Row]:
    """Orders placed in one step and withdrawn in the next."""
    given: list[Row] = []
    for step in range(first, first + steps):
        ids = [1000 * step + n for n in range(each)]
        given += [cancelled(1000 * (step - 1) + n, owner, BUY, 2, step) for n in range(each) if step > first]
        given += [placed(order_id, owner, BUY, 97, 2, step) for order_id in ids]
    return given


def test_a_burst_is_told_each_time_that_it_has_doubled() -> None:
    found = raised(*flood(steps=6, each=8))
    assert [each["messages"] for each in found] == [FIRST, 2 * FIRST, 4 * FIRST]
    assert {(each["agent"], each["side"], each["first"]) for each in found} == {(7, -1, 10)}
    last = found[-1]
    assert (last["one_sidedness"], last["traded_per_message"], last["moved_share"]) == (1.0, 0.0, 0.0)
    assert 0.3 < last["withdrawn_share"] < 0.6 and last["market_share"] == 1.0 and last["rate"] > 10


def test_ordinary_trading_is_none() -> None:
    assert raised(*(placed(100 + n, 7, BUY, 90, 1, step=n) for n in range(200))) == []
    assert raised(*flood(steps=3, each=2)) == []
    scattered = [row for first in range(0, 400, 20) for row in flood(steps=1, each=5, first=first)]
    assert raised(*scattered) == [], "single dense steps with pauses between them are no burst"


def test_a_pause_ends_a_burst_and_the_next_one_remembers_it() -> None:
    found = raised(*flood(steps=3, each=8), *flood(steps=3, each=8, first=60))
    assert [each["first"] for each in found] == [10, 10, 60, 60]
    assert (found[0]["earlier_rate"], found[2]["earlier_rate"]) == (0.0, pytest.approx(1000 / 62, rel=0.05))


def test_changes_and_trades_within_it_are_counted() -> None:
    given = [placed(50, 7, BUY, 98, 3, step=5)]
    for step in range(6, 12):
        given += [moved(50, 7, 97 + (n % 2), 3, step) for n in range(5)]
    given += [taken(90, 3, SELL, 2, step=11), filled(50, 7, 90, 3, SELL, 2, step=11), *(moved(50, 7, 97, 1, 12) for _ in range(5))]
    found = raised(*given)
    assert found[0]["moved_share"] > 0.7 and found[-1]["traded_per_message"] == pytest.approx(2 / 32)
