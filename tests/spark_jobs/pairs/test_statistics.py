"""Numbers of every two agents at once, on cases that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from spark_jobs.detection.pairs.statistics import beside_own, cosine, excess, highest, likeness, lowest, tie


def test_excess_is_the_rate_of_large_deviations_with_a_sign() -> None:
    more, as_many, fewer, none = excess(np.array([8.0, 2.0, 1.0, 0.0]), np.array([2.0, 2.0, 2.0, 2.0]))
    assert more == pytest.approx(8 * np.log(4) - 6) and as_many == 0.0
    assert fewer == pytest.approx(np.log(2) - 1) and none == -2.0


def test_a_tie_is_beside_three_times_the_even_share_of_the_busier_one() -> None:
    count = np.zeros((5, 5))
    count[0, 1] = count[1, 0] = 8.0
    ties = tie(count)
    assert ties[0, 1] == ties[1, 0] == pytest.approx(8 * np.log(8 / 6) - 8 + 6), "8 contacts, of which 3 in 4 would be 6"
    assert ties[0, 2] == pytest.approx(-6.0) and ties[2, 3] == pytest.approx(0.0, abs=1e-6)


def test_the_lower_and_the_higher_of_two() -> None:
    each = np.array([3.0, 1.0, 2.0])
    assert lowest(each)[0].tolist() == [3.0, 1.0, 2.0] and highest(each)[2].tolist() == [3.0, 2.0, 2.0]


def test_who_stands_out_must_do_so_among_those_of_both() -> None:
    pairs = np.zeros((6, 6))
    pairs[0, 1] = pairs[1, 0] = 5.0
    pairs[2, :] = pairs[:, 2] = 5.0  # this one is so with everybody
    out = beside_own(pairs)
    assert out[0, 1] == out.max() or out[0, 1] == pytest.approx(out.max())
    assert out[2, 3] < out[0, 1] and np.array_equal(out, out.T)


def test_likeness_is_beside_the_crowd_and_ignores_those_who_are_not_there() -> None:
    up, down = np.array([1.0, 2.0, 1.0, 2.0]), np.array([2.0, 1.0, 2.0, 1.0])
    found = likeness(np.stack([up, up, down, down]), np.ones((4, 4), np.bool_))
    assert found[0, 1] == pytest.approx(1.0) and found[0, 2] == pytest.approx(-1.0)
    moved = likeness(np.stack([up, up, down, down]) + np.array([0.0, 50.0, 0.0, 90.0]), np.ones((4, 4), np.bool_))
    assert moved == pytest.approx(found), "what all do at once says nothing"
    there = np.ones((4, 4), np.bool_)
    there[3] = False
    assert likeness(np.stack([up, up, down, down]), there)[3].tolist() == [0.0, 0.0, 0.0, 0.0]


def test_cosines_of_rows_of_nothing_are_nothing() -> None:
    found = cosine(np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]))
    assert found[0, 1] == pytest.approx(np.sqrt(0.5)) and found[2].tolist() == [0.0, 0.0, 0.0]
