"""The compiled protocol over packages: the same course as the readable one, and exact cases."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import seeding
from simulator.bargaining.package_conceding import conceded, conceding
from simulator.bargaining.package_draws import begin
from simulator.bargaining.package_goods import Tastes, Weighed
from simulator.bargaining.package_protocol import Tables, package_game, step_packages
from simulator.bargaining.packages import PackageNegotiation, PackageRules
from simulator.bargaining.rules import ActionType, Outcome
from simulator.bargaining.several_issues import pareto_mask

ACCEPT, COUNTER, WALK = (int(kind) for kind in ActionType)


def step(rules: PackageRules, tables: Tables, kinds: list[int], packages: list[int]) -> np.ndarray:
    rewards = np.full((len(tables.rows), rules.parties), 9.0)
    step_packages(package_game(rules), *tables, np.array(kinds), np.array(packages), rewards)
    return rewards


def act(talk: PackageNegotiation, kind: int, package: int) -> None:
    if kind == ACCEPT:
        talk.accept()
    elif kind == COUNTER:
        talk.offer(package)
    else:
        talk.walk_away()


def as_row(talk: PackageNegotiation) -> tuple[int, ...]:
    agreed = sum(1 << party for party in talk.agreed)
    return (talk.turns, talk.standing, talk.proposer, len(talk.agreed), agreed, int(talk.outcome), talk.illegal)


@pytest.mark.parametrize(("parties", "issues"), [(2, (4, 3)), (3, (5,)), (5, (2, 2, 2)), (64, (3,))])
def test_random_play_takes_the_same_course_as_the_readable_one(parties: int, issues: tuple[int, ...]) -> None:
    rules = PackageRules(issues=issues, parties=parties, rounds=8, delta=0.93, reservation=-0.5)
    tables = begin(rules, Weighed(tastes=Tastes.FAVOURITES), 7, 300 if parties < 64 else 50)
    talks, ends = [PackageNegotiation(rules, table.copy()) for table in tables.utilities], set()
    chance = seeding.generator(1, "test", parties)
    while any(talk.outcome is Outcome.RUNNING for talk in talks):
        before = [talk.outcome for talk in talks]
        kinds = chance.choice([ACCEPT, COUNTER, WALK], len(talks), p=[0.75, 0.23, 0.02] if parties < 64 else [0.955, 0.044, 0.001])
        packages = chance.integers(-1, rules.packages + 1, len(talks))
        rewards = step(rules, tables, kinds, packages)
        for place, talk in enumerate(talks):
            act(talk, kinds[place], packages[place])
            assert tables.rows[place].item() == as_row(talk)
            over = talk.outcome is not Outcome.RUNNING and before[place] is Outcome.RUNNING
            assert rewards[place].tolist() == (talk.payoffs().tolist() if over else [0] * parties)
            ends.add(talk.outcome)
    assert ends == set(Outcome)
    assert tables.rows["illegal"].max() > 0


@pytest.mark.parametrize("parties", [2, 3, 5])
def test_those_who_concede_do_as_the_readable_ones(parties: int) -> None:
    rules = PackageRules(issues=(6, 1, 4), parties=parties, rounds=9, reservation=0.2)
    tables = begin(rules, Weighed(tastes=Tastes.FAVOURITES, synergy=0.5), 2, 40)
    talks = [PackageNegotiation(rules, table.copy()) for table in tables.utilities]
    while any(talk.outcome is Outcome.RUNNING for talk in talks):
        step(rules, tables, *conceded(rules, tables, exponent=0.7))
        for talk in talks:
            if talk.outcome is Outcome.RUNNING:
                conceding(talk, exponent=0.7)
        assert [row.item() for row in tables.rows] == [as_row(talk) for talk in talks]
    assert (tables.rows["outcome"] == Outcome.DEAL).mean() > 0.8


def test_those_who_concede_agree_near_the_frontier_in_a_batch() -> None:
    rules = PackageRules(issues=(11, 5), parties=3, rounds=30)
    tables, left = begin(rules, Weighed(), 5, 200), []
    while (tables.rows["outcome"] == Outcome.RUNNING).any():
        step(rules, tables, *conceded(rules, tables))
    assert (tables.rows["outcome"] == Outcome.DEAL).all() and not tables.rows["illegal"].any()
    for table, deal in zip(tables.utilities, tables.rows["standing"], strict=True):
        left.append((table[pareto_mask(table)] - table[deal]).min(axis=1).max())  # what all could get more
    assert np.mean(left) < 0.05


def given(utilities: list[list[float]], rounds: int, **numbers: float) -> tuple[PackageRules, Tables]:
    """One negotiation with utilities (packages, parties) of one's own."""
    rules = PackageRules(issues=(len(utilities),), parties=len(utilities[0]), rounds=rounds, **numbers)
    tables = begin(rules, Weighed(), 1, 1)
    tables.utilities[0] = utilities
    return rules, tables


def test_a_deal_at_the_last_turn_is_no_timeout() -> None:
    rules, tables = given([[0.25, 0.5], [1, 0]], rounds=2, delta=0.5, reservation=-1)
    for _ in range(3):
        assert step(rules, tables, [COUNTER], [0]).tolist() == [[0, 0]]
    assert step(rules, tables, [ACCEPT], [0]).tolist() == [[0.125, 0.25]]
    assert tables.rows[0].item() == (4, 0, 0, 1, 2, Outcome.DEAL, 0)
    assert step(rules, tables, [WALK], [0]).tolist() == [[0, 0]] and tables.rows["outcome"][0] == Outcome.DEAL


def test_one_round_leaves_an_offer_and_an_answer_to_each() -> None:
    rules, tables = given([[1, 2, 3]], rounds=1, reservation=-1)  # one package only
    for kind in (ACCEPT, COUNTER):
        assert step(rules, tables, [kind], [0]).tolist() == [[0, 0, 0]]
    assert step(rules, tables, [ACCEPT], [0]).tolist() == [[-1, -1, -1]]  # one of two has agreed
    assert tables.rows[0].item() == (3, 0, 1, 1, 4, Outcome.TIMEOUT, 1)


def test_all_five_must_agree() -> None:
    rules, tables = given([[1, 2, 3, 4, 5], [5, 4, 3, 2, 1]], rounds=3)
    step(rules, tables, [COUNTER], [0])
    for accepted in range(1, 4):
        step(rules, tables, [ACCEPT], [0])
        assert (tables.rows["accepted"][0], tables.rows["outcome"][0]) == (accepted, Outcome.RUNNING)
    assert step(rules, tables, [ACCEPT], [0]).tolist() == [[1, 2, 3, 4, 5]]


def test_all_that_is_equal_is_agreed_on_at_once() -> None:
    rules, tables = given([[0.5, 0.5, 0.5]] * 4, rounds=10)
    for _ in range(3):
        rewards = step(rules, tables, *conceded(rules, tables))
    assert rewards.tolist() == [[0.5, 0.5, 0.5]] and tables.rows["standing"][0] == 0


def test_offers_are_remembered() -> None:
    rules, tables = given([[1, 2], [4, 3], [2, 5]], rounds=5)
    for package in (1, 2, 0):
        step(rules, tables, [COUNTER], [package])
    assert tables.memories[0].tolist() == [[1, 2], [5, 3]]
