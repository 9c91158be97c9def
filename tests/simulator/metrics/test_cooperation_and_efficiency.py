"""Cooperation, diversity, efficiency and trends: by hand, and on what is known of random walks."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.metrics import cooperation, price_efficiency, price_trend, pricing_error, strategy_diversity, variance_ratio
from simulator.types import RECORD, DealStep, Protocol, RecordKind


def test_cooperation_counts_deals_between_two() -> None:
    steps = [DealStep.OFFERED] * 4 + [DealStep.AGREED] * 2 + [DealStep.DELIVERED, DealStep.DEFAULTED, DealStep.SETTLED]
    records = np.zeros(len(steps) + 2, RECORD)
    records["kind"], records["reason"][: len(steps)] = RecordKind.NEGOTIATION, steps
    records["reason"][-2:], records["time_in_force"][-2:] = (DealStep.OFFERED, DealStep.DEFAULTED), Protocol.DUTCH  # no deals of two
    found = cooperation(records)
    assert (found.agreed, found.kept, found.settled, found.score) == (0.5, 0.5, 1.0, 0.5)
    assert cooperation(records[:0]).score == 0
    with pytest.raises(ValueError, match="dtype float64"):
        cooperation(np.zeros(3))


def test_diversity_is_the_effective_number_of_strategies() -> None:
    assert strategy_diversity(["a"] * 5) == 1
    assert strategy_diversity(["a", "b", "c"]) == 3
    assert strategy_diversity(["a", "b", "c"], [1, 1, 0]) == 2
    assert 1 < strategy_diversity(["a"] * 9 + ["b"]) < 2
    assert strategy_diversity(["a"], [0]) == 0
    with pytest.raises(ValueError, match="2 weights for 1 agents"):
        strategy_diversity(["a"], [1, 2])


def test_a_random_walk_is_efficient_and_neither_trends_nor_swings_are() -> None:
    steps = np.random.default_rng(1).normal(size=20_000)
    walk = np.cumsum(steps)
    assert price_efficiency(walk) > 0.9
    assert variance_ratio(np.cumsum(np.convolve(steps, np.ones(20) / 20)), 10) > 5
    assert variance_ratio(steps, 10) < 0.2 and price_efficiency(steps) < 0.2
    assert np.isnan(variance_ratio([5] * 20, 10))
    with pytest.raises(ValueError, match="not 3"):
        variance_ratio([1, 2, 3], 2)


def test_a_trend_is_a_slope_beyond_its_error() -> None:
    assert price_trend([1, 3, 5, 7]) == (2, np.inf)
    assert price_trend([4, 4, 4]) == (0, 0)
    noise = np.random.default_rng(2).normal(size=500)
    assert abs(price_trend(noise).t_statistic) < 3 < price_trend(noise + 0.01 * np.arange(500)).t_statistic
    with pytest.raises(ValueError, match="2 prices"):
        price_trend([1, 2])


def test_prices_that_are_their_values_have_no_error() -> None:
    assert pricing_error([7, 8], [7, 8]) == 0
