"""The protocol turn by turn: who may do what, what is counted, and what an end is worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.bargaining.draws import begin
from simulator.bargaining.protocol import game_of, step_rows
from simulator.bargaining.rules import ActionType, Discount, Outcome, Party, Rules

ACCEPT, COUNTER, WALK = ActionType.ACCEPT, ActionType.COUNTER, ActionType.WALK_AWAY
PLAIN = Rules(offers=10, supplier=(5000, 5000), retailer=(8000, 8000))


def played(rules: Rules, *turns: tuple[ActionType, float] | ActionType) -> tuple[Any, list[float]]:
    """Play turns of one negotiation; its row and the last rewards."""
    rows, rewards = begin(rules, 1, 1), np.zeros((1, 2))
    for turn in turns:
        kind, price = turn if isinstance(turn, tuple) else (turn, 0.0)
        step_rows(game_of(rules), rows, np.array([int(kind)]), np.array([float(price)]), rewards)
    return rows[0], rewards[0].tolist()


def test_an_offer_that_is_accepted_is_a_deal() -> None:
    row, rewards = played(PLAIN, (COUNTER, 7000), (COUNTER, 6000), ACCEPT)
    assert (row["outcome"], row["price"], row["standing"], row["offers"]) == (Outcome.DEAL, 6000, 1, 2)
    assert rewards == [1000 * 0.8**2 + 5, 2000 * 0.8**2 + 5]


def test_the_bonus_is_for_deals_before_a_share_of_the_offers() -> None:
    _, early = played(PLAIN, (COUNTER, 6000), ACCEPT)
    _, late = played(PLAIN, *[(COUNTER, 6000)] * 3, ACCEPT)
    assert early[0] == pytest.approx(1000 * 0.81 + 5) and late[0] == pytest.approx(1000 * 0.49)


def test_walking_away_costs_both() -> None:
    row, rewards = played(PLAIN, (COUNTER, 7000), WALK)
    assert (row["outcome"], rewards) == (Outcome.WALKED_AWAY, [-10, -10])


def test_time_runs_out_with_the_last_offer_or_with_its_answer() -> None:
    for answer_last, turns in ((False, 3), (True, 4)):
        rules = Rules(offers=3, answer_last=answer_last)
        assert played(rules, *[(COUNTER, 6000)] * (turns - 1))[0]["outcome"] == Outcome.RUNNING
        row, rewards = played(rules, *[(COUNTER, 6000)] * turns)
        assert (row["outcome"], row["offers"], rewards) == (Outcome.TIMEOUT, 3, [-5, -5])


def test_the_end_of_the_last_round_is_its_own() -> None:
    rules = Rules(offers=1, answer_last=True, supplier=(5000, 5000), retailer=(8000, 8000), discount=Discount.NONE, speed_bonus=0)
    assert played(rules, (COUNTER, 6000), ACCEPT)[1] == [1000, 2000]
    assert played(rules, (COUNTER, 6000), WALK)[1] == [-10, -10]
    assert played(rules, WALK)[1] == [-10, -10]
    assert played(Rules(offers=1), (COUNTER, 6000))[1] == [-5, -5]


def test_nothing_changes_after_the_end() -> None:
    before, _ = played(PLAIN, (COUNTER, 6000), ACCEPT)
    after, rewards = played(PLAIN, (COUNTER, 6000), ACCEPT, WALK)
    assert before == after and rewards == [0, 0]


@pytest.mark.parametrize("turn", [ACCEPT, (COUNTER, float("nan"))])
def test_a_wasted_turn_counts_and_is_reported(turn: Any) -> None:
    row, _ = played(PLAIN, turn)
    assert (row["offers"], row["illegal"], row["made"], row["turn"]) == (1, 1, 0, Party.RETAILER)
    row, _ = played(PLAIN, turn, ACCEPT)
    assert (row["offers"], row["illegal"], row["outcome"]) == (2, 2, Outcome.RUNNING)


@pytest.mark.parametrize(("price", "legal"), [(-1, 0), (10_001, 10_000), (float("inf"), 10_000), (0, 0), (10_000, 10_000)])
def test_a_price_out_of_bounds_is_moved_to_the_nearest_legal_one(price: float, legal: float) -> None:
    row, _ = played(PLAIN, (COUNTER, price))
    assert (row["price"], row["illegal"]) == (legal, int(price != legal))


def test_nobody_accepts_its_own_offer_after_a_wasted_turn() -> None:
    row, _ = played(PLAIN, (COUNTER, 7000), (COUNTER, float("nan")), ACCEPT)
    assert (row["outcome"], row["standing"], row["illegal"]) == (Outcome.RUNNING, -1, 2)


def test_the_retailer_may_begin() -> None:
    row, _ = played(Rules(first=Party.RETAILER), (COUNTER, 3000))
    assert (row["turn"], row["before"].tolist()) == (Party.SUPPLIER, [0, 3000])


def test_beliefs_follow_the_other_ones_offers() -> None:
    row, _ = played(PLAIN, (COUNTER, 7000))
    assert row["belief"].tolist() == pytest.approx([8000, 5000 + 0.3 * 2000])
    rules = Rules(supplier=(4000, 6000), retailer=(7000, 9000))
    doubt = begin(rules, 1, 1)["doubt"][0]
    assert doubt.tolist() == pytest.approx([2000**2 / 12] * 2)
    assert played(rules, (COUNTER, 7000))[0]["doubt"].tolist() == pytest.approx([doubt[0], 0.9 * doubt[1]])


@pytest.mark.parametrize("discount", list(Discount))
@pytest.mark.parametrize("first_round", [0, 1])
def test_compiled_payoffs_are_those_of_the_rules(discount: Discount, first_round: int) -> None:
    rules = Rules(offers=6, discount=discount, first_round=first_round, delta=0.9, supplier=(4000, 4000), retailer=(9000, 9000))
    for offers in range(1, 6):
        _, rewards = played(rules, *[(COUNTER, 6000)] * offers, ACCEPT)
        assert rewards == pytest.approx(
            [rules.payoff(party, value, 6000, offers - 1) for party, value in zip(Party, (4000, 9000), strict=True)]
        )


def test_a_negotiation_is_the_same_in_every_batch() -> None:
    whole = begin(PLAIN, 3, 10)
    parts = np.concatenate([begin(PLAIN, 3, 4), begin(PLAIN, 3, 6, 4)])
    assert np.array_equal(whole, parts) and len(set(whole["random"].tolist())) == 10
    wide = begin(Rules(), 3, 20_000)["value"]
    assert wide.min(axis=0).tolist() == pytest.approx([4000, 7000], abs=2) and wide.mean(axis=0).tolist() == pytest.approx(
        [5000, 8000], abs=15
    )
    assert abs(np.corrcoef(wide.T)[0, 1]) < 0.03


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"low": 5.0, "high": 5.0}, "prices from 5.0 to 5.0"),
        ({"low": -1.0}, "negative"),
        ({"supplier": (6000.0, 4000.0)}, "supplier values from 6000.0 to 4000.0"),
        ({"retailer": (7000.0, 11_000.0)}, "retailer values"),
    ],
)
def test_rules_that_contradict_each_other_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Rules(**change)
    with pytest.raises(TypeError, match="discount 'geometric' is no Discount"):
        Rules(discount="geometric")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="0 negotiations is fewer than one"):
        begin(Rules(), 1, 0)
