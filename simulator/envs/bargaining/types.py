"""The words of the bargaining environment: the forms of an action, and what a step of many negotiations answers."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class ActionView(Enum):
    """The form in which the one action (ActionType, price) is written."""

    DICT = "dict"  # action_type and price: the environment's own form
    MULTI_DISCRETE = "multi_discrete"  # ActionType, bucket of the price (PPO)
    DISCRETE = "discrete"  # accept, walk away, or one number for each bucket (DQN, PPO)
    BOX = "box"  # two numbers in [-1, 1]: the type, cut into thirds, and the price (SAC)


class Step(NamedTuple):
    """What one turn of n negotiations answers. Arrays are the caller's to keep."""

    observations: NDArray[np.float32]  # (n, 2, features), by Party
    rewards: NDArray[np.float64]  # (n, 2), 0 before the end
    terminated: NDArray[np.bool_]  # (n,) by a deal, or because one walked away
    truncated: NDArray[np.bool_]  # (n,) because time ran out
