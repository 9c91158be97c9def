"""Frontiers and solutions over finite sets, against plain definitions."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.bargaining.several_issues import (
    egalitarian_outcome,
    kalai_smorodinsky_outcome,
    nash_outcome,
    pareto_mask,
    utilitarian_outcome,
)

SOLUTIONS = [nash_outcome, kalai_smorodinsky_outcome, egalitarian_outcome]


def undominated(table: NDArray[np.float64]) -> list[bool]:
    return [not any((other >= row).all() and (other > row).any() for other in table) for row in table]


@pytest.mark.parametrize("parties", [2, 3, 5])
def test_the_frontier_is_what_nothing_dominates(parties: int) -> None:
    for seed in range(5):
        table = np.random.default_rng(seed).integers(0, 6, (60, parties)).astype(float)  # with many ties and equals
        assert pareto_mask(table).tolist() == undominated(table)


def test_the_frontier_of_many_outcomes_of_two() -> None:
    angle = np.random.default_rng(1).uniform(0, np.pi / 2, 100_000)
    radius = np.where(np.arange(100_000) % 2, 1.0, 0.5)
    mask = pareto_mask(np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius[:, None])
    assert mask[1::2].all() and mask[::2].sum() == 0


def test_price_and_quantity_are_negotiated_as_one_package() -> None:
    price, quantity = (axis.ravel() for axis in np.meshgrid(np.arange(0, 21), np.arange(0, 11), indexing="ij"))
    supplier = price - quantity**2 / 10
    retailer = 2 * quantity - quantity**2 / 10 - price
    utilities = np.stack([supplier, retailer], axis=1)
    # the sum 2 q - q^2 / 5 is highest at 5, where it is 5; both solutions share it equally, but the price 5 is the only whole one
    for solution in SOLUTIONS:
        chosen = solution(utilities)
        assert chosen is not None and (price[chosen], quantity[chosen]) == (5, 5)
    assert quantity[utilitarian_outcome(utilities)] == 5


def test_each_solution_chooses_its_own() -> None:
    table = [[0, 10, 10], [3, 3, 3], [4, 2, 8], [9, 1, 9], [20, 0, 12]]
    assert nash_outcome(table) == 3  # product 81
    assert egalitarian_outcome(table) == 1
    assert kalai_smorodinsky_outcome(table) == 2  # smallest share of (20, 10, 12): 0.15, 0.2, 0.1
    assert utilitarian_outcome(table) == 4


def test_nash_and_kalai_smorodinsky_do_not_depend_on_scales_and_the_others_do() -> None:
    table, shift = np.array([[1.0, 10.0], [9.0, 1.0], [5.0, 5.0]]), np.array([5.0, -2.0])
    scaled = table * [10, 1] + shift
    assert nash_outcome(table) == nash_outcome(scaled, shift) == 2
    assert kalai_smorodinsky_outcome(table) == kalai_smorodinsky_outcome(scaled, shift) == 2
    assert (utilitarian_outcome(table), utilitarian_outcome(scaled)) == (0, 1)
    assert (egalitarian_outcome(table), egalitarian_outcome(scaled, shift)) == (2, 0)


@pytest.mark.parametrize("seed", range(5))
def test_solutions_are_efficient_and_leave_nobody_below_its_outside_utility(seed: int) -> None:
    table = np.random.default_rng(seed).integers(0, 5, (40, 3)).astype(float)
    for solution in SOLUTIONS:
        chosen = solution(table, [1, 1, 1])
        assert chosen is not None and pareto_mask(table)[chosen] and (table[chosen] >= 1).all()
    assert pareto_mask(table)[utilitarian_outcome(table)]


def test_without_an_acceptable_outcome_there_is_none() -> None:
    for solution in SOLUTIONS:
        assert solution([[1, -1], [-1, 1]]) is None
        assert solution([[0, 0], [0, 2], [-1, 9]]) == 1  # nobody loses, one gains nothing


def test_weights_are_powers() -> None:
    table = [[1.0, 9.0], [4.0, 4.0], [9.0, 1.0]]
    assert [nash_outcome(table, weights=weights) for weights in ([1, 1], [5, 1], [1, 5])] == [1, 2, 0]
    assert utilitarian_outcome(table, weights=[2, 1]) == 2


def test_bad_input_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValueError, match=r"utilities of shape \(2, 1\) are not \(outcomes, parties\); give a row"):
        pareto_mask([[1], [2]])
    with pytest.raises(ValueError, match="utility nan is not finite; leave that outcome out"):
        utilitarian_outcome([[1, np.nan]])
    with pytest.raises(ValueError, match="weight 0.0 is not positive; leave the party out"):
        nash_outcome([[1, 2]], weights=[0, 1])
    with pytest.raises(ValueError, match=r"outside \[0.0\] are not a finite number for each of 2 parties; give 2"):
        egalitarian_outcome([[1, 2]], [0])
