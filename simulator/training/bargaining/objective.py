"""What a learner is paid: what it gets, or what the worse-off of the two gets."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Objective(StrEnum):
    """Whose payoff counts."""

    OWN = "own"  # a bargainer's: theory says what comes of it
    LEAST = "least"  # of the worse-off, to both: two of a team that want a fair deal soon


def aimed_at(objective: Objective, payoffs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, 2) what (n, 2) payoffs of supplier and retailer are worth to learners.

    >>> aimed_at(Objective.LEAST, np.array([[810.0, 1620.0]])).tolist()
    [[810.0, 810.0]]
    """
    return payoffs if objective is Objective.OWN else np.repeat(payoffs.min(axis=1, keepdims=True), 2, axis=1)
