"""The slots of one policy: every n-th of a MarketVecEnv, as a Stable-Baselines3 environment of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from simulator.training.vectorise import Answer, MarketVecEnv


class Seats(VecEnv):
    """Learner `first` of every market, where each of `policies` policies has one; all slots where there is one policy.

    Only a policy that has all slots can step by itself: the others' actions belong to the same step (simulator.training.ppo.collect).
    """

    def __init__(self, env: MarketVecEnv, first: int = 0, policies: int = 1) -> None:
        self.env, self.slots = env, np.arange(first, env.num_envs, policies)
        super().__init__(len(self.slots), env.observation_space, env.action_space)

    def reset(self) -> NDArray[np.float32]:
        """Begin the series of markets anew."""
        return self.env.reset()[self.slots]

    def step_async(self, actions: NDArray[Any]) -> None:
        """Take the actions. Raises ValueError if other policies have to act in the same step."""
        if len(self.slots) < self.env.num_envs:
            raise ValueError(f"a policy of {len(self.slots)} of {self.env.num_envs} slots cannot step alone; collect all policies together")
        self.env.step_async(actions)

    def step_wait(self) -> Answer:
        """Play one step in every market."""
        return self.env.step_wait()

    def seed(self, seed: int | None = None) -> list[int | None]:
        """Choose the series of markets from the next reset on."""
        return list(self.env.seed(seed))[: self.num_envs]

    def close(self) -> None:
        """Let go of the markets."""
        self.env.close()

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """An attribute of the environment, once per slot asked for."""
        return self.env.get_attr(attr_name, list(self._get_indices(indices)))

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Not possible: slots share one environment."""
        self.env.set_attr(attr_name, value, indices)

    def env_method(self, method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any) -> list[Any]:
        """Not possible: slots share one environment."""
        return self.env.env_method(method_name, *method_args, indices=indices, **method_kwargs)

    def env_is_wrapped(self, wrapper_class: type[Any], indices: Any = None) -> list[bool]:
        """Never: slots are rows, not environments."""
        return [False for _ in self._get_indices(indices)]
