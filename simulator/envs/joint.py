"""Many worlds of several agents as arrays: what learners of joint behaviour need of an environment, and its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Choices:
    """Each agent chooses one of `count` actions, written as 0..count-1."""

    count: int


@dataclass(frozen=True)
class Interval:
    """Each agent answers `size` numbers in [-1, 1]."""

    size: int


ActionSpace = Choices | Interval


class Joint(NamedTuple):
    """What there is to see in n worlds. Arrays are the caller's to keep."""

    observations: NDArray[np.float32]  # (n, agents, features): each agent's own
    state: NDArray[np.float32]  # (n, state): for critics and mixers in training only, never for what acts
    masks: NDArray[np.bool_] | None = None  # (n, agents, choices), True where an action is legal; None: all are


class Turn(NamedTuple):
    """What a step of n worlds answers."""

    rewards: NDArray[np.float32]  # (n, agents)
    terminated: NDArray[np.bool_]  # (n,): the game is over, nothing comes after
    truncated: NDArray[np.bool_]  # (n,): time is up, but the game would have gone on
    last: Joint  # what the actions led to, also where the episode ended
    seen: Joint  # where to go on: as `last`, but the first of the next episode where one ended


class JointEnv(Protocol):
    """n worlds of the same agents, in step with each other; a world that ends begins anew by itself."""

    worlds: int
    agents: int
    features: int  # of an observation
    state_size: int

    @property
    def actions(self) -> ActionSpace:
        """What each agent answers."""
        ...

    def reset(self) -> Joint:
        """Begin the series of episodes anew."""
        ...

    def step(self, actions: NDArray[Any]) -> Turn:
        """Play one step under actions (n, agents) int64 of Choices, or (n, agents, size) float32 of an Interval."""
        ...

    def snapshot(self) -> bytes:
        """All that decides what happens next, between two steps."""
        ...

    def restore(self, snapshot: bytes) -> Joint:
        """Go on from a snapshot; raises ValueError for one that does not fit."""
        ...


def refuse_not_finite(rewards: NDArray[np.float32]) -> None:
    """Raise ValueError for rewards (n, agents) that are no numbers, naming the first world and agent."""
    if np.isfinite(rewards).all():
        return
    world, agent = np.argwhere(~np.isfinite(rewards))[0].tolist()
    raise ValueError(
        f"reward {rewards[world, agent]} of agent {agent} in world {world} is not finite, and one such number spoils all that is learned; "
        "correct the environment's reward"
    )
