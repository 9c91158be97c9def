"""Rollouts for Stable-Baselines3's PPO, collected in whole arrays, for one policy or several that learn in the same markets.

Its own collection looks at every slot in Python after each step and asks the critic once for every episode that ran out of time; with
hundreds of slots that takes longer than to learn. What is learned from is the same.

Source: Schulman and others, "Proximal policy optimization algorithms" (2017); bootstrapping through time limits: Pardo and others, "Time
limits in reinforcement learning", ICML (2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3 import PPO

from simulator.training.seats import Seats
from simulator.training.vectorise import Stepped

torch.distributions.Distribution.set_default_validate_args(False)  # looks at every probability in Python; rewards are looked at below


def collect(models: Sequence[PPO], steps: int) -> None:
    """Fill the buffers of all policies of a MarketVecEnv with `steps` steps of their Seats.

    Raises ValueError for a reward that is no number.
    """
    for model in models:
        model.policy.set_training_mode(False)
        model.rollout_buffer.reset()
    with torch.inference_mode():
        for _ in range(steps):
            _step(models)
        for model in models:
            check_rewards(model.rollout_buffer.rewards)
            last: Any = model
            values = model.policy.predict_values(torch.as_tensor(last._last_obs))
            model.rollout_buffer.compute_returns_and_advantage(last_values=values, dones=last._last_episode_starts)


def _step(models: Sequence[PPO]) -> None:
    seats = [_seats(model) for model in models]
    answers = [model.policy(torch.as_tensor(model._last_obs)) for model in models]
    actions = answers[0][0].numpy()
    if len(models) > 1:
        actions = np.empty((seats[0].env.num_envs, *actions.shape[1:]), actions.dtype)
        for own, (chosen, _, _) in zip(seats, answers, strict=True):
            actions[own.slots] = chosen.numpy()
    found = seats[0].env.step_arrays(actions)
    for model, own, (_, values, log_probs) in zip(models, seats, answers, strict=True):
        _remember(model, own, actions[own.slots], values, log_probs, found)


def _remember(model: Any, own: Seats, chosen: NDArray[Any], values: torch.Tensor, log_probs: torch.Tensor, found: Stepped) -> None:
    rewards = found.rewards[own.slots]
    if found.last is not None:  # a horizon is no loss: what would have followed is worth what the critic says
        model.ep_info_buffer.extend({"r": float(total), "l": own.env.scenario.horizon} for total in found.returns[own.slots])
        ahead = model.policy.predict_values(torch.as_tensor(found.last[own.slots])).numpy().ravel()
        rewards = rewards + np.float32(model.gamma) * ahead
    model.rollout_buffer.add(model._last_obs, chosen.reshape(own.num_envs, -1), rewards, model._last_episode_starts, values, log_probs)
    model.num_timesteps += own.num_envs
    model._last_obs, model._last_episode_starts = found.observations[own.slots], np.full(own.num_envs, found.last is not None)


def _seats(model: PPO) -> Seats:
    if not isinstance(model.env, Seats):
        raise TypeError(f"rollouts of {type(model.env).__name__} cannot be collected in arrays; give the model Seats")
    return model.env


def check_rewards(rewards: NDArray[Any]) -> None:
    """Refuse (steps, slots) rewards that are no numbers. Raises ValueError naming the first."""
    bad = np.argwhere(~np.isfinite(rewards))
    if len(bad):
        step, slot = bad[0]
        raise ValueError(f"reward {rewards[step, slot]} of slot {slot} in rollout step {step} is no number; look at its market there")
