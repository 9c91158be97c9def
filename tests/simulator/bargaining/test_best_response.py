"""Payoffs and best responses over a grid, against every strategy there is in a tiny game, and against the equilibrium."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from simulator.bargaining.best_response import (
    GridGame,
    GridStrategy,
    Strategies,
    best_response,
    deviation_gains,
    equilibrium_strategies,
    expected_payoffs,
    largest_subgame_gain,
    nash_conv,
    state_payoffs,
)
from simulator.bargaining.rules import Discount, Party, Rules
from simulator.bargaining.subgame_perfect import TieRule, subgame_perfect

PLAIN: dict[str, Any] = {"speed_bonus": 0.0, "low": 0.0, "high": 1.0, "supplier": (0.0, 0.0), "retailer": (1.0, 1.0)}
TINY = GridGame(Rules(offers=2, answer_last=True, discount=Discount.GEOMETRIC, delta=0.5, **PLAIN), 0.0, 1.0, 1.0)
DEFAULT = GridGame(Rules(), 5000, 8000, 100)


def mixed(game: GridGame, seed: int) -> GridStrategy:
    """Return a strategy that does everything at times."""
    draw, shape = np.random.default_rng(seed), (game.turns, len(game.prices))
    odds = draw.dirichlet(np.ones(3), shape)
    odds[0, :, 0] = 0.0
    return GridStrategy(odds[..., 0], odds[..., 1], draw.dirichlet(np.ones(shape[1]), shape))


def constant(game: GridGame, accept: float, walk_away: float, price: int) -> GridStrategy:
    shape = (game.turns, len(game.prices))
    may = np.full(shape, accept)
    may[0] = 0.0
    return GridStrategy(may, np.full(shape, walk_away), np.full(shape, price))


def pure(game: GridGame, choices: tuple[int, ...], turns: list[int]) -> GridStrategy:
    """Return the strategy of one choice (accept, walk away, offer low, offer high) for each state of the turns; the first has one state."""
    shape = (game.turns, len(game.prices))
    chosen = np.full(shape, 1)
    states = [(turn, index) for turn in turns for index in range(1 if turn == 0 else shape[1])]
    for state, choice in zip(states, choices, strict=True):
        chosen[state] = choice
    return GridStrategy((chosen == 0) * 1.0, (chosen == 1) * 1.0, np.maximum(chosen - 2, 0))


def test_payoffs_of_fixed_prices_by_hand() -> None:
    stubborn = constant(TINY, 0.0, 0.0, 1)
    assert expected_payoffs(TINY, (stubborn, constant(TINY, 1.0, 0.0, 0))) == (0.5, 0.0)  # supplier gets 1 in round 1
    assert expected_payoffs(TINY, (stubborn, stubborn)) == (-5.0, -5.0)
    assert expected_payoffs(TINY, (stubborn, constant(TINY, 0.0, 1.0, 0))) == (-10.0, -10.0)
    assert expected_payoffs(TINY, (stubborn, constant(TINY, 0.5, 0.5, 0))) == (0.5 * 0.5 - 5.0, -5.0)


def test_a_point_distribution_is_the_same_as_its_price() -> None:
    one = mixed(DEFAULT, 1)
    index = np.random.default_rng(2).integers(0, 101, one.accept.shape)
    spread = GridStrategy(one.accept, one.walk_away, np.eye(101)[index])
    point = GridStrategy(one.accept, one.walk_away, index)
    assert expected_payoffs(DEFAULT, (spread, spread)) == pytest.approx(expected_payoffs(DEFAULT, (point, point)))


def test_the_best_response_is_the_best_of_all_pure_strategies() -> None:
    for seed in range(3):
        other = mixed(TINY, seed)
        offering, answering = [0, 2], [1]  # the supplier's turns, the retailer's
        suppliers = [pure(TINY, c, offering) for c in product([1, 2, 3], *[[0, 1, 2]] * 2)]  # in turn 2 an offer is doing nothing
        retailers = [pure(TINY, c, answering) for c in product(*[[0, 1, 2, 3]] * 2)]
        best = (
            max(expected_payoffs(TINY, (own, other))[0] for own in suppliers),
            max(expected_payoffs(TINY, (other, own))[1] for own in retailers),
        )
        found = [best_response(TINY, (other, other), party)[1][0, 0] for party in Party]
        assert found == pytest.approx(best)


@pytest.mark.parametrize("answer_last", [False, True])
def test_a_best_response_earns_what_it_says_in_every_state(answer_last: bool) -> None:
    game = GridGame(Rules(offers=5, answer_last=answer_last, first=Party.RETAILER, walk_away=0, timeout=0, **PLAIN), 0.2, 0.9, 0.1)
    other = mixed(game, 7)
    for party in Party:
        best, value = best_response(game, (other, other), party)
        both: Strategies = (best, other) if party is Party.SUPPLIER else (other, best)
        np.testing.assert_allclose(state_payoffs(game, both, party)[1:], value[1:])
        assert state_payoffs(game, both, party)[0, 0] == pytest.approx(value[0, 0])
        assert (value >= state_payoffs(game, (other, other), party) - 1e-9)[1:].all()


@pytest.mark.parametrize("tie", list(TieRule))
@pytest.mark.parametrize("discount", list(Discount))
@pytest.mark.parametrize("answer_last", [False, True])
@pytest.mark.parametrize("values", [(5000, 8000), (6000, 6000), (7000, 4000), (0, 10_000)])
def test_nobody_gains_by_leaving_an_equilibrium(tie: TieRule, discount: Discount, answer_last: bool, values: tuple[int, int]) -> None:
    for offers, first in ((1, Party.SUPPLIER), (2, Party.RETAILER), (9, Party.SUPPLIER)):
        game = GridGame(Rules(offers=offers, answer_last=answer_last, discount=discount, first=first), *values, 100)
        strategies = equilibrium_strategies(game, tie)
        assert nash_conv(game, strategies) == pytest.approx(0.0, abs=1e-9)
        assert largest_subgame_gain(game, strategies) == pytest.approx(0.0, abs=1e-9)
        ending = subgame_perfect(game.rules, *values, 100, tie).ending()
        assert expected_payoffs(game, strategies) == pytest.approx(ending.payoffs)


def test_a_threat_that_is_not_credible_is_nash_but_not_perfect() -> None:
    # the retailer offers the lowest price and would refuse all others; the supplier takes what it gets
    game = GridGame(Rules(offers=1, answer_last=True, first_round=0, discount=Discount.NONE, walk_away=-1, timeout=-1, **PLAIN), 0, 1, 0.5)
    refuses = np.array([[0, 0, 0], [1, 0, 0]]) * 1.0  # only the price 0 is accepted
    strategy = GridStrategy(refuses, np.zeros((2, 3)), np.zeros((2, 3), dtype=np.int64))
    assert deviation_gains(game, (strategy, strategy)) == (0.0, 0.0)
    assert largest_subgame_gain(game, (strategy, strategy)) == 1.5  # accepting 0.5 instead of -1


def test_gains_are_of_the_one_who_errs() -> None:
    meek, fair = constant(DEFAULT, 0.0, 1.0, 0), equilibrium_strategies(DEFAULT)[1]
    supplier, retailer = deviation_gains(DEFAULT, (meek, fair))
    assert supplier > 100 and retailer == 0.0
    assert nash_conv(DEFAULT, (meek, fair)) == supplier


def test_deals_are_worth_what_the_rules_say() -> None:
    for party, value in zip(Party, (5000, 8000), strict=True):
        assert DEFAULT.deal(party, 3)[60] == DEFAULT.rules.payoff(party, value, 6000, 2)


def test_bad_input_is_refused_with_the_way_out() -> None:
    zeros, whole = np.zeros((3, 2)), np.zeros((3, 2), dtype=np.int64)
    with pytest.raises(ValueError, match="are not of one \\(turns, prices\\); give all the same shape"):
        GridStrategy(zeros, np.zeros((2, 2)), whole)
    with pytest.raises(ValueError, match=r"accept \+ walk_away has 1.2 to 1.2, which are no probabilities; keep"):
        GridStrategy(zeros + 0.6, zeros + 0.6, whole)
    with pytest.raises(ValueError, match="counter has a row that is no distribution; make"):
        GridStrategy(zeros, zeros, np.zeros((3, 2, 2)))
    with pytest.raises(ValueError, match="is no index of 2 prices; give whole numbers"):
        GridStrategy(zeros, zeros, whole + 2)
    eager = GridStrategy(zeros + 1.0, zeros, whole)
    with pytest.raises(ValueError, match="turn 0 accepts with 1.0, but nothing stands yet; let it be 0"):
        nash_conv(TINY, (eager, eager))
    with pytest.raises(ValueError, match=r"supplier's strategy is for \(3, 2\) turns and prices, the game has \(10, 101\); make"):
        nash_conv(DEFAULT, (eager, eager))
    with pytest.raises(ValueError, match="steps of 3 do not lead"):
        GridGame(Rules(), 5000, 8000, 3)
