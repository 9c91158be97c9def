"""Training with Stable-Baselines3: one learner over many markets, exact from its configuration, resumable at every rollout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from stable_baselines3 import DQN, SAC
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from stable_baselines3.common.save_util import load_from_zip_file
from stable_baselines3.common.type_aliases import TrainFreq, TrainFrequencyUnit

from simulator.envs.market.rows import Observer
from simulator.training.checkpoint import MODEL, POLICY, REPLAY, RESUME, Checkpoint, Draft, Lineage
from simulator.training.config import Activation, Algorithm, TrainConfig
from simulator.training.policy import Policy, export_policy
from simulator.training.ppo import ArrayPPO
from simulator.training.randomness import Randomness, States
from simulator.training.vectorise import MarketVecEnv

_ACTIVATIONS = {Activation.TANH: torch.nn.Tanh, Activation.RELU: torch.nn.ReLU}
_KEPT = (
    "num_timesteps",
    "_n_updates",
    "_current_progress_remaining",
    "_episode_num",
    "_last_episode_starts",
    "ep_info_buffer",
    "exploration_rate",
    "_n_calls",
    "action_space",
)
"""What a model counts beside its parameters; DQN explores with the generator of its action space."""


@dataclass(frozen=True)
class Rollout:
    """What one rollout and the update after it came to."""

    number: int  # from 1
    steps: int  # environment steps so far, over all learners
    metrics: dict[str, float]  # mean return of the episodes that ended last, losses and the like, by name


class _Resume(msgspec.Struct, frozen=True):
    """The part of a checkpoint that is not Stable-Baselines3's."""

    rollouts: int
    states: States
    env: bytes


class Learner:
    """One policy that learns in all markets at once.

    Parameters
    ----------
    config : the whole training; every number that comes out is a function of it.
    observer : told the records of the markets.

    Iterate `rollouts()`; between two of them `save` stores everything, and a learner from `resume` goes on as if nothing had been.
    One torch thread is used, because sums over several are not in a fixed order.
    """

    def __init__(self, config: TrainConfig, observer: Observer | None = None) -> None:
        self.config = config
        self.parent: str | None = None
        self.env = MarketVecEnv(config.market(), config.worlds, config.action_view, config.seed, observer)
        self._random, self._done = Randomness(), 0
        with self._random.used():
            self.model = _model(config, self.env)
            _, self._callback = self.model._setup_learn(config.rollouts * self._rollout_size)

    @classmethod
    def resume(cls, checkpoint: Checkpoint, observer: Observer | None = None) -> Learner:
        """The learner that wrote a checkpoint, at the rollout at which it did."""
        learner = cls(checkpoint.lineage.training())
        learner._restore(checkpoint, observer)
        return learner

    def _restore(self, checkpoint: Checkpoint, observer: Observer | None) -> None:
        found = msgspec.msgpack.decode(checkpoint.resume_state(), type=_Resume)
        self.parent, self._done = checkpoint.lineage.name, found.rollouts
        self.env.observer = observer
        self.model.set_parameters(str(checkpoint.model), device="cpu")
        observations = self.env.restore(found.env)
        kept, _, variables = load_from_zip_file(checkpoint.model, device="cpu")
        for name in _KEPT:
            if hasattr(self.model, name):
                setattr(self.model, name, (kept or {})[name])
        for name, variable in (variables or {}).items():  # SAC's temperature is no part of its parameters
            getattr(self.model, name).data = variable.data
        self.model._last_obs = observations
        if isinstance(self.model, OffPolicyAlgorithm):
            self.model.load_replay_buffer(checkpoint.folder / REPLAY)
        self._random.states = found.states

    @property
    def steps(self) -> int:
        """Environment steps so far, over all learners."""
        return int(self.model.num_timesteps)

    @property
    def _rollout_size(self) -> int:
        return self.config.slots * self.config.rollout_steps

    def rollouts(self) -> Iterator[Rollout]:
        """Train to the end of the configuration; yields after each rollout and its update."""
        while self._done < self.config.rollouts:
            with self._random.used():
                self._collect()
                self.model._update_current_progress_remaining(self.steps, self.config.rollouts * self._rollout_size)
                self._update()
            self._done += 1
            self.env.flush()
            yield Rollout(self._done, self.steps, self._metrics())

    def _collect(self) -> None:
        if isinstance(self.model, OnPolicyAlgorithm):
            self.model.collect_rollouts(self.env, self._callback, self.model.rollout_buffer, self.config.rollout_steps)
        elif isinstance(self.model, OffPolicyAlgorithm) and self.model.replay_buffer is not None:
            frequency = TrainFreq(self.config.rollout_steps, TrainFrequencyUnit.STEP)
            self.model.collect_rollouts(self.env, self._callback, frequency, self.model.replay_buffer, self.model.action_noise)

    def _update(self) -> None:
        if isinstance(self.model, OnPolicyAlgorithm):
            self.model.train()
        elif isinstance(self.model, OffPolicyAlgorithm):
            self.model.train(gradient_steps=self.config.epochs, batch_size=self.config.batch_size)

    def _metrics(self) -> dict[str, float]:
        values = {
            name: float(value) for name, value in self.model.logger.name_to_value.items() if isinstance(value, int | float | np.number)
        }
        episodes = [episode["r"] for episode in self.model.ep_info_buffer or ()]
        return values | ({"rollout/return": float(np.mean(episodes))} if episodes else {})

    def policy(self) -> Policy:
        """The greedy policy as arrays."""
        return export_policy(self.model, self.config.action_view)

    def lineage(self, code_version: str) -> Lineage:
        """Where the learner comes from."""
        return Lineage(
            config=self.config.as_dict(),
            seed=self.config.seed,
            code_version=code_version,
            steps=self.steps,
            log_hash=self.env.log_hash(),
            parent=self.parent,
        )

    def save(self, folder: Path, code_version: str = "unknown") -> Lineage:
        """Store a checkpoint in a folder, whole or not at all; an older one there is replaced."""
        lineage = self.lineage(code_version)
        with Draft(folder) as draft:
            self.model.save(draft.folder / MODEL)
            if isinstance(self.model, OffPolicyAlgorithm):
                self.model.save_replay_buffer(draft.folder / REPLAY)
            self.policy().save(draft.folder / POLICY)
            (draft.folder / RESUME).write_bytes(self._resume_state())
            draft.commit(lineage)
        return lineage

    def _resume_state(self) -> bytes:
        if self._random.states is None:
            raise ValueError("a learner without generators cannot be stored; make it with Learner(config)")
        return msgspec.msgpack.encode(_Resume(self._done, self._random.states, self.env.snapshot()))


def _model(config: TrainConfig, env: MarketVecEnv) -> BaseAlgorithm:
    """An untrained model of the configuration."""
    shared: dict[str, Any] = {
        "policy": "MlpPolicy",
        "env": env,
        "learning_rate": config.learning_rate,
        "gamma": config.gamma,
        "batch_size": config.batch_size,
        "policy_kwargs": {"net_arch": list(config.hidden), "activation_fn": _ACTIVATIONS[config.activation]},
        "seed": config.seed,
        "device": "cpu",
    }
    if config.algorithm is Algorithm.PPO:
        return ArrayPPO(
            **shared,
            n_steps=config.rollout_steps,
            n_epochs=config.epochs,
            gae_lambda=config.gae_lambda,
            clip_range=config.clip,
            ent_coef=config.entropy,
            vf_coef=config.value_weight,
            clip_range_vf=config.value_clip,
            max_grad_norm=config.longest_gradient,
        )
    off_policy: dict[str, Any] = {"buffer_size": config.buffer_steps, "learning_starts": 0}
    return SAC(**shared, **off_policy) if config.algorithm is Algorithm.SAC else DQN(**shared, **off_policy)
