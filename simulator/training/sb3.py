"""Training with Stable-Baselines3: one learner over many markets, exact from its configuration, resumable at every rollout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3 import DQN, PPO, SAC
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.save_util import load_from_zip_file
from stable_baselines3.common.type_aliases import TrainFreq, TrainFrequencyUnit
from stable_baselines3.common.utils import LinearSchedule

from simulator import seeding
from simulator.envs.market.rows import Observer
from simulator.training.checkpoint import MODEL, POLICY, REPLAY, RESUME, Checkpoint, Draft, Lineage, numbered
from simulator.training.config import Activation, Algorithm, TrainConfig
from simulator.training.policy import Policy, export_policy
from simulator.training.ppo import collect
from simulator.training.randomness import Randomness, States
from simulator.training.seats import Seats
from simulator.training.standardise import Standardised, spread_of_features
from simulator.training.vectorise import MarketVecEnv

_ACTIVATIONS = {Activation.TANH: torch.nn.Tanh, Activation.RELU: torch.nn.ReLU}
_ADAM = {"fused": True, "eps": 1e-5}  # PPO's usual epsilon; all weights in one call: the same steps in less time
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
        weights = None if config.objectives.plain else config.objectives
        self.env = MarketVecEnv(config.market(), config.worlds, config.action_view, config.seed, observer, weights)
        self._random, self._done = Randomness(), 0
        with self._random.used():
            self._seats = [Seats(self.env, number, config.policies) for number in range(config.policies)]
            first_layer = _first_layer(config)
            self.models = [_model(config, seats, number, first_layer) for number, seats in enumerate(self._seats)]
            self._callbacks = [model._setup_learn(config.rollouts * self._rollout_size)[1] for model in self.models]

    @property
    def model(self) -> BaseAlgorithm:
        """The model, the first if there are several."""
        return self.models[0]

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
        observations = self.env.restore(found.env)
        for number, model in enumerate(self.models):
            _restore_model(model, checkpoint.folder / numbered(MODEL, number), observations[self._seats[number].slots])
            if isinstance(model, OffPolicyAlgorithm):
                model.load_replay_buffer(checkpoint.folder / REPLAY)
        self._random.states = found.states

    @property
    def steps(self) -> int:
        """Environment steps so far, over all learners."""
        return sum(int(model.num_timesteps) for model in self.models)

    @property
    def done(self) -> int:
        """Rollouts so far."""
        return self._done

    @property
    def _rollout_size(self) -> int:
        return self.config.slots * self.config.rollout_steps

    def rollouts(self) -> Iterator[Rollout]:
        """Train to the end of the configuration; yields after each rollout and its update."""
        while self._done < self.config.rollouts:
            with self._random.used():
                self._collect()
                for model in self.models:
                    model._update_current_progress_remaining(self.steps, self.config.rollouts * self._rollout_size)
                    self._update(model)
            self._done += 1
            self.env.flush()
            yield Rollout(self._done, self.steps, self._metrics())

    def _collect(self) -> None:
        learning = [model for model in self.models if isinstance(model, PPO)]
        if learning:
            collect(learning, self.config.rollout_steps)
        model = self.model
        if isinstance(model, OffPolicyAlgorithm) and model.replay_buffer is not None and model.env is not None:
            frequency = TrainFreq(self.config.rollout_steps, TrainFrequencyUnit.STEP)
            model.collect_rollouts(model.env, self._callbacks[0], frequency, model.replay_buffer, model.action_noise)

    def _update(self, model: BaseAlgorithm) -> None:
        if isinstance(model, PPO):
            model.train()
        elif isinstance(model, OffPolicyAlgorithm):
            model.train(gradient_steps=self.config.epochs, batch_size=self.config.batch_size)

    def _metrics(self) -> dict[str, float]:
        values: dict[str, float] = {}
        for number, model in enumerate(self.models):
            found = {name: float(value) for name, value in model.logger.name_to_value.items() if isinstance(value, int | float | np.number)}
            values |= {numbered_metric(name, number): value for name, value in found.items()}
        episodes = [episode["r"] for model in self.models for episode in model.ep_info_buffer or ()]
        parts = self.env.objectives.means() if self.env.objectives else {}
        values |= {f"objective/{name}": value for name, value in parts.items()}
        return values | ({"rollout/return": float(np.mean(episodes))} if episodes else {})

    def policy(self) -> Policy:
        """The greedy policy as arrays, the first if there are several."""
        return self.policies()[0]

    def policies(self) -> list[Policy]:
        """The greedy policies, one for each learner of a market or one for all."""
        return [export_policy(model, self.config.action_view) for model in self.models]

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

    def save(self, folder: Path, code_version: str = "unknown", beside: Mapping[str, bytes] | None = None) -> Lineage:
        """Store a checkpoint in a folder, whole or not at all; an older one there is replaced. beside: further files, by name."""
        lineage = self.lineage(code_version)
        with Draft(folder) as draft:
            for number, (model, policy) in enumerate(zip(self.models, self.policies(), strict=True)):
                model.save(draft.folder / numbered(MODEL, number), exclude=["env"])
                policy.save(draft.folder / numbered(POLICY, number))
                if isinstance(model, OffPolicyAlgorithm):
                    model.save_replay_buffer(draft.folder / REPLAY)
            (draft.folder / RESUME).write_bytes(self._resume_state())
            for name, content in (beside or {}).items():
                (draft.folder / name).write_bytes(content)
            draft.commit(lineage)
        return lineage

    def _resume_state(self) -> bytes:
        if self._random.states is None:
            raise ValueError("a learner without generators cannot be stored; make it with Learner(config)")
        return msgspec.msgpack.encode(_Resume(self._done, self._random.states, self.env.snapshot()))


def numbered_metric(name: str, policy: int) -> str:
    """The name of a figure of a policy: that of the first as it is."""
    return f"policy_{policy}/{name}" if policy else name


def _restore_model(model: BaseAlgorithm, path: Path, observations: NDArray[np.float32]) -> None:
    model.set_parameters(str(path), device="cpu")
    kept, _, variables = load_from_zip_file(path, device="cpu")
    for name in _KEPT:
        if hasattr(model, name):
            setattr(model, name, (kept or {})[name])
    for name, variable in (variables or {}).items():  # SAC's temperature is no part of its parameters
        getattr(model, name).data = variable.data
    model._last_obs = observations


def _first_layer(config: TrainConfig) -> dict[str, Any]:
    if not config.standardise:
        return {}
    mean, deviation = spread_of_features(config)
    return {"features_extractor_class": Standardised, "features_extractor_kwargs": {"mean": mean, "deviation": deviation}}


def _model(config: TrainConfig, env: Seats, number: int, first_layer: dict[str, Any]) -> BaseAlgorithm:
    """An untrained model of the configuration; `number` of several begins from weights of its own."""
    shared: dict[str, Any] = {
        "policy": "MlpPolicy",
        "env": env,
        "learning_rate": LinearSchedule(config.learning_rate, 0.0, 1.0) if config.anneal else config.learning_rate,
        "gamma": config.gamma,
        "batch_size": config.batch_size,
        "policy_kwargs": {"net_arch": list(config.hidden), "activation_fn": _ACTIVATIONS[config.activation]} | first_layer,
        "seed": seeding.stream(config.seed, "policy", number) >> 33 if number else config.seed,
        "device": "cpu",
    }
    if config.algorithm is Algorithm.PPO:
        shared["policy_kwargs"] |= {"optimizer_kwargs": _ADAM}
        return PPO(
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
