"""Features of when an agent acts, what it reacts to and what it says."""

from __future__ import annotations

import math

import pytest

from simulator.types import MessageKind, Side
from spark_jobs.clustering.timing import LITTLE
from spark_jobs.clustering.trading import PRIOR
from tests.spark_jobs.clustering.market import market, of, taking, together


def test_a_clock_and_a_burst() -> None:
    clock = [{"step": step} for step in range(0, 1000, 50)]
    burst = [{"step": step, "owner": 2} for step in (*range(10), *range(900, 910))]
    rows = market(orders=clock + burst, ticks=[{}])
    assert of(1, rows)["burstiness"] == -1.0
    assert of(2, rows)["burstiness"] > 0.5
    assert of(1, rows)["unevenness"] == pytest.approx(math.log(LITTLE))
    assert of(2, rows)["unevenness"] > 0.5


def test_acts_at_the_same_time_of_each_day_are_periodic() -> None:
    days = [{"step": day + late} for day in range(0, 10_000, 1000) for late in range(900, 960)]
    always = [{"step": step * 37 % 10_000, "owner": 2} for step in range(600)]
    rows = market(orders=days + always, ticks=[{}])
    assert of(1, rows, steps=10_000)["unevenness"] > of(2, rows, steps=10_000)["unevenness"] + 1
    assert of(1, rows, steps=10_000)["periodicity"] > 1


def test_who_acts_after_moves() -> None:
    ticks = [{"best_bid": 99 + step // 100, "best_ask": 101 + step // 100, "step": step} for step in range(1000)]
    after = [{"step": step + 1} for step in range(100, 1000, 100)]
    quiet = [{"step": step + 90, "owner": 2} for step in range(0, 1000, 100)]
    rows = market(orders=after + quiet, ticks=ticks)
    assert of(1, rows)["reaction"] == pytest.approx(math.log(1000 / 9 + LITTLE))
    assert of(2, rows)["reaction"] == pytest.approx(math.log(LITTLE))
    assert of(1, rows)["volatility"] > of(2, rows)["volatility"]


def test_talk_and_who_follows_it() -> None:
    rows = together(
        {"messages": {"sender": 3, "value_3": 8, "step": 9}},
        taking(10, Side.BUY, agent=1),
        taking(10, Side.SELL, agent=2),
        taking(10, Side.BUY, agent=3),
        {"messages": {"sender": 3, "value_3": 8, "step": 50, "kind": MessageKind.GOSSIP}},
        taking(51, Side.BUY, agent=4),
    )
    assert of(1, rows)["heeding"] == pytest.approx(1 / (1 + PRIOR))
    assert of(2, rows)["heeding"] == pytest.approx(-1 / (1 + PRIOR))
    assert of(3, rows)["heeding"] == of(4, rows)["heeding"] == 0.0  # its own words, and gossip
    assert of(3, rows)["talk"] == pytest.approx(math.log1p(10 / (1 + PRIOR)))
    assert of(1, rows)["talk"] == 0.0
