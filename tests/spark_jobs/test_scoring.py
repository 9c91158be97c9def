"""Alerts against the truth, one to one."""

from __future__ import annotations

import math
from typing import Any

import pytest
from scipy import stats

from spark_jobs.detection.scoring import TOLERANCE, Incident, average_precision, matched, wilson


def incident(first: int, last: int, *agents: int, kind: str = "spoofing", symbol: int = 0) -> Incident:
    return Incident(kind, frozenset(agents), symbol, first, last)


EPISODE = incident(100, 120, 7, 8)


@pytest.mark.parametrize(
    ("alert", "found"),
    [
        (incident(105, 110, 7), 0), (incident(105, 110, 8, 9), 0), (incident(105, 110, 9), -1),
        (incident(105, 110, 7, kind="layering"), -1),
        (incident(105, 110, 7, symbol=1), -1), (incident(120 + TOLERANCE, 200, 7), 0), (incident(121 + TOLERANCE, 200, 7), -1),
        (incident(0, 100 - TOLERANCE, 7), 0), (incident(0, 99 - TOLERANCE, 7), -1),
    ],
)  # fmt: skip
def test_kind_suspect_symbol_and_time_must_agree(alert: Incident, found: int) -> None:
    assert matched([alert], [EPISODE]) == [found]


def test_each_matches_once_and_the_nearest_comes_first() -> None:
    episodes = [incident(100, 120, 7), incident(125, 140, 7)]
    assert matched([incident(100, 120, 7), incident(101, 119, 7), incident(126, 139, 7)], episodes) == [0, 1, -1]
    assert matched([incident(126, 139, 7), incident(100, 120, 7)], episodes) == [1, 0]
    assert matched([], episodes) == [] and matched([EPISODE], []) == [-1]


@pytest.mark.parametrize(("right", "of"), [(0, 10), (3, 10), (10, 10), (190, 200)])
def test_the_interval_is_wilsons(right: int, of: int) -> None:
    peer: Any = stats.binomtest(right, of).proportion_ci(method="wilson")
    assert wilson(right, of) == pytest.approx((right / of, peer.low, peer.high))


def test_of_nothing_nothing_is_known() -> None:
    assert all(math.isnan(number) for number in wilson(0, 0)) and math.isnan(average_precision([], [], 0))


def test_average_precision_counts_what_was_missed() -> None:
    assert average_precision([0.9, 0.1], [True, True], 2) == 1.0
    assert average_precision([0.9, 0.1], [True, True], 4) == 0.5
    assert average_precision([0.1, 0.9], [True, False], 1) == 0.5
    assert average_precision([], [], 3) == 0.0


def test_alerts_of_equal_score_have_no_order() -> None:
    assert average_precision([0.5, 0.5], [True, False], 1) == average_precision([0.5, 0.5], [False, True], 1) == 0.5
