"""Negotiations over packages: the protocol of two and of many, utilities of several issues, and what theory says of the deals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.bargaining.package_conceding import conceding
from simulator.bargaining.package_draws import additive
from simulator.bargaining.packages import PackageNegotiation, PackageRules
from simulator.bargaining.rules import Outcome
from simulator.bargaining.several_issues import pareto_mask


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
    assert not talk.agreed
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


def test_one_voice_counts_once() -> None:
    talk = three()
    talk.offer(2)
    talk.accept()  # party 1
    talk.offer(-1)  # party 2 and party 0 waste their turns
    talk.offer(-1)
    talk.accept()  # party 1 again
    assert talk.outcome is Outcome.RUNNING and talk.agreed == {1} and talk.illegal == 2
    talk.accept()
    assert talk.outcome is Outcome.DEAL


def test_nothing_changes_after_the_end() -> None:
    talk = three(delta=0.5)
    talk.walk_away()
    talk.offer(1)
    talk.accept()
    assert (talk.outcome, talk.turns, talk.standing, talk.illegal) == (Outcome.WALKED_AWAY, 0, -1, 0)


def test_packages_have_numbers() -> None:
    rules = PackageRules(issues=(11, 5, 2))
    assert rules.packages == 110 and rules.package((10, 4, 1)) == 109
    assert all(rules.package(rules.choices(number)) == number for number in range(110))
    with pytest.raises(ValueError, match=r"choices \(11, 0, 0\) are no package"):
        rules.package((11, 0, 0))


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
        ({"parties": 1}, "1 parties, 20 rounds and delta 1.0 make no negotiation"),
        ({"parties": 65}, "make no negotiation"),
        ({"rounds": 0}, "make no negotiation"),
        ({"delta": 0.0}, "make no negotiation"),
    ],
)
def test_rules_without_packages_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PackageRules(**change)
    with pytest.raises(ValueError, match=r"shape \(3, 2\)"):
        PackageNegotiation(PackageRules(), np.zeros((3, 2)))
