"""Has a learning curve settled?"""

from __future__ import annotations

import numpy as np
import pytest

from simulator.training.judging.convergence import Settled, converged

RISE = list(np.linspace(0.0, 100.0, 20))


def wiggle(count: int, size: float) -> np.ndarray:
    return np.random.default_rng(1).normal(scale=size, size=count)


def test_a_curve_that_ends_level_has_settled() -> None:
    found = converged([*RISE, *(100.0 + wiggle(20, 1.0))])
    assert found.verdict is Settled.YES and found.low <= found.move <= found.high


def test_a_curve_that_still_rises_has_not() -> None:
    found = converged(list(np.linspace(0.0, 90.0, 30)))
    assert found.verdict is Settled.NO and found.move == pytest.approx(90 * 9 / 29)
    assert converged([*RISE, *np.linspace(100.0, 20.0, 20)]).verdict is Settled.NO  # it forgets again


def test_noise_is_not_taken_for_rest() -> None:
    assert converged(list(wiggle(40, 10.0))).verdict is Settled.UNKNOWN


def test_returns_that_repeat_because_no_episode_ended_count_once() -> None:
    steps = [value for value in np.arange(17.0) for _ in range(4)]
    assert converged(steps).verdict is Settled.SHORT
    assert converged([*steps, 17.0]).verdict is Settled.NO
    assert converged([]).verdict is Settled.SHORT
