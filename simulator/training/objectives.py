"""Rewards of several objectives: a weighted sum of what a learner gained, risked, took from others and asked of the market.

Every component is a step's share of a figure of the whole episode, so that its sum over an episode is that figure. More is better
in each; all but the profit are at most zero.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.envs.market.observation import FEATURES
from simulator.envs.market.types import OrderType

INVENTORY = FEATURES.index("inventory")


class Objective(IntEnum):
    """The components, in the order of their rows."""

    PROFIT = 0
    """What the portfolio gained in the step, in currency."""
    RISK = 1
    """Less the square of the inventory over the position limit: the running penalty of Cartea, Jaimungal and Penalva, "Algorithmic and
    high-frequency trading" (2015), chapter 10."""
    FAIRNESS = 2
    """Less the growth of the mean difference between the own gain of the episode and each other learner's, in currency; the two sides of
    Fehr and Schmidt, "A theory of fairness, competition, and cooperation" (1999), weighted alike. 0 for a learner alone."""
    SUSTAINABILITY = 3
    """Less one for a step in which the learner asks for an order, a change or a cancellation: traffic, which venues in Europe must limit
    against what is traded (Commission Delegated Regulation (EU) 2017/566)."""


@dataclass(frozen=True)
class Weights:
    """What each component counts in the reward. Raises ValueError for weights below zero or all zero."""

    profit: float = 1.0
    risk: float = 0.0
    fairness: float = 0.0
    sustainability: float = 0.0

    def __post_init__(self) -> None:
        for name, weight in zip(Objective, astuple(self), strict=True):
            if not (math.isfinite(weight) and weight >= 0.0):
                raise ValueError(f"weight {weight} of {name.name.lower()} is not a number from 0; penalties have their sign already")
        if not any(astuple(self)):
            raise ValueError("all objectives weigh 0, so that there is nothing to learn; give one of them a weight")

    @property
    def plain(self) -> bool:
        """Whether the reward is the profit and nothing else."""
        return self == Weights()


class Objectives:
    """The components of every slot's reward.

    Parameters
    ----------
    weights : of the components.
    worlds, learners : slot i is learner i % learners of market i // learners.

    Attributes
    ----------
    sums : (4, slots), the components since the episodes began.
    ended : (4, slots), of the episodes that ended last; None before the first.
    """

    def __init__(self, weights: Weights, worlds: int, learners: int) -> None:
        self.weights, self._shape = weights, (worlds, learners)
        self.sums: NDArray[np.float64] = np.zeros((len(Objective), worlds * learners))
        self.ended: NDArray[np.float64] | None = None

    def rewards(self, gains: NDArray[np.float32], observations: NDArray[np.float32], orders: NDArray[np.float64]) -> NDArray[np.float32]:
        """Book a step of gains (slots,) after orders (slots, 3), as ActionRules.resolve answers; returns the rewards (slots,)."""
        step = np.empty_like(self.sums)
        step[Objective.PROFIT] = gains
        step[Objective.RISK] = -np.square(observations[:, INVENTORY].astype(np.float64))
        step[Objective.FAIRNESS] = -self._inequality(self.sums[Objective.PROFIT] + gains) - self.sums[Objective.FAIRNESS]
        step[Objective.SUSTAINABILITY] = np.where(orders[:, 0] == OrderType.HOLD, 0.0, -1.0)
        self.sums += step
        weighted = [weight * part for weight, part in zip(astuple(self.weights), step, strict=True)]
        return np.asarray(weighted[0] + weighted[1] + weighted[2] + weighted[3], np.float32)

    def _inequality(self, gains: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean distance (slots,) of each learner's gain from the others' of its market."""
        worlds, learners = self._shape
        if learners == 1:
            return np.zeros(worlds)
        own = gains.reshape(worlds, learners, 1)
        return np.asarray(np.abs(own - own.transpose(0, 2, 1)).sum(axis=2).ravel() / (learners - 1))

    def end(self) -> None:
        """The episodes of all slots have ended."""
        self.ended, self.sums = self.sums, np.zeros_like(self.sums)

    def means(self) -> dict[str, float]:
        """Each component of the episodes that ended last, by name, as a mean over slots; empty before the first."""
        return {} if self.ended is None else {name.name.lower(): float(self.ended[name].mean()) for name in Objective}

    def state(self) -> tuple[list[list[float]], list[list[float]] | None]:
        """What `restore` takes."""
        return self.sums.tolist(), None if self.ended is None else self.ended.tolist()

    def restore(self, state: tuple[Any, Any]) -> None:
        """Go on from what `state` gave."""
        sums, ended = state
        self.sums, self.ended = np.array(sums), None if ended is None else np.array(ended)


def undominated(figures: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Who is not dominated: nobody else is at least as good in every figure and better in one.

    >>> undominated({"bold": {"profit": 9.0, "risk": -4.0}, "calm": {"profit": 5.0, "risk": -1.0}, "both": {"profit": 5.0, "risk": -2.0}})
    ['bold', 'calm']
    """

    def dominates(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
        return all(one[name] >= value for name, value in other.items()) and any(one[name] > value for name, value in other.items())

    return [name for name, own in figures.items() if not any(dominates(other, own) for other in figures.values())]
