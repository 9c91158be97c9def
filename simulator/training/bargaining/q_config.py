"""What a training of tables is: one frozen configuration, from which everything that happens follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.bargaining.rules import Discount, Party, Rules
from simulator.training.bargaining.objective import Objective

LEAST_EPSILON, FIRST_EPSILON, EPSILON_DECAY = 0.01, 0.5, 0.995


class Starts(StrEnum):
    """Where the negotiations that are learned from begin."""

    BEGINNING = "beginning"  # with the first offer: what strategies do not lead to is hardly learned
    EVERYWHERE = "everywhere"  # in any turn with any standing offer, and with any action: exploring starts


def epsilon(episode: ArrayLike) -> NDArray[np.float64]:
    """Return the chance of exploring in an episode, counted from 0.

    >>> epsilon([0, 100, 1000]).round(3).tolist()
    [0.5, 0.303, 0.01]
    """
    return np.maximum(LEAST_EPSILON, FIRST_EPSILON * EPSILON_DECAY ** np.asarray(episode, np.float64))


def one_surplus(offers: int = 10, delta: float = 0.95) -> Rules:
    """The game of two who know that there is a surplus of 1: every offer is answered, delay costs, no agreement is worth nothing."""
    return Rules(
        offers=offers, answer_last=True, first_round=0, discount=Discount.GEOMETRIC, delta=delta, speed_bonus=0.0,
        walk_away=0.0, timeout=0.0, low=0.0, high=1.0, supplier=(0.0, 0.0), retailer=(1.0, 1.0),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TableConfig:
    """Q-learning over tables. Its result is a function of this alone."""

    rules: Rules = field(default_factory=one_surplus)
    """The game; valuations are drawn from its ranges."""
    step: float = 0.02
    """Between two prices of the grid; it divides the legal prices."""
    learners: tuple[Party, ...] = (Party.SUPPLIER, Party.RETAILER)
    """Who learns."""
    objective: Objective = Objective.OWN
    """What learners are paid."""
    value_buckets: int = 1
    """Into how many equal parts a party cuts the range of its own valuation; 1 where it is known to all."""
    starts: Starts = Starts.EVERYWHERE
    """Where negotiations begin."""
    negotiations: int = 2048
    """How many go on side by side."""
    turns: int = 1500
    """How many turns each of them is played, over all its episodes."""
    gamma: float = 1.0
    """Discount per own turn; 1 because payoffs hold the game's own discount."""
    power: float = 0.55
    """The n-th update of an entry has the step size n ** -power: above 1/2 it settles; the smaller, the sooner it forgets old policies."""
    seed: int = 0
    """Root of all chance."""

    def __post_init__(self) -> None:
        for name in ("value_buckets", "negotiations", "turns"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} {getattr(self, name)} is not positive; give at least 1")
        if not self.learners or len(set(self.learners)) != len(self.learners):
            raise ValueError(f"learners {self.learners} are none or one twice; name supplier, retailer, or both once")
        if not 0.0 <= self.power <= 1.0 or not 0.0 <= self.gamma <= 1.0:
            raise ValueError(f"power {self.power} or gamma {self.gamma} is no share; give numbers in 0..1")
