"""Figures of negotiations by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.metrics import (
    deal_rate,
    fairness_score,
    false_deal_rate,
    first_mover_gap,
    midpoint_distance,
    negotiation_efficiency,
    negotiation_figures,
    price_distance,
    rationality_violations,
    rounds_distribution,
    surplus_efficiency,
)

# a fair deal, a deal below the supplier's valuation, none despite a surplus, a false deal, none without a surplus
DEAL = [1, 1, 0, 1, 0]
PRICE = [6500, 4700, np.nan, 5000, np.nan]
ROUNDS = [2, 6, 10, 4, 10]
SUPPLIER = [5000, 5000, 5000, 6000, 6000]
RETAILER = [8000, 8000, 8000, 5000, 4000]


def test_distances_are_shares_of_the_surplus_or_of_the_middle() -> None:
    assert price_distance([6500, 5000, 9500], 6500, 5000, 8000).tolist() == [0.0, 0.5, 1.0]
    assert np.isnan(price_distance([6500, 5000], 5000, [5000, 6000], 5000)).all()
    assert midpoint_distance([6500, 13_000, 0], 5000, 8000).tolist() == [0.0, 1.0, 1.0]
    assert np.isnan(midpoint_distance(0, 0, 0))


def test_fairness_is_1_in_the_middle_and_0_at_the_ends_and_beyond() -> None:
    assert fairness_score([6500, 5000, 8000, 4000, 5750], 5000, 8000).tolist() == [1.0, 0.0, 0.0, 0.0, 0.5]
    assert np.isnan(fairness_score(5000, 5000, 5000))


def test_speed_has_a_bonus_up_to_three_rounds_and_a_cap() -> None:
    assert negotiation_efficiency([0, 1, 3, 4, 10], 10) == pytest.approx([1.0, 1.0, 0.9, 0.6, 0.0])


def test_rounds_are_counted_for_deals_only() -> None:
    assert rounds_distribution(DEAL, ROUNDS, 10).tolist() == [0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0]


def test_rates_have_their_own_denominators() -> None:
    assert deal_rate(DEAL, SUPPLIER, RETAILER) == pytest.approx(2 / 3)
    assert false_deal_rate(DEAL, SUPPLIER, RETAILER) == pytest.approx(1 / 3)
    assert rationality_violations(DEAL, PRICE, SUPPLIER, RETAILER) == pytest.approx((2 / 3, 0.0))
    assert false_deal_rate([1, 0], [5, 6], [5, 5]) == 0.0  # at equal valuations a price suits both


def test_surplus_counts_false_deals_against_and_delay_if_asked() -> None:
    assert surplus_efficiency(DEAL, SUPPLIER, RETAILER) == pytest.approx((3000 + 3000 - 1000) / 9000)
    assert surplus_efficiency([1, 1], [0, 0], [10, 10], left=[0.81, 0.25]) == pytest.approx(0.53)


def test_the_first_mover_may_be_either() -> None:
    assert first_mover_gap([1, 1, 1], [8000, 6500, 5000], 5000, 8000) == 0.0
    assert first_mover_gap([1, 1, 0], [8000, 5000, 5000], 5000, 8000, first=[0, 1, 0]) == 1.0


def test_all_figures_in_one_row() -> None:
    found = negotiation_figures(DEAL, PRICE, ROUNDS, SUPPLIER, RETAILER, 10)
    assert (found.negotiations, found.deals, found.rounds) == (5, 0.6, 4.0)
    assert found.fairness == pytest.approx(0.5) and found.first_mover_gap == pytest.approx((0.0 - 1.2) / 2)
    assert found.midpoint_distance == pytest.approx((0 + 1800 / 6500 + 500 / 5500) / 3)
    assert found.negotiation_efficiency == pytest.approx((1.0 + 0.4 + 0.6) / 3)
    assert (found.deals_on_surplus, found.false_deals, found.supplier_losses, found.retailer_losses) == pytest.approx(
        (2 / 3, 1 / 3, 2 / 3, 0)
    )


def test_without_deals_or_surplus_there_is_no_figure() -> None:
    found = negotiation_figures([0], [np.nan], [10], [6000], [5000], 10)
    assert found.deals == 0.0
    assert np.isnan([found.deals_on_surplus, found.false_deals, found.surplus_efficiency, found.fairness, found.rounds]).all()


def test_bad_input_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValueError, match="deal 3 is neither 0 nor 1; compare with"):
        deal_rate([1, 3], 5000, 8000)
    with pytest.raises(ValueError, match=r"rounds \[11.0\] are not in 0..10; give the maximum"):
        negotiation_efficiency([11], 10)
    with pytest.raises(ValueError, match=r"columns of shapes \[\(2,\), \(3,\), \(\)\] are not of the same negotiations; give"):
        deal_rate([1, 0], [1, 2, 3], 4)
