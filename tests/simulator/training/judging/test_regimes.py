"""Strengths and weaknesses in words, from numbers made so that they are known."""

from __future__ import annotations

import numpy as np

from simulator.training.judging.contestants import Contestant, Kind
from simulator.training.judging.figures import Judged
from simulator.training.judging.regimes import LEAST, Places, Regime, strengths, thirds, weaknesses
from simulator.training.judging.statistics import Interval


def fundamentals(markets: int) -> np.ndarray:
    """Each more volatile than the one before; the first half rises, the others fall."""
    step = np.arange(9)
    return np.stack([(1 + k) * (-1.0) ** step + (1 if k < markets // 2 else -1) * 1000 * step for k in range(markets)])


def judged(scores: np.ndarray) -> Judged:
    paths = fundamentals(scores.size).reshape(1, scores.size, -1)
    return Judged(Contestant("it", Kind.POLICY, ()), {"score": scores.reshape(1, 1, -1)}, np.zeros(0), np.zeros(0, np.int64), paths)


def test_markets_are_cut_into_thirds() -> None:
    found = thirds(fundamentals(30))
    assert np.flatnonzero(found[Regime.CALM]).tolist() == list(range(10))
    assert np.flatnonzero(found[Regime.VOLATILE]).tolist() == list(range(20, 30))
    assert found[Regime.RISING][:15].sum() == 10 and found[Regime.FALLING][15:].sum() == 10
    assert thirds(fundamentals(LEAST - 1)) == {}


def test_what_is_earned_in_calm_markets_alone_is_said() -> None:
    scores = np.where(np.arange(30) < 10, 12.0, -3.0)
    places = Places(judged(scores))
    assert places.there[Regime.CALM] == Interval(12.0, 12.0, 12.0)
    assert places.gap[Regime.CALM] == Interval(15.0, 15.0, 15.0)
    assert "earns 15.00 more in calm markets than in the others (15.00 to 15.00)" in strengths(places, {})
    assert "loses money in volatile markets (-3.00, -3.00 to -3.00)" in weaknesses(places, {})


def test_who_is_beaten_and_who_beats_is_said_beyond_chance_only() -> None:
    places = Places(judged(np.zeros(30)))
    wins = {
        "noise": Interval(0.9, 0.8, 1.0),
        "twin": Interval(0.5, 0.4, 0.6),
        "lucky": Interval(0.8, 0.4, 1.0),
        "best": Interval(0.1, 0.0, 0.2),
    }
    assert strengths(places, wins) == ["earns more than noise in at least 75% of the same markets"]
    assert weaknesses(places, wins) == ["earns less than best in at least 75% of the same markets"]
