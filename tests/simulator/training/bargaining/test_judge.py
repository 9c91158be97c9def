"""The judge: exact figures of strategies whose fate is known, and words that do not flatter."""

import math

import numpy as np
import pytest

from simulator.bargaining.best_response import GridGame, GridStrategy, equilibrium_strategies
from simulator.training.bargaining.judge import Verdict, judge, reached_deals
from simulator.training.bargaining.q_config import one_surplus

GAME = GridGame(one_surplus(), 0.0, 1.0, 0.01)


def stubborn(game: GridGame, price: int) -> GridStrategy:
    """Return the strategy that always offers one price and accepts it and no other one."""
    shape = (game.turns, len(game.prices))
    accept = np.zeros(shape)
    accept[1:, price] = 1.0
    return GridStrategy(accept, np.zeros(shape), np.full(shape, price))


def test_the_equilibrium_of_the_theory_is_solved() -> None:
    told = judge(GAME, equilibrium_strategies(GAME))
    assert told.verdict is Verdict.SOLVED and told.verdict.startswith("solved")
    assert (told.deals, told.rounds, told.surplus_efficiency, told.discounted_efficiency, told.efficiency_ceiling) == (1, 1, 1, 1, 1)
    assert told.price == pytest.approx(0.21) and told.perfect_price == pytest.approx(0.205776, abs=1e-6)
    assert (told.nash_conv, told.subgame_gain) == (pytest.approx(0.0, abs=1e-12), pytest.approx(0.0, abs=1e-12))
    assert told.fairness == pytest.approx(0.42) and told.nash_distance == pytest.approx(0.29)


def test_a_pair_at_the_middle_is_not_solved_however_fair_it_looks() -> None:
    middle = stubborn(GAME, 50)
    told = judge(GAME, (middle, middle))
    assert (told.nash_distance, told.midpoint_distance, told.fairness, told.deals) == (0.0, 0.0, 1.0, 1.0)
    assert told.nash_conv == 0.0  # each is the best answer to the other one's threat
    assert told.subgame_gain > 0.4  # but the threat is not credible: refusing 0.99 at the end leaves nothing
    assert told.verdict is Verdict.NASH_ONLY and told.verdict.startswith("not solved")


def test_a_pair_at_the_middle_from_which_one_gains_says_so() -> None:
    shape = (GAME.turns, len(GAME.prices))
    accept = np.ones(shape)
    accept[0] = 0.0
    meek = GridStrategy(accept, np.zeros(shape), np.full(shape, 50))
    told = judge(GAME, (meek, meek))
    assert told.price == 0.5 and told.nash_conv == pytest.approx(0.5 + 0.95 * 1.0 - 0.5)
    assert told.verdict is Verdict.FAIR_ONLY


def test_mixed_strategies_are_weighed_by_how_likely_their_deals_are() -> None:
    game = GridGame(one_surplus(offers=2), 0.0, 1.0, 0.5)
    accept = np.array([[0, 0, 0], [0.5, 0.5, 0.5], [1, 1, 1]], dtype=float)
    spread = np.zeros((3, 3, 3))
    spread[0, :, 1:] = 0.5  # half or all first
    spread[1:, :, 0] = 1.0  # then nothing
    both = GridStrategy(accept, np.zeros((3, 3)), spread)
    assert reached_deals(game, (both, both)).tolist() == [[0, 0, 0], [0, 0.25, 0.25], [0.5, 0, 0]]
    told = judge(game, (both, both))
    assert (told.price, told.rounds) == (pytest.approx(0.375), pytest.approx(1.5))
    assert told.supplier_payoff == pytest.approx(0.375)
    assert told.discounted_efficiency == pytest.approx(0.5 + 0.5 * 0.95)


def test_without_a_deal_there_is_no_price() -> None:
    shape = (GAME.turns, len(GAME.prices))
    silent = GridStrategy(np.zeros(shape), np.zeros(shape), np.zeros(shape, np.int64))
    told = judge(GAME, (silent, silent))
    assert told.deals == 0.0 and math.isnan(told.price) and math.isnan(told.fairness)
    assert told.verdict is Verdict.OPEN
    nothing = GridGame(one_surplus(), 0.5, 0.5, 0.01)
    assert judge(nothing, (silent, silent)).verdict is Verdict.NO_SURPLUS
