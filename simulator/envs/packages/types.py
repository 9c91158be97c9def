"""The words of the package environment: the forms of an action, and what a step of many negotiations answers."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class ActionView(Enum):
    """The form in which the one action (ActionType, package) is written."""

    DICT = "dict"  # action_type and package, a choice for each issue: the environment's own form
    MULTI_DISCRETE = "multi_discrete"  # ActionType, then a choice for each issue (PPO)
    DISCRETE = "discrete"  # accept, walk away, or one number for each package (DQN, PPO)


class Step(NamedTuple):
    """What one turn of n negotiations answers. Arrays are the caller's to keep."""

    observations: NDArray[np.float32]  # (n, parties, features)
    rewards: NDArray[np.float64]  # (n, parties), 0 before the end
    terminated: NDArray[np.bool_]  # (n,) by a deal, or because one walked away
    truncated: NDArray[np.bool_]  # (n,) because time ran out
