"""Stylised facts: series whose figures are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.metrics import autocorrelation, decay_exponent, impact_exponent, tail_index
from simulator.seeding import generator

N = 100_000


def test_autocorrelation_of_a_moving_average_and_of_noise() -> None:
    noise = generator(1, "facts").standard_normal(N)
    assert autocorrelation(noise[1:] + noise[:-1], 3) == pytest.approx([0.5, 0.0, 0.0], abs=0.02)
    assert np.abs(autocorrelation(noise, 50)).max() < 0.02
    assert autocorrelation(np.ones(20), 2).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("exponent", [1.5, 3.0, 5.0])
def test_tail_index_of_a_power_law(exponent: float) -> None:
    draws = generator(2, "facts").pareto(exponent, N) + 1.0
    assert tail_index(draws) == pytest.approx(exponent, rel=0.05)


def test_tail_index_tells_the_normal_distribution_from_a_heavy_one() -> None:
    random = generator(3, "facts")
    assert tail_index(random.standard_normal(N)) > 5
    assert 2.5 < tail_index(random.standard_t(3, N)) < 3.5
    assert math.isnan(tail_index(np.zeros(1000)))


@pytest.mark.parametrize("exponent", [0.2, 0.35, 0.8])
def test_decay_exponent_of_a_power_law_with_noise(exponent: float) -> None:
    noise = generator(5, "facts").standard_normal(100) * 0.005
    assert decay_exponent(np.arange(1, 101) ** -exponent + noise) == pytest.approx(exponent, rel=0.06)


def test_what_does_not_last_has_no_decay_exponent() -> None:
    assert math.isnan(decay_exponent(-np.arange(1.0, 50.0)))
    short = np.where(np.arange(1, 101) < 8, 0.1, 0.0) - 0.001
    assert math.isnan(decay_exponent(short))


@pytest.mark.parametrize("exponent", [0.5, 1.0])
def test_impact_exponent(exponent: float) -> None:
    random = generator(4, "facts")
    volume = np.round(random.standard_normal(N) * 100)
    moves = np.sign(volume) * np.abs(volume) ** exponent + random.standard_normal(N)
    assert impact_exponent(volume, moves) == pytest.approx(exponent, abs=0.03)
    assert math.isnan(impact_exponent(volume, -moves))
    assert math.isnan(impact_exponent(np.zeros(1000), np.ones(1000)))


def test_wrong_input_is_named() -> None:
    with pytest.raises(ValueError, match="lags 20 is not in 1..19"):
        autocorrelation(np.arange(20.0), 20)
    with pytest.raises(ValueError, match=r"a series of shape \(3,\) is not one row of at least 10"):
        tail_index([1, 2, 3])
    with pytest.raises(ValueError, match="share 2 is not between 0 and 1"):
        tail_index(np.ones(100), share=2)
    with pytest.raises(ValueError, match="100 volumes with 99 moves"):
        impact_exponent(np.ones(100), np.ones(99))
