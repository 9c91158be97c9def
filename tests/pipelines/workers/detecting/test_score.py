"""Scores by hand: shares of the market, quarters of the episodes, a budget of alerts."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.workers.detecting.runs import WatchedRun
from pipelines.workers.detecting.score import BUDGET, kind_score, lots_share, scored
from spark_jobs.detection.columns import Deals, Messages, Orders, Public
from spark_jobs.detection.scoring import Incident
from tests.spark_jobs.watching import BUY, placed, rows

KIND = "spoofing"


def episode(agent: int, first: int, last: int, score: float = 1.0) -> Incident:
    return Incident(KIND, frozenset([agent]), 0, first, last, score, last)


def run(orders: Orders, truth: list[Incident], hours: float = 1.0) -> WatchedRun:
    none = np.zeros(0, np.int64)
    beside = Messages(*(none for _ in Messages._fields)), Deals(*(none for _ in Deals._fields))
    return WatchedRun(1, Public(orders, *beside), hours, truth)


def test_the_share_of_an_episode_is_that_of_its_agents_in_the_lots_entered_meanwhile() -> None:
    orders = rows(placed(1, 7, BUY, 99, 50, 4), placed(2, 7, BUY, 99, 6, 5), placed(3, 8, BUY, 99, 18, 9), placed(4, 7, BUY, 99, 9, 10))
    assert lots_share(orders, episode(7, 5, 9)) == 0.25
    assert lots_share(orders, episode(7, 20, 30)) == 0.0


def test_recall_by_share_and_precision_in_a_budget() -> None:
    truth = [episode(agent, 100 * agent, 100 * agent + 10) for agent in range(8)]
    orders = rows(*(row for agent in range(8) for row in (placed(agent, agent, BUY, 9, agent + 1, 100 * agent),
                                                          placed(50 + agent, 99, BUY, 9, 10, 100 * agent))))  # fmt: skip
    alerts = [episode(agent, 100 * agent + 5, 100 * agent + 6, 0.9) for agent in range(3, 8)]
    false = [episode(50, 100 * agent, 100 * agent + 5, 0.95) for agent in range(5)]
    one = scored(run(orders, truth, hours=5 / BUDGET), alerts + false, KIND)
    found = kind_score(KIND, [one], [], 0.1)
    assert (found.episodes, found.alerts, found.precision.value, found.recall.value) == (8, 10, 0.5, 5 / 8)
    assert found.precision_in_budget.value == 0.0, "the five of the highest score are false"
    assert [part.value for part in found.recall_by_share] == [0.0, 0.5, 1.0, 1.0]
    assert found.delay_from_begin == (pytest.approx(0.6), pytest.approx(0.6)) and found.false_per_hour is None


def test_alerts_of_clean_runs_are_counted_by_the_hour() -> None:
    clean = scored(run(rows(), [], hours=0.5), [episode(1, 2, 3)], KIND)
    found = kind_score(KIND, [], [clean], 0.1)
    assert found.false_per_hour == 2.0 and found.episodes == 0 and np.isnan(found.recall.value)
