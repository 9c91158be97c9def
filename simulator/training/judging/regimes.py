"""Strengths and weaknesses: in which markets somebody earns more than elsewhere, and whom it beats, in words made of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from simulator.training.judging.figures import Judged
from simulator.training.judging.statistics import Interval, apart, interval

LEAST = 24
"""Markets below which thirds of them say nothing."""

_OFTEN = 0.75


class Regime(Enum):
    """A third of the markets, by how the fundamental value moves in them."""

    CALM = "calm"  # least deviation of its steps
    VOLATILE = "volatile"
    FALLING = "falling"  # lowest change from first to last step
    RISING = "rising"


def thirds(fundamental: NDArray[np.float64]) -> dict[Regime, NDArray[np.bool_]]:
    """Which of the markets (markets, steps + 1) belong to each regime; (markets,) each. Nothing below LEAST markets."""
    if len(fundamental) < LEAST:
        return {}
    stir, move = np.diff(fundamental, axis=1).std(axis=1), fundamental[:, -1] - fundamental[:, 0]
    (calm, volatile), (falling, rising) = _ends(stir), _ends(move)
    return {Regime.CALM: calm, Regime.VOLATILE: volatile, Regime.FALLING: falling, Regime.RISING: rising}


def _ends(by: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The lowest and the highest third; of equal ones the first is lower."""
    rank = np.argsort(np.argsort(by, kind="stable"), kind="stable")
    third = len(by) // 3
    return rank < third, rank >= len(by) - third


class Places:
    """What somebody earns in each regime, and by how much more than in the other markets."""

    def __init__(self, judged: Judged) -> None:
        earned = judged.scores.mean(axis=0).ravel()
        regimes = thirds(judged.fundamental.reshape(earned.size, -1))
        self.there: dict[Regime, Interval] = {regime: interval(earned[where]) for regime, where in regimes.items()}
        self.gap: dict[Regime, Interval] = {regime: apart(earned[where], earned[~where]) for regime, where in regimes.items()}


def strengths(places: Places, wins: Mapping[str, Interval]) -> list[str]:
    """Sentences on where it earns more and whom it beats. wins: other -> how often it earned more than that one in the same market."""
    found = [
        f"earns {gap.value:,.2f} more in {regime.value} markets than in the others ({gap.low:,.2f} to {gap.high:,.2f})"
        for regime, gap in places.gap.items()
        if gap.above_zero
    ]
    beaten = [name for name, rate in wins.items() if rate.low > 0.5 and rate.value >= _OFTEN]
    return found + ([f"earns more than {_listed(beaten)} in at least {_OFTEN:.0%} of the same markets"] if beaten else [])


def weaknesses(places: Places, wins: Mapping[str, Interval]) -> list[str]:
    """Sentences on where it earns less or loses, and who beats it."""
    found = [
        f"earns {-gap.value:,.2f} less in {regime.value} markets than in the others ({-gap.high:,.2f} to {-gap.low:,.2f})"
        for regime, gap in places.gap.items()
        if gap.below_zero
    ]
    found += [
        f"loses money in {regime.value} markets ({earned.value:,.2f}, {earned.low:,.2f} to {earned.high:,.2f})"
        for regime, earned in places.there.items()
        if earned.below_zero
    ]
    beaten_by = [name for name, rate in wins.items() if rate.high < 0.5 and rate.value <= 1.0 - _OFTEN]
    return found + ([f"earns less than {_listed(beaten_by)} in at least {_OFTEN:.0%} of the same markets"] if beaten_by else [])


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
