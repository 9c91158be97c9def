"""Proximal policy optimisation of Stable-Baselines3, with rollouts collected in whole arrays.

Its own collection looks at every slot in Python after each step and asks the critic once for every episode that ran out of time; with
hundreds of slots that takes longer than to learn. What is learned from is the same.

Source: Schulman and others, "Proximal policy optimization algorithms" (2017); bootstrapping through time limits: Pardo and others, "Time
limits in reinforcement learning", ICML (2018).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecEnv

from simulator.training.vectorise import MarketVecEnv

torch.distributions.Distribution.set_default_validate_args(False)  # looks at every probability in Python; rewards are looked at below


class ArrayPPO(PPO):
    """PPO over a MarketVecEnv; everything but the collection of rollouts is Stable-Baselines3's."""

    def collect_rollouts(self, env: VecEnv, callback: BaseCallback, rollout_buffer: Any, n_rollout_steps: int) -> bool:
        """Fill the buffer with `n_rollout_steps` steps of every slot.

        Raises TypeError for another kind of environment, ValueError for a reward that is no number.
        """
        if not isinstance(env, MarketVecEnv) or not isinstance(rollout_buffer, RolloutBuffer):
            raise TypeError(f"rollouts of {type(env).__name__} cannot be collected in arrays; use stable_baselines3.PPO for it")
        self.policy.set_training_mode(False)
        rollout_buffer.reset()
        last: Any = self
        with torch.inference_mode():
            for _ in range(n_rollout_steps):
                self._collect_step(env, rollout_buffer, last)
            values = self.policy.predict_values(torch.as_tensor(last._last_obs))
        check_rewards(rollout_buffer.rewards)
        rollout_buffer.compute_returns_and_advantage(last_values=values, dones=last._last_episode_starts)
        return True

    def _collect_step(self, env: MarketVecEnv, buffer: RolloutBuffer, last: Any) -> None:
        """`last` is the model itself: what it saw last and which episodes had just begun."""
        actions, values, log_probs = self.policy(torch.as_tensor(last._last_obs))
        chosen = actions.numpy()
        found = env.step_arrays(chosen)
        rewards: Any = found.rewards
        if found.last is not None:  # a horizon is no loss: what would have followed is worth what the critic says
            last.ep_info_buffer.extend({"r": float(total), "l": env.scenario.horizon} for total in found.returns)
            rewards = rewards + np.float32(self.gamma) * self.policy.predict_values(torch.as_tensor(found.last)).numpy().ravel()
        buffer.add(last._last_obs, chosen.reshape(env.num_envs, -1), rewards, last._last_episode_starts, values, log_probs)
        self.num_timesteps += env.num_envs
        last._last_obs, last._last_episode_starts = found.observations, np.full(env.num_envs, found.last is not None)


def check_rewards(rewards: np.ndarray[Any, Any]) -> None:
    """Refuse (steps, slots) rewards that are no numbers. Raises ValueError naming the first."""
    bad = np.argwhere(~np.isfinite(rewards))
    if len(bad):
        step, slot = bad[0]
        raise ValueError(
            f"reward {rewards[step, slot]} of slot {slot} in step {step} of the rollout is no number; look at the market there"
        )
