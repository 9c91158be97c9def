"""Who is unlike all others is told so, and where."""

from __future__ import annotations

import numpy as np

from spark_jobs.clustering.novelty import novelty


def crowd(odd: int = 17) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    rows = np.random.default_rng(3).normal(size=(80, 5))
    rows[5, 2] = np.nan
    rows[odd, 3] = 15.0
    return rows


def test_the_odd_one_has_the_highest_score_and_its_feature_is_named() -> None:
    found = novelty(crowd())
    assert found.scores.argmax() == 17 and found.furthest[17] == 3
    assert np.median(found.scores) < 0.5 < found.scores[17]


def test_the_order_of_the_agents_changes_nothing() -> None:
    rows, order = crowd(), np.random.default_rng(4).permutation(80)
    assert np.array_equal(novelty(rows[order]).scores, novelty(rows).scores[order])


def test_among_few_nobody_is_odd() -> None:
    assert novelty(crowd()[:4]).scores.tolist() == [0.5] * 4
