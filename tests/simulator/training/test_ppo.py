"""Rollouts collected in arrays: the same as Stable-Baselines3's own, and a policy each for independent learners."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback

from simulator.training.config import Algorithm, Sharing, TrainConfig
from simulator.training.ppo import check_rewards, collect
from simulator.training.sb3 import Learner
from simulator.training.seats import Seats
from simulator.training.vectorise import MarketVecEnv

CONFIG = TrainConfig(worlds=3, learners=2, scripted=8, episode_steps=10, rollout_steps=16, hidden=(8,), batch_size=32, steps=96, seed=4)
PARTS = ("observations", "actions", "rewards", "episode_starts", "values", "log_probs", "advantages", "returns")


class Nothing(BaseCallback):
    def _on_step(self) -> bool:
        return True


def model_of(env: MarketVecEnv) -> PPO:
    model = PPO("MlpPolicy", Seats(env), n_steps=16, batch_size=32, policy_kwargs={"net_arch": [8]}, seed=4, device="cpu")
    model._setup_learn(96)
    torch.manual_seed(9)
    return model


def test_a_rollout_is_that_of_stable_baselines_over_the_end_of_an_episode() -> None:
    ours, theirs = (model_of(MarketVecEnv(CONFIG.market(), 3, CONFIG.action_view, 4)) for _ in range(2))
    collect([ours], 16)
    callback = Nothing()
    callback.init_callback(theirs)
    torch.manual_seed(9)
    assert theirs.env is not None
    theirs.collect_rollouts(theirs.env, callback, theirs.rollout_buffer, 16)
    for part in PARTS:
        assert getattr(ours.rollout_buffer, part) == pytest.approx(getattr(theirs.rollout_buffer, part), abs=1e-5), part
    assert ours.num_timesteps == theirs.num_timesteps == 96
    assert ours.rollout_buffer.episode_starts[10].all()
    assert [one["r"] for one in ours.ep_info_buffer or ()] == pytest.approx([one["r"] for one in theirs.ep_info_buffer or ()])


def test_each_of_several_policies_learns_from_its_own_seats() -> None:
    learner = Learner(replace(CONFIG, sharing=Sharing.PER_AGENT, batch_size=24))
    first, second = (model for model in learner.models if isinstance(model, PPO))
    seen = learner.env.running.observations.copy()
    before = [weights(model) for model in (first, second)]
    assert before[0] != before[1]
    next(learner.rollouts())
    assert (first.rollout_buffer.observations.reshape(-1, 16, seen.shape[1])[:, 0] == seen[0::2]).all()
    assert (second.rollout_buffer.observations.reshape(-1, 16, seen.shape[1])[:, 0] == seen[1::2]).all()
    assert [weights(model) for model in (first, second)] != before
    assert learner.steps == 96


def weights(model: PPO) -> bytes:
    return b"".join(part.detach().numpy().tobytes() for part in model.policy.parameters())


def test_a_policy_of_some_seats_cannot_step_alone() -> None:
    env = MarketVecEnv(CONFIG.market(), 3, CONFIG.action_view, 4)
    seats = Seats(env, 1, 2)
    assert seats.reset().shape == (3, len(CONFIG.market().features))
    with pytest.raises(ValueError, match="3 of 6 slots cannot step alone"):
        seats.step(np.zeros(3, np.int64))


def test_a_reward_that_is_no_number_is_refused_by_place() -> None:
    rewards = np.zeros((3, 4))
    check_rewards(rewards)
    rewards[1, 2] = np.nan
    with pytest.raises(ValueError, match="reward nan of slot 2 in rollout step 1 is no number"):
        check_rewards(rewards)


@pytest.mark.parametrize("algorithm", [Algorithm.SAC, Algorithm.DQN])
def test_a_policy_per_agent_is_for_ppo(algorithm: Algorithm) -> None:
    with pytest.raises(ValueError, match=f"{algorithm.value} learns one policy for all; use ppo"):
        TrainConfig(algorithm=algorithm, sharing=Sharing.PER_AGENT)


def test_other_environments_are_refused() -> None:
    model: Any = PPO("MlpPolicy", "CartPole-v1", n_steps=8, batch_size=8, device="cpu")
    model._setup_learn(8)
    with pytest.raises(TypeError, match="cannot be collected in arrays; give the model Seats"):
        collect([model], 8)
