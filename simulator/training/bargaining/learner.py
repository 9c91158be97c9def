"""Networks that learn to bargain, with Stable-Baselines3: one policy for each role, or one for both, exact from its configuration.

With a policy for each role every one learns in negotiations of its own, in which the other policy, as it stands, plays the other party;
they take turns rollout by rollout.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sb3_contrib import MaskablePPO
from stable_baselines3 import DQN, PPO, SAC
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from stable_baselines3.common.type_aliases import TrainFreq, TrainFrequencyUnit

from simulator import seeding
from simulator.bargaining.negotiators.registry import make_negotiator
from simulator.bargaining.rules import Party
from simulator.envs.market.types import ActionView as MarketView
from simulator.training.bargaining.opponents import NegotiatorOpponent, Opponent
from simulator.training.bargaining.policies import PolicyOpponent, greedy
from simulator.training.bargaining.train_config import Algorithm, BargainingTrainConfig
from simulator.training.bargaining.vectorise import BargainingVecEnv
from simulator.training.policy import Policy, export_policy
from simulator.training.randomness import Randomness


@dataclass(frozen=True)
class Rollout:
    """What one rollout of every policy and the updates after it came to."""

    number: int  # from 1
    steps: int  # own turns so far, over all policies
    returns: dict[str, float]  # mean of the episodes that ended last, by policy, over the mean surplus


class BargainingLearner:
    """Trains the policies of a configuration; iterate `rollouts()`, then take `policies()`.

    One torch thread is used, because sums over several are not in a fixed order.
    """

    def __init__(self, config: BargainingTrainConfig) -> None:
        if config.algorithm is Algorithm.Q_LEARNING:
            raise ValueError("q_learning has tables, no networks; use QLearner, or another algorithm")
        self.config, self._random = config, Randomness()
        self.envs = {name: self._env(name) for name in dict.fromkeys(config.policies.values())}
        self.models: dict[str, BaseAlgorithm] = {}
        self._callbacks: dict[str, Any] = {}
        with self._random.used():
            for name, env in self.envs.items():
                self.models[name] = _model(config, env)
            for name, model in self.models.items():
                _, self._callbacks[name] = model._setup_learn(config.rollouts * self._rollout_size)

    @property
    def _rollout_size(self) -> int:
        return self.config.negotiations * self.config.rollout_steps

    def _env(self, name: str) -> BargainingVecEnv:
        """The negotiations that a policy learns in: in each half of them one role if it has both."""
        config = self.config
        own = [party for party, policy in config.policies.items() if policy == name]
        seats = np.resize(np.array(own, np.int64), config.negotiations)
        seed = seeding.stream(config.seed, "negotiations of", name) >> 1
        return BargainingVecEnv(
            config.scenario, seats, {party: self._other(party) for party in Party}, config.action_view,
            sight=config.sight, objective=config.objective, unit=surplus_unit(config), seed=seed,
        )  # fmt: skip

    def _other(self, party: Party) -> Opponent:
        """Who plays a party where the learner is the other one."""
        config = self.config
        if party in config.policies:
            return PolicyOpponent(config, lambda seen, masks: self._sampled(config.policies[party], seen, masks))
        return NegotiatorOpponent(config.rules, make_negotiator(config.opponent), config.scenario.learn, config.scenario.settle)

    def _sampled(self, name: str, observations: NDArray[np.float32], masks: NDArray[np.bool_] | None) -> NDArray[Any]:
        """What a policy does while it explores."""
        model: Any = self.models[name]
        more = {"action_masks": masks} if self.config.algorithm is Algorithm.MASKABLE_PPO else {}
        return np.asarray(model.predict(observations, deterministic=False, **more)[0])

    @property
    def steps(self) -> int:
        """Own turns so far, over all policies."""
        return sum(int(model.num_timesteps) for model in self.models.values())

    def rollouts(self) -> Iterator[Rollout]:
        """Train to the end of the configuration; yields after each rollout of all policies."""
        for number in range(1, self.config.rollouts + 1):
            with self._random.used():
                for name, model in self.models.items():
                    self._collect(name, model)
                    model._update_current_progress_remaining(model.num_timesteps, self.config.rollouts * self._rollout_size)
                    self._update(model)
            yield Rollout(number, self.steps, {name: _mean_return(model) for name, model in self.models.items()})

    def _collect(self, name: str, model: BaseAlgorithm) -> None:
        env, callback = self.envs[name], self._callbacks[name]
        if isinstance(model, OnPolicyAlgorithm):
            model.collect_rollouts(env, callback, model.rollout_buffer, self.config.rollout_steps)
        elif isinstance(model, OffPolicyAlgorithm) and model.replay_buffer is not None:
            frequency = TrainFreq(self.config.rollout_steps, TrainFrequencyUnit.STEP)
            model.collect_rollouts(env, callback, frequency, model.replay_buffer, model.action_noise)

    def _update(self, model: BaseAlgorithm) -> None:
        if isinstance(model, OnPolicyAlgorithm):
            model.train()
        elif isinstance(model, OffPolicyAlgorithm):
            model.train(gradient_steps=self.config.epochs, batch_size=self.config.batch_size)

    def policies(self) -> dict[Party, Policy]:
        """The greedy policy of each learning party as arrays."""
        view = MarketView(self.config.action_view.value)
        exported = {name: export_policy(model, view) for name, model in self.models.items()}
        return {party: exported[name] for party, name in self.config.policies.items()}

    def sides(self) -> tuple[Opponent, Opponent]:
        """Supplier and retailer as they play when nothing is explored any more."""
        learned = {party: PolicyOpponent(self.config, greedy(policy)) for party, policy in self.policies().items()}
        supplier, retailer = (learned[party] if party in learned else self._other(party) for party in Party)
        return supplier, retailer

    def log_hash(self) -> str:
        """Hash of all that learners did."""
        return "-".join(env.log_hash() for env in self.envs.values())

    def save_models(self, folder: Path) -> None:
        """Write Stable-Baselines3's own file of each policy."""
        for name, model in self.models.items():
            model.save(folder / f"{name}.zip")


def surplus_unit(config: BargainingTrainConfig) -> float:
    """Return what rewards are divided by: the mean surplus, or 1 where there is none on average."""
    surplus = sum(config.rules.retailer) / 2 - sum(config.rules.supplier) / 2
    return surplus if surplus > 0.0 else 1.0


def _mean_return(model: BaseAlgorithm) -> float:
    episodes = [episode["r"] for episode in model.ep_info_buffer or ()]
    return float(np.mean(episodes)) if episodes else float("nan")


def _model(config: BargainingTrainConfig, env: BargainingVecEnv) -> BaseAlgorithm:
    """An untrained model of the configuration."""
    shared: dict[str, Any] = {
        "policy": "MlpPolicy", "env": env, "learning_rate": config.learning_rate, "gamma": config.gamma, "batch_size": config.batch_size,
        "policy_kwargs": {"net_arch": list(config.hidden)}, "seed": config.seed, "device": "cpu",
    }  # fmt: skip
    if config.algorithm in (Algorithm.PPO, Algorithm.MASKABLE_PPO):
        made_by = PPO if config.algorithm is Algorithm.PPO else MaskablePPO
        model: BaseAlgorithm = made_by(
            **shared, n_steps=config.rollout_steps, n_epochs=config.epochs, gae_lambda=config.gae_lambda,
            clip_range=config.clip, ent_coef=config.entropy,
        )  # fmt: skip
        return model
    off_policy: dict[str, Any] = {"buffer_size": config.buffer_steps, "learning_starts": 0}
    if config.algorithm is Algorithm.SAC:
        return SAC(**shared, **off_policy)
    interval = config.negotiations * config.rollout_steps  # a target network keeps for one rollout
    return DQN(
        **shared, **off_policy, exploration_fraction=config.explored_share, exploration_final_eps=0.02, target_update_interval=interval
    )
