"""Prices and shares that theory names, against its closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.bargaining.frontier import egalitarian_on_frontier, kalai_smorodinsky_on_frontier, nash_on_frontier
from simulator.bargaining.solutions import (
    egalitarian_price,
    finite_horizon_share,
    is_individually_rational,
    kalai_smorodinsky_price,
    nash_price,
    no_profitable_deviation,
    outside_option_shares,
    price_of_share,
    rubinstein_share,
    surplus,
    zone_of_agreement,
)

DISCOUNTS = [0.05, 0.5, 0.9, 0.999]


def test_nash_price_is_the_middle_and_moves_with_weight_and_outside_utilities() -> None:
    assert nash_price([5000, 4000], [8000, 4000]).tolist() == [6500.0, 4000.0]
    assert nash_price(5000, 8000, weight=0.75) == 7250.0
    assert nash_price(5000, 8000, outside=(-10, -10)) == 6500.0  # equal penalties widen the zone on both sides
    assert nash_price(5000, 8000, outside=(600, 0)) == 6800.0


def test_the_three_solutions_coincide_where_utility_is_linear() -> None:
    for outside in ((0.0, 0.0), (600.0, -200.0)):
        expected = nash_price([10, 5000], [900, 8000], outside=outside)
        np.testing.assert_array_equal(kalai_smorodinsky_price([10, 5000], [900, 8000], outside), expected)
        np.testing.assert_array_equal(egalitarian_price([10, 5000], [900, 8000], outside), expected)


def test_nash_price_maximises_the_product_of_gains() -> None:
    prices = np.linspace(5000, 8000, 3001)
    product = np.maximum(prices - 5000 - 300, 0) ** 0.3 * np.maximum(8000 - prices - 100, 0) ** 0.7
    assert nash_price(5000, 8000, weight=0.3, outside=(300, 100)) == pytest.approx(prices[np.argmax(product)])


def test_without_a_zone_there_is_no_price() -> None:
    assert zone_of_agreement(8000, 7000) is None
    assert zone_of_agreement(5000, 8000, outside=(2000, 2000)) is None
    assert zone_of_agreement(5000, 5000) == (5000.0, 5000.0)
    assert np.isnan(nash_price([8000, 5000], [7000, 8000])).tolist() == [True, False]
    assert surplus([8000, 5000], [7000, 8000]).tolist() == [-1000.0, 3000.0]


def test_bounds_of_the_zone_are_rational_and_what_is_beyond_is_not() -> None:
    assert is_individually_rational([4999, 5000, 8000, 8001], 5000, 8000).tolist() == [False, True, True, False]


def test_a_deviation_that_gains_is_found() -> None:
    assert no_profitable_deviation([[1, 1], [1, 1]], [[[0, 1], [1, 0]], [[0, 1], [2, 0]]]).tolist() == [True, False]


@pytest.mark.parametrize("discount", DISCOUNTS)
def test_finite_shares_follow_their_recursion_and_reach_rubinsteins(discount: float) -> None:
    share = 1.0
    for offers in range(1, 31):
        assert finite_horizon_share(offers, discount) == pytest.approx(share, abs=1e-12)
        share = 1.0 - discount * share
    assert finite_horizon_share(100_000, discount) == pytest.approx(rubinstein_share(discount), abs=1e-12)


def test_two_discounts_leave_each_indifferent_to_waiting() -> None:
    first, second = 0.9, 0.6
    offered, counter = rubinstein_share(first, second), 1.0 - rubinstein_share(second, first)
    assert 1.0 - offered == pytest.approx(second * (1.0 - counter))
    assert counter == pytest.approx(first * offered)


def test_an_outside_option_counts_only_above_the_share_without_it() -> None:
    assert outside_option_shares(0.9, 0.4) == pytest.approx((1 / 1.9, 0.9 / 1.9))
    assert outside_option_shares(0.9, 0.6) == (0.4, 0.6)
    assert outside_option_shares(0.9, 1.0) == (0.0, 1.0)
    assert outside_option_shares(0.9, 1.5) == (0.0, 1.5)
    assert outside_option_shares(0.9, 0.05, second=0.5) == pytest.approx((0.5 / 0.55, 0.05 / 0.55))


def test_a_straight_frontier_has_the_solutions_of_a_price() -> None:
    frontier = [[0, 3000], [3000, 0]]
    for solution in (nash_on_frontier, kalai_smorodinsky_on_frontier, egalitarian_on_frontier):
        assert solution(frontier, (600, 0)) == pytest.approx([1800, 1200])
        assert solution(frontier, (2000, 2000)) is None
    assert nash_on_frontier(frontier, weight=0.75) == pytest.approx([2250, 750])
    assert nash_on_frontier([[1, 3], [3, 1]], weight=0.6) == pytest.approx([2.4, 1.6])


def test_a_bent_frontier_tells_the_solutions_apart() -> None:
    frontier = [[0, 1], [1, 0.75], [2, 0]]  # bends at (1, 3/4)
    assert nash_on_frontier(frontier) == pytest.approx([1, 0.75])
    assert kalai_smorodinsky_on_frontier(frontier) == pytest.approx([1.2, 0.6])  # where u_1 / 2 = u_2 / 1
    assert egalitarian_on_frontier(frontier) == pytest.approx([0.8, 0.8])
    assert kalai_smorodinsky_on_frontier(frontier, (0, 0.3)) == pytest.approx([1.92 / 1.9, 1.5 - 0.75 * 1.92 / 1.9])  # ideal gains 1.6, 0.7


def test_nash_on_a_round_frontier_is_kept_by_scales_and_found_on_pieces() -> None:
    angle = np.linspace(0, np.pi / 2, 2001)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert nash_on_frontier(circle) == pytest.approx([0.5**0.5] * 2, abs=1e-6)
    assert nash_on_frontier(circle * [7, 0.1]) == pytest.approx([7 * 0.5**0.5, 0.1 * 0.5**0.5], abs=1e-5)
    assert nash_on_frontier(circle, weight=0.8) == pytest.approx([0.8**0.5, 0.2**0.5], abs=1e-3)


def test_ends_of_a_frontier_and_a_single_point() -> None:
    assert egalitarian_on_frontier([[2, 1], [3, 0]]) == pytest.approx([2, 1])
    assert nash_on_frontier([[2, 1]]) == pytest.approx([2, 1])
    assert kalai_smorodinsky_on_frontier([[2, 1]], outside=(2, 1)) == pytest.approx([2, 1])
    assert nash_on_frontier([[0, 1], [1, 0]], weight=1.0) == pytest.approx([1, 0])


def test_bad_input_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValueError, match=r"share 1.5 of the surplus is not in 0..1; choose one"):
        price_of_share(1.5, 5000, 8000)
    with pytest.raises(ValueError, match=r"supplier_value nan is not finite; give numbers"):
        nash_price(float("nan"), 8000)
    with pytest.raises(ValueError, match=r"discount 1.0 is not in \[0, 1\).* lower it"):
        rubinstein_share(1.0)
    with pytest.raises(ValueError, match="0 offers share nothing; allow at least one"):
        finite_horizon_share(0, 0.5)
    with pytest.raises(ValueError, match=r"deviations of shape \(2,\) for payoffs of shape \(2,\); give"):
        no_profitable_deviation([1, 2], [1, 2])
    with pytest.raises(ValueError, match=r"point \[0.0, 0.0\] is dominated by another; keep"):
        nash_on_frontier([[0, 0], [1, 1]])
    with pytest.raises(ValueError, match=r"points of shape \(2,\) are not \(m, 2\) finite utilities; give"):
        egalitarian_on_frontier([0, 1])
