"""Recall: what is asked at the end was shown at the beginning only, so that who remembers nothing guesses."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import seeding
from simulator.envs.games.game import Game
from simulator.envs.joint import Choices, Joint


class Recall(Game):
    """Both see one of two cues at the first step and nothing after; at the third both get 1 if both name it. Guessing well earns a half.

    The state, for training only, holds the cue throughout.
    """

    features, state_size = 3, 3  # cue as one of two, and whether now is the time to answer
    actions = Choices(2)
    length = 3

    def _cues(self) -> NDArray[np.int64]:
        return seeding.generator(self.seed, "recall", self.steps // self.length).integers(0, 2, self.worlds)

    def _look(self) -> Joint:
        state = np.zeros((self.worlds, 3), np.float32)
        state[:, :2] = np.eye(2, dtype=np.float32)[self._cues()]
        state[:, 2] = self.time == self.length - 1
        own = state if self.time == 0 else state * np.array([0.0, 0.0, 1.0], np.float32)
        return Joint(np.repeat(own[:, None], self.agents, axis=1), state)

    def _play(self, actions: NDArray[Any]) -> NDArray[Any]:
        right = (actions == self._cues()[:, None]).all(axis=1)
        return np.where(right & (self.time == self.length - 1), 1.0, 0.0)
