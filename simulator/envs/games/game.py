"""What small games of two agents share: episodes of a fixed length, side by side, each step drawn from the number of steps before it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.envs.joint import ActionSpace, Joint, Turn


class Game(ABC):
    """`worlds` plays of a game at once, all at the same step, with one reward for both agents.

    Parameters
    ----------
    worlds : plays side by side.
    seed : root of what is drawn.

    A game says how it looks (`_look`), what it pays (`_play`) and how it ends (`length`, `truncates`).
    """

    agents = 2
    features: int
    state_size: int
    actions: ActionSpace
    length: int  # steps of an episode
    truncates = False  # whether time alone ends it

    def __init__(self, worlds: int, seed: int = 0) -> None:
        if worlds < 1:
            raise ValueError(f"{worlds} worlds is not positive; give at least 1")
        self.worlds, self.seed = worlds, seed
        self.steps = 0  # taken so far
        self.place = np.zeros(worlds, np.int64)  # where each play is, for games that have places

    @property
    def time(self) -> int:
        """Steps since the episodes began."""
        return self.steps % self.length

    def reset(self) -> Joint:
        """Begin anew."""
        self.steps = 0
        self.place[:] = 0
        return self._look()

    def step(self, actions: NDArray[Any]) -> Turn:
        """Play one step."""
        rewards = np.repeat(self._play(np.asarray(actions)).astype(np.float32)[:, None], self.agents, axis=1)
        over = self.time == self.length - 1
        last = self._look_ahead()
        self.steps += 1
        if over:
            self.place[:] = 0
        ended, never = np.full(self.worlds, over), np.zeros(self.worlds, np.bool_)
        terminated, truncated = (never, ended) if self.truncates else (ended, never)
        return Turn(rewards, terminated, truncated, last, self._look() if over else last)

    def _look_ahead(self) -> Joint:
        """What the step leads to, were there no end of time."""
        self.steps += 1
        seen = self._look()
        self.steps -= 1
        return seen

    def snapshot(self) -> bytes:
        """Steps and places."""
        return np.append(self.place, self.steps).tobytes()

    def restore(self, snapshot: bytes) -> Joint:
        """Go on from a snapshot of as many worlds."""
        numbers = np.frombuffer(snapshot, np.int64)
        if len(numbers) != self.worlds + 1:
            raise ValueError(f"a snapshot of {len(numbers) - 1} worlds does not fit {self.worlds}; restore it with as many")
        self.place[:], self.steps = numbers[:-1], int(numbers[-1])
        return self._look()

    @abstractmethod
    def _look(self) -> Joint:
        """What there is to see at this step."""

    @abstractmethod
    def _play(self, actions: NDArray[Any]) -> NDArray[Any]:
        """Move the places and return what both agents get, (worlds,)."""
