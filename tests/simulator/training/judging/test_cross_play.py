"""Cross-play: who sits where, and the gap between self-play and the rest."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.traders.registry import make_trader
from simulator.training.config import TrainConfig
from simulator.training.judging.cross_play import cells, cross_play, games, gap, told
from simulator.training.judging.seating import play
from simulator.training.judging.statistics import Interval

MARKET = TrainConfig(learners=3, scripted=8, episode_steps=15).market()


def constant(alone: float, crossed: float, players: int = 3) -> np.ndarray:
    payoffs = np.full((players, players, 2, 4), crossed)
    payoffs[np.arange(players), np.arange(players)] = alone
    return payoffs


def test_each_pair_plays_the_same_markets_once_and_both_cells_are_of_it() -> None:
    players, told_of = [make_trader("noise"), make_trader("market_maker")], []
    found = cross_play(MARKET, players, [5, 6], 2, lambda: told_of.append(1))
    assert found.shape == (2, 2, 2, 2) and len(told_of) == games(2) * 4 == 12
    ours, theirs = play(MARKET.with_learners(2), players, 6, 1)
    assert (found[0, 1, 1, 1], found[1, 0, 1, 1]) == (ours.scores.mean(), theirs.scores.mean())
    one, other = play(MARKET.with_learners(2), [players[0], players[0]], 6, 1)
    assert found[0, 0, 1, 1] == (one.scores[0] + other.scores[0]) / 2


def test_the_gap_is_self_play_less_cross_play() -> None:
    assert gap(constant(5.0, 2.0)) == Interval(3.0, 3.0, 3.0)
    assert gap(constant(1.0, 2.0)).below_zero
    assert cells(constant(5.0, 2.0, 2)) == [[(5, 5, 5), (2, 2, 2)], [(2, 2, 2), (5, 5, 5)]]
    with pytest.raises(ValueError, match="nobody to be seated with"):
        gap(constant(5.0, 2.0, 1))


def test_the_gap_is_told_in_one_line() -> None:
    assert "rely on partners" in told(Interval(3.0, 1.0, 5.0))
    assert "best beside others" in told(Interval(-3.0, -5.0, -1.0))
    assert "may be chance" in told(Interval(3.0, -1.0, 5.0))
