"""Equilibria of negotiations, against closed forms and by hand."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from simulator.bargaining.rules import Discount, Outcome, Party, Rules
from simulator.bargaining.solutions import finite_horizon_share
from simulator.bargaining.subgame_perfect import Course, TieRule, price_grid, subgame_perfect

STAHL = Rules(
    offers=2, answer_last=True, first_round=0, discount=Discount.GEOMETRIC, delta=0.5, speed_bonus=0, walk_away=0, timeout=0,
    supplier=(0, 0), retailer=(1, 1), low=0, high=1,
)  # fmt: skip
REJECT = TieRule.REJECT_WHEN_EQUAL


def changed(**changes: Any) -> Rules:
    return msgspec.structs.replace(STAHL, **changes)


@pytest.mark.parametrize("delta", [1e-9, 0.05, 0.3, 0.5, 0.9, 0.999])
def test_every_first_mover_has_stahls_share_in_every_subgame(delta: float) -> None:
    for offers in range(1, 31):
        found = subgame_perfect(changed(offers=offers, delta=delta), 0, 1)
        assert found.price[0] == pytest.approx(finite_horizon_share(offers, delta), abs=1e-12)
        for turn in range(offers if delta >= 0.05 else 1):
            share = found.price[turn] if STAHL.proposer(turn) is Party.SUPPLIER else 1.0 - found.price[turn]
            assert share == pytest.approx(finite_horizon_share(offers - turn, delta), abs=1e-12)


def test_the_retailer_moving_first_is_the_mirror_image() -> None:
    supplier, retailer = (subgame_perfect(changed(offers=5, first=party), 0, 1) for party in Party)
    np.testing.assert_allclose(supplier.price, 1.0 - retailer.price)
    np.testing.assert_allclose(supplier.payoff, retailer.payoff[:, ::-1])


def test_a_responder_accepts_from_its_threshold_on() -> None:
    found = subgame_perfect(STAHL, 0, 1)
    assert found.threshold[1:].tolist() == [0.5, 0.0]
    assert found.accepts(1, 0.5) and not found.accepts(1, 0.5001)
    assert np.isnan(found.threshold[0])


def test_one_offer_with_an_answer_takes_all() -> None:
    found = subgame_perfect(changed(offers=1), 0.25, 0.75)
    assert found.ending() == (Outcome.DEAL, 0, 0.75, (0.5, 0.0))
    assert found.course.tolist() == [Course.OFFER_ACCEPTED, Course.TIME_OUT]


def test_one_offer_without_an_answer_runs_out_of_time_unless_walking_away_is_better() -> None:
    assert subgame_perfect(changed(offers=1, answer_last=False, timeout=-5), 0, 1).course.tolist() == [Course.WALK_AWAY]
    out = subgame_perfect(changed(offers=1, answer_last=False, timeout=-5, walk_away=-10), 0, 1)
    ending = out.ending()
    assert ending.outcome is Outcome.TIMEOUT and ending.payoffs == (-5.0, -5.0) and np.isnan(ending.price)
    assert out.price.tolist() == [1.0]


def test_who_cannot_be_answered_accepts_at_a_loss_up_to_the_penalty() -> None:
    rules = Rules(offers=2, answer_last=False, discount=Discount.NONE, speed_bonus=0)  # walk away -10, time out -5
    found = subgame_perfect(rules, 5000, 8000)
    assert found.threshold[1] == 8005.0
    assert found.ending() == (Outcome.DEAL, 0, 8005.0, (3005.0, -5.0))


def test_the_default_game_by_hand() -> None:
    # last answered offer: turn 8, by the supplier, kept 0.01: the retailer accepts 8000 + 5 / 0.01
    found = subgame_perfect(Rules(), 5000, 8000)
    assert found.threshold[9] == pytest.approx(8500)
    assert found.threshold[8] == pytest.approx(5000 + 0.01 * 3500 / 0.04)  # waiting is worth 35, of which 0.04 is kept
    assert found.ending().outcome is Outcome.DEAL and found.ending().turn == 0
    np.testing.assert_allclose(found.payoff[0], [Rules().payoff(Party(p), (5000, 8000)[p], found.price[0], 0) for p in (0, 1)])


def test_without_a_zone_of_agreement_nobody_deals_unless_penalties_are_worse() -> None:
    found = subgame_perfect(changed(offers=3), 0.8, 0.3)
    assert found.ending().outcome is Outcome.TIMEOUT and found.ending().payoffs == (0.0, 0.0)
    assert set(found.course.tolist()) == {Course.OFFER_REFUSED, Course.TIME_OUT}
    forced = subgame_perfect(changed(offers=1, timeout=-0.7, walk_away=-2), 0.8, 0.3)
    assert forced.ending().outcome is Outcome.DEAL and forced.ending().price == pytest.approx(1.0)  # 0.3 + 0.7


def test_equal_valuations_meet_at_the_only_price() -> None:
    assert subgame_perfect(changed(offers=4), 0.4, 0.4).ending() == (Outcome.DEAL, 0, 0.4, (0.0, 0.0))


def test_thresholds_are_clipped_to_legal_prices_and_infinite_where_nothing_is_acceptable() -> None:
    greedy = subgame_perfect(changed(offers=1, timeout=-5, walk_away=-9), 0, 1)
    assert greedy.threshold[1] == 1.0 and greedy.price[0] == 1.0
    proud = subgame_perfect(changed(offers=2, timeout=2, walk_away=-9), 0, 1)
    assert proud.threshold[1:].tolist() == [-np.inf, np.inf]
    assert proud.ending().payoffs == (2.0, 2.0)


def test_where_walking_away_pays_more_than_a_deal_one_walks_after_refused_offers() -> None:
    found = subgame_perfect(changed(offers=3, walk_away=0.9), 0, 1)
    assert found.course.tolist() == [Course.OFFER_REFUSED] * 3 + [Course.WALK_AWAY]  # sooner would be worth the same
    assert found.ending()[:2] == (Outcome.WALKED_AWAY, 3) and found.ending().payoffs == (0.9, 0.9)


def test_walking_away_is_as_good_as_a_share_of_the_surplus() -> None:
    found = subgame_perfect(changed(offers=1, walk_away=0.2), 0, 1)
    assert found.ending() == (Outcome.DEAL, 0, 0.8, (0.8, pytest.approx(0.2)))


def test_a_round_in_which_nothing_is_left_takes_any_price() -> None:
    found = subgame_perfect(changed(offers=1, first_round=1, discount=Discount.QUADRATIC), 0.2, 0.7)
    assert found.threshold[1] == 1.0 and found.ending() == (Outcome.DEAL, 0, 1.0, (0.0, 0.0))


def test_tie_rules_move_a_grid_price_by_one_step() -> None:
    for step in (0.5, 0.25, 0.01):
        assert subgame_perfect(changed(offers=1), 0, 1, step).price[0] == 1.0
        assert subgame_perfect(changed(offers=1), 0, 1, step, REJECT).price[0] == 1.0 - step
        assert subgame_perfect(STAHL, 0, 1, step).price.tolist()[:2] == [0.5, 0.0]
        assert subgame_perfect(STAHL, 0, 1, step, REJECT).price.tolist()[:2] == [0.5, step]  # 0.5 is now more than half of 1 - step


def test_a_fine_grid_comes_near_to_all_prices() -> None:
    rules = Rules(offers=6, answer_last=True)
    exact = subgame_perfect(rules, 5000, 8000)
    for tie in TieRule:
        assert subgame_perfect(rules, 5000, 8000, 0.1, tie).price[0] == pytest.approx(exact.price[0], abs=0.5)


def test_grid_prices_are_on_the_grid_and_keep_both_ends() -> None:
    assert price_grid(STAHL, 0.1).tolist() == pytest.approx([number / 10 for number in range(11)])
    rules = Rules(offers=5, answer_last=True, low=100, high=10_000)
    found = subgame_perfect(rules, 5000, 8000, 100)
    assert np.isin(found.price[:5], price_grid(rules, 100)).all()


def test_bad_input_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValueError, match=r"retailer value 2 does not lie in the prices 0 to 1; change one"):
        subgame_perfect(STAHL, 0, 2)
    with pytest.raises(ValueError, match=r"steps of 0.3 do not lead from 0 to 1; choose one that divides"):
        subgame_perfect(STAHL, 0, 1, 0.3)
    with pytest.raises(ValueError, match="steps of 0 do not lead"):
        price_grid(STAHL, 0)
    with pytest.raises(ValueError, match="tie rule reject has no equilibrium over all prices; give the step"):
        subgame_perfect(STAHL, 0, 1, tie=REJECT)
