"""The words of the market environment: what an agent chooses from, and what a step answers."""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class OrderType(IntEnum):
    """The first part of an action."""

    HOLD = 0
    MARKET_BUY = 1
    MARKET_SELL = 2
    LIMIT_BUY = 3
    LIMIT_SELL = 4
    CANCEL_ALL = 5


QUOTE = len(OrderType)
"""The one kind beside them, for makers: a bid and an ask around the fair price, in one action. Only the DISCRETE view has it."""


class ActionView(Enum):
    """The form in which an algorithm writes the one action (order type, offset, size)."""

    MULTI_DISCRETE = "multi_discrete"  # three choices: the environment's own form (PPO)
    DISCRETE = "discrete"  # one number over all combinations that differ (DQN, PPO)
    BOX = "box"  # three numbers in [-1, 1], cut into equal intervals (SAC)


class Step(NamedTuple):
    """What one step of a batch answers. Arrays are the caller's to keep."""

    observations: NDArray[np.float32]  # (agents, features), of order one
    rewards: NDArray[np.float32]  # (agents,), change of mark-to-market value over the reward's scale
    truncated: bool  # the horizon was reached; the market itself never terminates an agent
