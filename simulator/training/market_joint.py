"""Many markets as joint worlds: the learners of a market are its agents, what they see together is its state."""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.envs.joint import ActionSpace, Choices, Interval, Joint, Turn
from simulator.envs.market.rows import Observer
from simulator.envs.market.scenario import MarketScenario
from simulator.envs.market.types import ActionView
from simulator.training.config import TrainConfig
from simulator.training.vectorise import MarketVecEnv


class Reward(Enum):
    """Whose gain an agent is rewarded for."""

    INDIVIDUAL = "individual"  # its own
    TEAM = "team"  # the mean over all learners of its market


class MarketJoint:
    """`worlds` markets side by side; at the horizon all are truncated and the next of the series take their places.

    Parameters
    ----------
    scenario : the market, with its learners.
    worlds : how many run side by side.
    view : DISCRETE for learners that choose, BOX for those that answer numbers.
    seed : root of the series of markets.
    reward : whose gain counts.
    observer : told what happens in the markets.
    """

    def __init__(
        self,
        scenario: MarketScenario,
        worlds: int,
        view: ActionView = ActionView.DISCRETE,
        seed: int = 0,
        reward: Reward = Reward.TEAM,
        observer: Observer | None = None,
    ) -> None:
        if view is ActionView.MULTI_DISCRETE:
            raise ValueError(f"{view.value} actions are several choices at once; use {ActionView.DISCRETE.value} or {ActionView.BOX.value}")
        self.markets = MarketVecEnv(scenario, worlds, view, seed, observer)
        self.worlds, self.agents, self.reward = worlds, scenario.learners, reward
        self.features = len(scenario.features)
        self.state_size = self.agents * self.features
        self._shape = (-1, 3) if view is ActionView.BOX else (-1,)
        self.actions: ActionSpace = Interval(3) if view is ActionView.BOX else Choices(len(scenario.rules.orders))

    def _joint(self, observations: NDArray[np.float32]) -> Joint:
        return Joint(observations.reshape(self.worlds, self.agents, self.features), observations.reshape(self.worlds, self.state_size))

    def reset(self) -> Joint:
        """Begin the series anew."""
        return self._joint(self.markets.reset())

    def step(self, actions: NDArray[Any]) -> Turn:
        """Play one step in every market."""
        found = self.markets.step_arrays(actions.reshape(self._shape))
        rewards = found.rewards.reshape(self.worlds, self.agents)
        if self.reward is Reward.TEAM:
            rewards = np.repeat(rewards.mean(axis=1, keepdims=True), self.agents, axis=1)
        seen = self._joint(found.observations)
        last = seen if found.last is None else self._joint(found.last)
        ended = np.full(self.worlds, found.last is not None)
        return Turn(rewards, np.zeros(self.worlds, np.bool_), ended, last, seen)

    def snapshot(self) -> bytes:
        """The markets as they are."""
        return self.markets.snapshot()

    def restore(self, snapshot: bytes) -> Joint:
        """Go on from a snapshot of the same scenario and number of worlds."""
        return self._joint(self.markets.restore(snapshot))

    def log_hash(self) -> str:
        """Hash of the logs of all markets so far."""
        return self.markets.log_hash()


def trading_market(
    worlds: int = 64,
    learners: int = 3,
    view: ActionView = ActionView.DISCRETE,
    seed: int = 0,
    reward: Reward = Reward.TEAM,
    **settings: Any,
) -> MarketJoint:
    """The markets that `agora train` learns in: informed learners among 18 scripted traders.

    settings : further fields of TrainConfig that describe the market, like `scripted`, `volatility`, `episode_steps`.
    """
    return MarketJoint(TrainConfig(worlds=worlds, learners=learners, **settings).market(), worlds, view, seed, reward)
