"""What QMIX, MAPPO and MADDPG share: the loop from seeing to learning, acting, saving and going on.

The loop is four questions, which other loops may ask as well:

    actions, info = learner.select_action_with_info(seen)      # each agent from its own observation
    turn = env.step(actions)
    learner.store_experience(seen, actions, turn, info)
    if learner.should_update():
        metrics = learner.update()
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, Self, TypeVar

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from simulator.envs.games.game import Game
from simulator.envs.joint import Joint, JointEnv, Turn, refuse_not_finite
from simulator.training.checkpoint import Checkpoint, Draft, Lineage
from simulator.training.networks import one_thread, torch_generator

LEARNED, WORLDS = "learned.pt", "worlds.bin"


class JointConfig(Protocol):
    """What the configuration of every joint learner says."""

    @property
    def seed(self) -> int:
        """Root of every stream of randomness."""
        ...

    @property
    def steps(self) -> int:
        """Joint steps: one step of one world, for all its agents."""
        ...


class Kept(Protocol):
    """A part of a learner that a checkpoint stores."""

    def state_dict(self) -> dict[str, Any]:
        """All of it."""
        ...

    def load_state_dict(self, state: Any) -> Any:
        """Be as the one stored."""
        ...


@dataclass(frozen=True)
class Progress:
    """What training has come to after an update."""

    steps: int  # joint steps so far
    metrics: dict[str, float]  # losses by name, and `return`: mean over agents of the episodes that ended last


Info = dict[str, Tensor]
C = TypeVar("C", bound=JointConfig)


class JointLearner(ABC, Generic[C]):
    """Learns together what each does alone: central in training, decentralised in acting.

    Parameters
    ----------
    config : with the environment it decides every number that comes out.
    env : worlds to learn in, at their beginning.

    Iterate `iterations()`; between two of them `save` stores everything, and a learner from `resume` goes on as if nothing had been.
    """

    def __init__(self, config: C, env: JointEnv) -> None:
        self.config, self.env = config, env
        self.generator = torch_generator(config.seed, "joint learner")
        self._chance = torch_generator(config.seed, "joint learner", "acting")  # of `act`, so that watching changes no training
        self.steps, self.updates = 0, 0
        self.seen = env.reset()
        self.began = torch.ones(env.worlds)  # 1 where an episode is at its first step
        self.memory = torch.zeros(env.worlds, env.agents, 0)  # of recurrent agents in training
        self._returns, self._last_return = np.zeros((env.worlds, env.agents)), float("nan")
        with one_thread():
            self.parts: dict[str, Kept] = self._build()
        self._acting = self.memory[:0]  # of recurrent agents in `act`

    # ---- what an algorithm says

    @abstractmethod
    def _build(self) -> dict[str, Kept]:
        """Make networks, optimisers and memories; return those that a checkpoint stores, by name."""

    @abstractmethod
    def _decide(self, seen: Tensor, masks: Tensor | None, memory: Tensor, chance: torch.Generator | None) -> tuple[Tensor, Tensor, Info]:
        """Actions of all agents, exploring where there is `chance`, their memories after it, and what learning wants to know."""

    @abstractmethod
    def _keep(self, seen: Joint, actions: NDArray[Any], turn: Turn, info: Info) -> None:
        """Remember a step."""

    @abstractmethod
    def should_update(self) -> bool:
        """Whether there is enough to learn from."""

    @abstractmethod
    def update(self) -> dict[str, float]:
        """Learn; returns losses by name."""

    # ---- the loop

    def iterations(self) -> Iterator[Progress]:
        """Train until an update at or after the configuration's steps; yields after each update."""
        while self.steps < self.config.steps:
            with one_thread():
                metrics = self._until_update()
            yield Progress(self.steps, metrics | {"return": self._last_return})

    def train(self) -> Self:
        """Train to the end."""
        for _ in self.iterations():
            pass
        return self

    def _until_update(self) -> dict[str, float]:
        while True:
            actions, info = self.select_action_with_info(self.seen)
            turn = self.env.step(actions)
            self.store_experience(self.seen, actions, turn, info)
            if self.should_update():
                return self.update()

    @torch.inference_mode()
    def select_action_with_info(self, seen: Joint, greedy: bool = False) -> tuple[NDArray[Any], Info]:
        """Actions (worlds, agents, ...) for training, and what `store_experience` wants to know of them."""
        before = self.memory
        masks = None if seen.masks is None else torch.from_numpy(seen.masks)
        actions, self.memory, info = self._decide(torch.from_numpy(seen.observations), masks, before, None if greedy else self.generator)
        return actions.numpy(), info | {"memory": before}

    @torch.inference_mode()
    def store_experience(self, seen: Joint, actions: NDArray[Any], turn: Turn, info: Info) -> None:
        """Remember a step. Raises ValueError for a reward that is no number, naming world and agent."""
        refuse_not_finite(turn.rewards)
        self._keep(seen, actions, turn, info)
        self.seen, self.steps = turn.seen, self.steps + self.env.worlds
        self._returns += turn.rewards
        ended = turn.terminated | turn.truncated
        self.began = torch.from_numpy(ended.astype(np.float32))
        if ended.any():
            self._last_return = float(self._returns[ended].mean())
            self._returns[ended] = 0.0
            self.memory = self.memory * (1.0 - self.began)[:, None, None]

    # ---- playing what was learned

    @torch.inference_mode()
    def act(self, observations: NDArray[np.float32], greedy: bool = True, masks: NDArray[np.bool_] | None = None) -> NDArray[Any]:
        """Actions for observations (n, agents, features) of any n worlds; each agent's are a function of its own row.

        Recurrent agents remember from call to call; `forget` at the beginning of episodes.
        """
        if len(self._acting) != len(observations):
            self.forget(len(observations))
        with one_thread():
            legal = None if masks is None else torch.from_numpy(masks)
            actions, self._acting, _ = self._decide(torch.from_numpy(observations), legal, self._acting, None if greedy else self._chance)
        return actions.numpy()

    def forget(self, worlds: int) -> None:
        """Let recurrent agents of so many worlds remember nothing."""
        self._acting = torch.zeros(worlds, *self.memory.shape[1:])

    # ---- checkpoints

    def save(self, folder: Path, code_version: str = "unknown") -> Lineage:
        """Store a checkpoint in a folder, whole or not at all; an older one there is replaced."""
        log_hash = getattr(self.env, "log_hash", str)()
        config = msgspec.json.decode(msgspec.json.encode(self.config))
        lineage = Lineage(config=config, seed=self.config.seed, code_version=code_version, steps=self.steps, log_hash=log_hash)
        with Draft(folder) as draft:
            torch.save(self._state(), draft.folder / LEARNED)
            (draft.folder / WORLDS).write_bytes(self.env.snapshot())
            draft.commit(lineage)
        return lineage

    def _state(self) -> dict[str, Any]:
        return {
            "parts": {name: part.state_dict() for name, part in self.parts.items()},
            "generator": self.generator.get_state(),
            "counts": [self.steps, self.updates],
            "tensors": [self.began, self.memory, torch.from_numpy(self._returns), torch.tensor(self._last_return, dtype=torch.float64)],
        }

    @classmethod
    def resume(cls, folder: Path, env: JointEnv) -> Self:
        """The learner that wrote a checkpoint, at the update after which it did; `env` is made as the one it learned in.

        Raises ValueError for no checkpoint, or one of another algorithm or environment.
        """
        lineage = Checkpoint(folder).lineage
        try:
            learner = cls(msgspec.convert(lineage.config, cls.config_type()), env)
            learner._load(torch.load(folder / LEARNED, weights_only=True))
        except (msgspec.ValidationError, RuntimeError, KeyError) as error:
            raise ValueError(
                f"checkpoint {folder} is not of {cls.__name__} in this environment: {error}; pass those of its training"
            ) from error
        learner.seen = env.restore((folder / WORLDS).read_bytes())
        return learner

    @classmethod
    @abstractmethod
    def config_type(cls) -> type[C]:
        """The class of its configuration."""

    def _load(self, state: dict[str, Any]) -> None:
        for name, part in self.parts.items():
            part.load_state_dict(state["parts"][name])
        self.generator.set_state(state["generator"])
        self.steps, self.updates = state["counts"]
        self.began, self.memory, returns, last_return = state["tensors"]
        self._returns, self._last_return = returns.numpy(), float(last_return)


def episode_return(learner: JointLearner[Any], game: Game) -> float:
    """Mean return of an episode of a game over its worlds and agents, played greedily."""
    seen, total = game.reset(), 0.0
    learner.forget(game.worlds)
    for _ in range(game.length):
        turn = game.step(learner.act(seen.observations))
        seen, total = turn.seen, total + float(turn.rewards.mean())
    return total
