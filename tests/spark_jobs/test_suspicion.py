"""All candidates of an agent together: independent ones add up, those of one event count once, and old ones fade."""

from __future__ import annotations

import pytest

from spark_jobs.detection.suspicion import HALF_LIFE, Suspicion

ONE, TWO = frozenset({1}), frozenset({1, 2})


def chances(candidates: list[tuple[frozenset[int], int, float]]) -> list[float]:
    suspicion = Suspicion()
    return [round(suspicion.add(*each), 6) for each in candidates]


def test_one_candidate_is_as_sure_as_its_score() -> None:
    assert chances([(ONE, 10, 0.3)]) == [0.3]
    assert chances([(ONE, 10, 1.0)]) == [pytest.approx(1.0, abs=1e-5)]


def test_at_least_one_of_several_is_right() -> None:
    assert chances([(ONE, 10, 0.5), (ONE, 20, 0.5), (ONE, 30, 0.8)]) == pytest.approx([0.5, 0.75, 0.95], abs=0.002)


def test_those_that_begin_together_count_as_the_best_of_them() -> None:
    assert chances([(ONE, 10, 0.5), (ONE, 12, 0.4), (ONE, 14, 0.7), (ONE, 9, 0.7)]) == [0.5, 0.5, 0.7, 0.7]


def test_half_of_it_is_forgotten_after_the_half_life() -> None:
    assert chances([(ONE, 0, 0.75), (ONE, HALF_LIFE, 0.5)]) == [0.75, 0.75]
    slow = chances([(ONE, step, 0.1) for step in range(0, 200_000, 500)])
    assert slow[-1] < 0.5, "a small chance every minute names nobody, however long it goes on"


def test_of_several_suspects_the_least_suspicious_counts() -> None:
    assert chances([(ONE, 0, 0.9), (TWO, 10, 0.5), (ONE, 20, 0.5)]) == pytest.approx([0.9, 0.5, 0.975], abs=0.002)
