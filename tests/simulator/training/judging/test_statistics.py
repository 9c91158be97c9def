"""Statistics of few runs, on cases that can be worked out by hand or by scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulator.metrics import win_rate
from simulator.training.judging.statistics import (
    Interval,
    by_seed,
    differences,
    interquartile_mean,
    interval,
    means,
    performance_profile,
    probability_of_improvement,
)


def test_the_middle_is_that_of_the_middle_half() -> None:
    assert interquartile_mean([1, 2, 3, 1000]) == 2.5
    numbers = np.random.default_rng(1).normal(size=(3, 5, 7))
    assert interquartile_mean(numbers) == pytest.approx(stats.trim_mean(numbers.ravel(), 0.25))


def test_an_interval_holds_its_estimate_and_is_always_the_same() -> None:
    numbers = np.arange(40.0)
    found = interval(numbers)
    assert found.low < found.value == 19.5 < found.high
    assert interval(numbers) == found
    assert interval([2.0, 2.0]) == (2.0, 2.0, 2.0)


def test_one_run_in_one_stratum_is_the_ordinary_bootstrap() -> None:
    numbers = np.random.default_rng(2).normal(size=60)
    peer = stats.bootstrap((numbers,), np.mean, method="percentile", rng=np.random.default_rng(3)).confidence_interval
    found = interval(numbers, means)
    assert (found.low, found.high) == pytest.approx(tuple(peer), abs=0.03)


def test_markets_are_drawn_from_all_seeds() -> None:
    """One market a seed leaves as much doubt as all of one seed."""
    numbers = np.random.default_rng(4).normal(size=20)
    assert interval(numbers.reshape(1, 20, 1)) == interval(numbers.reshape(1, 4, 5)) == interval(numbers)


def test_runs_are_drawn_whole() -> None:
    """A lucky run is lucky in every market: two runs leave as much doubt with a thousand markets as with ten."""
    scores = np.stack([np.zeros((1, 1000)), np.ones((1, 1000))])
    found = interval(scores, means)
    assert found == (0.5, 0.0, 1.0)


def test_improvement_is_the_win_rate_within_each_market() -> None:
    ours, theirs = np.array([[[1.0, 5.0]], [[3.0, 5.0]]]), np.array([[[2.0, 5.0]]])
    by_market = [win_rate(ours[:, 0, market], theirs[:, 0, market]) for market in range(2)]
    assert by_market == [0.5, 0.5]
    found = probability_of_improvement(ours, theirs)
    assert found.value == 0.5 and found.low < 0.5 < found.high
    assert probability_of_improvement(ours + 10, theirs) == Interval(1.0, 1.0, 1.0)


def test_differences_are_of_the_same_market() -> None:
    ours, theirs = np.array([[[10.0, 100.0]]]), np.array([[[9.0, 98.0]], [[0.0, 0.0]]])
    assert differences(ours, theirs).tolist() == [[[[1.0, 2.0]], [[10.0, 100.0]]]]
    with pytest.raises(ValueError, match="do not pair"):
        differences(ours, theirs[:, :, :1])


def test_a_profile_falls_from_all_to_none() -> None:
    found = performance_profile(np.array([[[1.0, 2.0], [3.0, 4.0]]]), [0.0, 1.0, 3.5, 4.0])
    assert found[:, 0].tolist() == [1.0, 0.75, 0.25, 0.0]
    assert (found[:, 1] <= found[:, 0]).all() and (found[:, 0] <= found[:, 2]).all()


def test_nothing_cannot_be_estimated() -> None:
    with pytest.raises(ValueError, match="hold no number"):
        interval(np.zeros((1, 2, 0)))


def test_each_seed_of_markets_is_compared_for_itself() -> None:
    markets = np.random.default_rng(5).normal(size=(1, 3, 40))
    ours = markets + np.array([2.0, 0.0, -2.0])[None, :, None] + np.random.default_rng(6).normal(scale=0.1, size=(2, 3, 40))
    found = by_seed(ours, markets)
    assert [round(one.value) for one in found] == [2, 0, -2]
    assert (found[0].above_zero, found[1].above_zero, found[2].below_zero) == (True, False, True)
