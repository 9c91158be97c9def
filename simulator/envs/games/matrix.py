"""A game of one step: what both get stands in a table."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.envs.games.game import Game
from simulator.envs.joint import Choices, Joint

NON_MONOTONIC = ((8.0, -12.0, -12.0), (-12.0, 0.0, 0.0), (-12.0, 0.0, 0.0))
"""Neither a sum nor a monotonic mixing can represent it (Son et al., 2019, "QTRAN", table 1; QMIX's own limit)."""

CLIMBING = ((11.0, -30.0, 0.0), (-30.0, 7.0, 6.0), (0.0, 0.0, 5.0))
"""The best cell has neighbours that punish (Claus and Boutilier, 1998)."""

COORDINATION = ((1.0, 0.0, 0.0), (0.0, 2.0, 0.0), (0.0, 0.0, 3.0))
"""Being alike pays, and the third way most."""


class Matrix(Game):
    """Two agents choose at once and see nothing but that they play.

    Parameters
    ----------
    payoffs : (choices, choices), by the first and the second agent's action.
    """

    features = state_size = 1
    length = 1

    def __init__(self, worlds: int, seed: int = 0, payoffs: ArrayLike = COORDINATION) -> None:
        super().__init__(worlds, seed)
        self.payoffs = np.asarray(payoffs, np.float64)
        if self.payoffs.ndim != 2 or self.payoffs.shape[0] != self.payoffs.shape[1]:
            raise ValueError(f"payoffs of shape {self.payoffs.shape} are not square; give both agents as many choices")
        self.actions = Choices(len(self.payoffs))

    def _look(self) -> Joint:
        return Joint(np.ones((self.worlds, self.agents, 1), np.float32), np.ones((self.worlds, 1), np.float32))

    def _play(self, actions: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(self.payoffs[actions[:, 0], actions[:, 1]])
