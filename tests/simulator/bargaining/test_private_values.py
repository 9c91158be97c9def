"""The linear equilibrium of the double auction, against samples and against every other offer."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.bargaining.private_values import (
    EFFICIENCY_CEILING,
    EXPECTED_GAINS,
    FIRST_BEST_GAINS,
    TRADED_SHARE,
    buyer_offer,
    efficiency_ceiling,
    expected_gains,
    first_best_gains,
    seller_offer,
    trade_price,
    trades,
)
from simulator.bargaining.rules import Rules


def test_offers_are_linear_and_cross_a_quarter_apart() -> None:
    assert seller_offer([0.0, 0.75]).tolist() == pytest.approx([1 / 4, 3 / 4])
    assert buyer_offer([0.25, 1.0]).tolist() == pytest.approx([1 / 4, 3 / 4])
    assert trades([0.3, 0.3], [0.55, 0.5499]).tolist() == [True, False]
    assert trade_price([0.0, 0.5], [1.0, 0.5]).tolist() == pytest.approx([0.5, np.nan], nan_ok=True)


def test_constants_agree_with_each_other() -> None:
    assert EXPECTED_GAINS / FIRST_BEST_GAINS == EFFICIENCY_CEILING
    assert expected_gains((4000, 6000)) / first_best_gains((4000, 6000)) == EFFICIENCY_CEILING


def test_samples_reach_the_ceiling_and_the_share_of_trades() -> None:
    seller, buyer = np.random.default_rng(0).uniform(4000, 6000, (2, 400_000))
    support = (4000.0, 6000.0)
    traded, surplus = seller_offer(seller, support) <= buyer_offer(buyer, support), buyer - seller
    assert (traded == trades(seller, buyer, support)).mean() > 0.9999  # but for rounding at the edge
    assert surplus[traded].sum() / surplus[surplus > 0].sum() == pytest.approx(EFFICIENCY_CEILING, rel=0.01)
    assert traded.sum() / (surplus > 0).sum() == pytest.approx(TRADED_SHARE, rel=0.01)
    assert (surplus * traded).mean() == pytest.approx(expected_gains(support), rel=0.01)


@pytest.mark.parametrize("value", [0.0, 0.3, 0.7])
def test_no_other_offer_is_better_for_a_seller_or_a_buyer(value: float) -> None:
    others, offers = np.linspace(0, 1, 2001), np.linspace(0, 1, 201)
    bids, asks = buyer_offer(others)[:, None], seller_offer(others)[:, None]
    selling = np.where(offers <= bids, (offers + bids) / 2 - value, 0.0).mean(axis=0)
    assert offers[np.argmax(selling)] == pytest.approx(float(seller_offer(value)), abs=0.006)
    buying = np.where(offers >= asks, 1 - value - (offers + asks) / 2, 0.0).mean(axis=0)
    assert offers[np.argmax(buying)] == pytest.approx(float(buyer_offer(1 - value)), abs=0.006)


def test_ceilings_by_support() -> None:
    assert efficiency_ceiling(Rules()) == 1.0
    assert efficiency_ceiling(Rules(supplier=(4000, 7000), retailer=(7000, 9000))) == 1.0
    assert efficiency_ceiling(Rules(supplier=(5000, 5000), retailer=(4000, 9000))) == 1.0  # the retailer offers the known 5000
    assert efficiency_ceiling(Rules(supplier=(4000, 9000), retailer=(6000, 6000))) == 1.0
    assert efficiency_ceiling(Rules(supplier=(4000, 9000), retailer=(4000, 9000))) == 27 / 32


def test_bad_input_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValueError, match="overlap in part.* make the supports equal or disjoint"):
        efficiency_ceiling(Rules(supplier=(4000, 8000), retailer=(7000, 9000)))
    with pytest.raises(ValueError, match=r"retailer values up to 4000 never exceed supplier values from 5000; raise"):
        efficiency_ceiling(Rules(supplier=(5000, 6000), retailer=(3000, 4000)))
    with pytest.raises(ValueError, match=r"value 1.5 is not in the support 0.0 to 1.0; widen"):
        seller_offer(1.5)
    with pytest.raises(ValueError, match="support from 3 to 3 is no range; give"):
        expected_gains((3, 3))
