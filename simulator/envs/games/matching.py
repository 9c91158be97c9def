"""Matching: two agents whose numbers must add up, each of which sees half of what decides the sum."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import seeding
from simulator.envs.games.game import Game
from simulator.envs.joint import Interval, Joint


class Matching(Game):
    """Each sees its own x in [-1, 1], drawn anew each step; both get -(a1 + a2 - (x1 + x2) / 2)^2. Best: half of what one sees, return 0.

    After ten steps time is up, though the game would have gone on.
    """

    features, state_size = 1, 2
    actions = Interval(1)
    length = 10
    truncates = True

    def _look(self) -> Joint:
        drawn = seeding.generator(self.seed, "matching", self.steps).uniform(-1.0, 1.0, (self.worlds, self.agents)).astype(np.float32)
        return Joint(drawn[:, :, None], drawn)

    def _play(self, actions: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(-((actions.sum(axis=(1, 2)) - self._look().state.mean(axis=1)) ** 2))
