"""The two-step game: a safe seven, or an eight that needs both.

Source: Rashid et al. (2018), "QMIX: Monotonic value function factorisation for deep multi-agent reinforcement learning", section 5.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.envs.games.game import Game
from simulator.envs.joint import Choices, Joint

FIRST, SAFE, JOINT = 0, 1, 2
"""The places: 1, 2A and 2B in the paper."""

PAYOFFS = np.array([[[7.0, 7.0], [7.0, 7.0]], [[0.0, 1.0], [1.0, 8.0]]])
"""Of 2A and 2B, by the first and the second agent's action."""


class TwoStep(Game):
    """The first agent alone chooses where the second step is played; both see where they are. Each step's reward is the team's."""

    features = state_size = 3
    actions = Choices(2)
    length = 2

    def _look(self) -> Joint:
        state = np.eye(3, dtype=np.float32)[self.place]
        return Joint(np.repeat(state[:, None], self.agents, axis=1), state)

    def _play(self, actions: NDArray[Any]) -> NDArray[Any]:
        if self.time == 0:
            self.place[:] = np.where(actions[:, 0] == 0, SAFE, JOINT)
            return np.zeros(self.worlds)
        return np.asarray(PAYOFFS[self.place - 1, actions[:, 0], actions[:, 1]])
