"""Negotiations over packages: the protocol of two and of many, utilities of several issues, and what theory says of the deals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.bargaining.packages import PackageNegotiation, PackageRules, additive, conceding, price_and_quantity
from simulator.bargaining.rules import Outcome
from simulator.bargaining.several_issues import nash_outcome, pareto_mask


def three(rounds: int = 5, delta: float = 1.0) -> PackageNegotiation:
    rules = PackageRules(issues=(2, 2), parties=3, rounds=rounds, delta=delta, reservation=-1)
    return PackageNegotiation(rules, np.arange(12.0).reshape(4, 3))


def test_a_package_that_all_others_accept_is_a_deal() -> None:
    talk = three(delta=0.5)
    talk.offer(2)
    assert (talk.turn, talk.standing, talk.proposer) == (1, 2, 0)
    talk.accept()
    assert talk.outcome is Outcome.RUNNING and talk.payoffs().tolist() == [0, 0, 0]
    talk.accept()
    assert talk.outcome is Outcome.DEAL and talk.payoffs().tolist() == [6, 7, 8]


def test_another_offer_takes_back_what_was_accepted() -> None:
    talk = three(delta=0.5)
    talk.offer(2)
    talk.accept()
    talk.offer(1)
    assert talk.accepted == 0
    talk.accept()
    assert talk.outcome is Outcome.RUNNING
    talk.accept()
    assert talk.outcome is Outcome.DEAL and talk.payoffs().tolist() == [1.5, 2, 2.5]  # in the second round


def test_one_who_walks_away_ends_it_for_all_and_so_does_time() -> None:
    gone, late = three(), three(rounds=1)
    gone.walk_away()
    for package in range(3):
        late.offer(package)
    assert (gone.outcome, late.outcome) == (Outcome.WALKED_AWAY, Outcome.TIMEOUT)
    assert gone.payoffs().tolist() == late.payoffs().tolist() == [-1, -1, -1]


def test_the_last_turn_may_still_be_a_deal() -> None:
    talk = three(rounds=1)
    talk.offer(3)
    talk.accept()
    talk.accept()
    assert talk.outcome is Outcome.DEAL


def test_wasted_turns_are_counted_and_change_nothing_on_the_table() -> None:
    talk = three()
    talk.accept()
    talk.offer(4)
    talk.offer(2)
    talk.offer(-1)
    assert (talk.illegal, talk.standing, talk.proposer, talk.turns) == (3, 2, 2, 4)


def test_nobody_accepts_its_own_package() -> None:
    talk = PackageNegotiation(PackageRules(issues=(3,), parties=2, rounds=4), np.zeros((3, 2)))
    talk.offer(1)
    talk.offer(-5)
    talk.accept()
    assert (talk.outcome, talk.illegal) == (Outcome.RUNNING, 2)


def test_packages_have_numbers() -> None:
    rules = PackageRules(issues=(11, 5, 2))
    assert rules.packages == 110 and rules.package((10, 4, 1)) == 109
    assert all(rules.package(rules.choices(number)) == number for number in range(110))
    with pytest.raises(ValueError, match=r"choices \(11, 0, 0\) are no package"):
        rules.package((11, 0, 0))


def test_utilities_are_shares_and_their_own_in_every_negotiation() -> None:
    rules = PackageRules(issues=(6, 4, 2), parties=3)
    table = additive(rules, seed=1)
    assert table.shape == (48, 3) and 0 <= table.min() < table.max() <= 1
    assert table.max(axis=0).tolist() == pytest.approx([1, 1, 1])
    assert table[rules.package((5, 3, 1)), 0] == pytest.approx(1) and table[rules.package((0, 0, 0)), 1] == pytest.approx(1)
    assert np.array_equal(additive(rules, 1), table) and not np.array_equal(additive(rules, 1, 1), table)
    peaked = additive(PackageRules(issues=(50,), parties=4, opposed=False), 3)
    assert len(set(peaked.argmax(axis=0).tolist())) > 1


def test_price_and_quantity_have_the_quantity_that_leaves_most_to_both() -> None:
    prices, quantities = np.linspace(10, 60, 51), np.arange(1.0, 11)
    gains = price_and_quantity(prices, quantities, cost=10, value=60, satiation=10)
    best = int(gains.sum(axis=1).argmax())
    assert quantities[best % len(quantities)] == 5  # where 60 - 10 q is the cost
    chosen = nash_outcome(gains, outside=[0, 0])
    assert chosen is not None and quantities[chosen % len(quantities)] == 5
    assert gains[chosen].tolist() == pytest.approx([gains[best].sum() / 2] * 2, rel=0.05)


@pytest.mark.parametrize("parties", [2, 3, 5])
def test_those_who_concede_agree_near_the_frontier(parties: int) -> None:
    rules, left = PackageRules(issues=(9, 7, 5), parties=parties, rounds=30), []
    for number in range(10):
        table = additive(rules, 5, number)
        talk = PackageNegotiation(rules, table)
        while talk.outcome is Outcome.RUNNING:
            conceding(talk)
        assert talk.outcome is Outcome.DEAL and talk.illegal == 0
        frontier = table[pareto_mask(table)]
        left.append((frontier - table[talk.standing]).min(axis=1).max())  # what all could get more
    assert np.mean(left) < 0.05


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"issues": ()}, "make no package"),
        ({"issues": (1000, 1000)}, "more than 100000"),
        ({"issues": (0, 4)}, "make no package"),
    ],
)
def test_rules_without_packages_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PackageRules(**change)
    with pytest.raises(ValueError, match=r"shape \(3, 2\)"):
        PackageNegotiation(PackageRules(), np.zeros((3, 2)))
