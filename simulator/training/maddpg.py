"""MADDPG: every agent acts by what it sees itself, and learns from a critic of its own that knows what all see and do.

Source: Lowe et al. (2017), "Multi-agent actor-critic for mixed cooperative-competitive environments". Choices are drawn by Gumbel-softmax,
with the gradient straight through (Jang et al., 2017); targets follow by Polyak averaging (Lillicrap et al., 2016).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from simulator.envs.joint import Choices, Interval, Joint, JointEnv, Turn
from simulator.training.exploration import Fading
from simulator.training.joint_learner import Info, JointLearner, Kept
from simulator.training.networks import AgentNetwork, Dense, Sharing, among_legal
from simulator.training.replay import Column, Replay, Rows


class Acting(Enum):
    """What actors answer."""

    CONTINUOUS = "continuous"  # numbers in [-1, 1], explored by normal noise
    DISCRETE = "discrete"  # a choice, explored by Gumbel noise


@dataclass(frozen=True, kw_only=True)
class MaddpgConfig:
    """A training of MADDPG. With the environment it decides every number that comes out."""

    acting: Acting = Acting.CONTINUOUS
    """What actors answer; the environment must take it."""
    seed: int = 0
    """Root of networks, exploration and sampling."""
    steps: int = 500_000
    """Joint steps of the whole training, rounded up to an update."""
    hidden: int = 64
    """Width of both hidden layers of actors and critics (paper: 64)."""
    sharing: Sharing = Sharing.SEPARATE
    """Whether actors share weights; critics never do."""
    gamma: float = 0.95
    """Discount per step (paper: 0.95)."""
    actor_rate: float = 1e-3
    """Step size of the actors' Adam at the beginning."""
    critic_rate: float = 2e-3
    """Step size of the critics' Adam at the beginning (paper: 0.01 for both)."""
    rate_end: float = 0.1
    """Share of both that is left at the end, reached on a straight line."""
    polyak: float = 0.02
    """Share by which targets move to the networks at a gradient step (paper: 0.01)."""
    noise: Fading = Fading(0.5, 0.1, 250_000)  # noqa: RUF009  # frozen
    """Continuous: deviation of the noise on actions, by joint steps."""
    temperature: float = 1.0
    """Discrete: of the Gumbel-softmax."""
    logit_weight: float = 1e-3
    """Penalty on what actors answer before it is bounded, so that they stay where gradients are (reference implementation: 0.001)."""
    memory: int = 100_000
    """Joint steps in the replay memory (paper: 1,000,000)."""
    warm_up: int = 4096
    """Joint steps before the first update, taken at random."""
    update_every: int = 8
    """Steps of all worlds between two updates (paper: 100 steps of one world)."""
    gradient_steps: int = 1
    """Gradient steps of an update."""
    batch: int = 1024
    """Joint steps of a gradient step (paper: 1024)."""
    clip_norm: float = 1.0
    """Longest gradient, of actors and critics each (reference implementation: 0.5)."""

    def __post_init__(self) -> None:
        for name in ("steps", "hidden", "memory", "update_every", "gradient_steps", "batch"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} {getattr(self, name)} is not positive; give at least 1")
        if self.temperature <= 0.0:
            raise ValueError(f"temperature {self.temperature} is not positive; give 1 for plain Gumbel-softmax")


class Critics(nn.Module):
    """A critic for each agent: what it may expect from what all see and do.

    The first layer is one product for all critics, what all see times one matrix and what all do times another, so that the value of
    replacing one's own action alone costs a small product more, and not a pass for each agent over everything.
    """

    def __init__(self, env: JointEnv, hidden: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.agents, self.hidden, self.width = env.agents, hidden, width
        seen = env.agents * env.features
        inputs = seen + env.agents * width
        together = torch.cat([Dense(1, inputs, hidden, generator).weight.detach() for _ in range(env.agents)], dim=1)
        self.first_seen, self.first_done = nn.Parameter(together[:seen].clone()), nn.Parameter(together[seen:].clone())
        self.first_bias = nn.Parameter(torch.zeros(env.agents * hidden))
        self.second = Dense(env.agents, hidden, hidden, generator)
        self.last = Dense(env.agents, hidden, 1, generator, 1.0)

    def forward(self, seen: Tensor, actions: Tensor) -> Tensor:
        """Values (rows, agents) of actions (rows, agents, width) where (rows, agents, features) are seen."""
        return self._onward(self._first(seen, actions))

    def of_own(self, seen: Tensor, actions: Tensor, own: Tensor) -> Tensor:
        """The same, where each agent's critic takes its own action from `own` and the others' from `actions`."""
        weight = self.first_done.view(self.agents, self.width, self.agents, self.hidden)
        mine = torch.stack([weight[agent, :, agent] for agent in range(self.agents)])  # (agents, width, hidden)
        return self._onward(self._first(seen, actions) + torch.bmm((own - actions).transpose(0, 1), mine))

    def _first(self, seen: Tensor, actions: Tensor) -> Tensor:
        hidden = torch.addmm(self.first_bias, seen.flatten(1), self.first_seen).addmm(actions.flatten(1), self.first_done)
        return hidden.view(-1, self.agents, self.hidden).transpose(0, 1)

    def _onward(self, hidden: Tensor) -> Tensor:
        values: Tensor = self.last(torch.relu_(self.second(torch.relu_(hidden))))
        return values[..., 0].T


class Maddpg(JointLearner[MaddpgConfig]):
    """Learns actors from each agent's own rewards, which may be the team's or another's loss.

    Raises ValueError for an environment whose actions are not of the configured kind.
    """

    @classmethod
    def config_type(cls) -> type[MaddpgConfig]:
        """MaddpgConfig."""
        return MaddpgConfig

    def _build(self) -> dict[str, Kept]:
        config, env, chance = self.config, self.env, self.generator
        self.width = _checked_width(config.acting, env)
        self.actors = AgentNetwork(env.agents, env.features, config.hidden, self.width, chance, config.sharing, gain=0.01)
        self.critics = Critics(env, config.hidden, self.width, chance)
        self.target_actors = copy.deepcopy(self.actors).requires_grad_(False)
        self.target_critics = copy.deepcopy(self.critics).requires_grad_(False)
        self.actor_optimiser = torch.optim.Adam(self.actors.parameters(), config.actor_rate, fused=True)
        self.critic_optimiser = torch.optim.Adam(self.critics.parameters(), config.critic_rate, fused=True)
        self.replay = Replay(max(env.worlds, config.memory), self._columns(env))
        kept: dict[str, Kept] = {"actors": self.actors, "critics": self.critics, "replay": self.replay}
        kept |= {"target_actors": self.target_actors, "target_critics": self.target_critics}
        return kept | {"actor_optimiser": self.actor_optimiser, "critic_optimiser": self.critic_optimiser}

    def _columns(self, env: JointEnv) -> dict[str, Column]:
        seen, goes_on = Column((env.agents, env.features)), Column(())
        columns = {"seen": seen, "last": seen, "rewards": Column((env.agents,)), "goes_on": goes_on}
        columns |= {"actions": Column((env.agents, self.width))}
        legal = Column((env.agents, self.width), torch.bool)
        return columns if self.seen.masks is None else columns | {"legal": legal, "last_legal": legal}

    # ---- acting

    def _decide(self, seen: Tensor, masks: Tensor | None, memory: Tensor, chance: torch.Generator | None) -> tuple[Tensor, Tensor, Info]:
        answers = self.actors(seen, memory)[0]
        if self.config.acting is Acting.DISCRETE:
            return self._choose(among_legal(answers, masks), chance).argmax(-1), memory, {}
        actions = torch.tanh(answers)
        if chance is None:
            return actions, memory, {}
        if self.steps < self.config.warm_up:
            return torch.empty_like(actions).uniform_(-1.0, 1.0, generator=chance), memory, {}
        noise = torch.empty_like(actions).normal_(0.0, self.config.noise.at(self.steps), generator=chance)
        return (actions + noise).clamp(-1.0, 1.0), memory, {}

    def _choose(self, logits: Tensor, chance: torch.Generator | None) -> Tensor:
        """Logits with Gumbel noise, over the temperature."""
        if chance is None:
            return logits
        gumbel = -torch.empty_like(logits).exponential_(generator=chance).log()
        return (logits + gumbel) / self.config.temperature

    # ---- remembering

    def _keep(self, seen: Joint, actions: NDArray[Any], turn: Turn, info: Info) -> None:
        rows = {
            "seen": seen.observations,
            "last": turn.last.observations,
            "rewards": turn.rewards,
            "goes_on": ~turn.terminated,
            "actions": np.eye(self.width, dtype=np.float32)[actions] if self.config.acting is Acting.DISCRETE else actions,
        }
        if seen.masks is not None and turn.last.masks is not None:
            rows |= {"legal": seen.masks, "last_legal": turn.last.masks}
        self.replay.write(rows)

    def should_update(self) -> bool:
        """After `update_every` steps of all worlds, once there is enough in memory."""
        return self.steps // self.env.worlds % self.config.update_every == 0 and self.steps >= self.config.warm_up

    # ---- learning

    def update(self) -> dict[str, float]:
        """Some gradient steps: critics towards the reward and what the targets make of the rest, actors to where their critic rises."""
        config = self.config
        left = 1.0 + min(1.0, self.steps / config.steps) * (config.rate_end - 1.0)
        self.actor_optimiser.param_groups[0]["lr"] = config.actor_rate * left
        self.critic_optimiser.param_groups[0]["lr"] = config.critic_rate * left
        losses = torch.zeros(2)
        for _ in range(config.gradient_steps):
            rows = self.replay.sample(config.batch, self.generator)
            losses += torch.stack([self._teach_critics(rows), self._teach_actors(rows)])
            self._follow()
            self.updates += 1
        critic, actor = (losses / config.gradient_steps).tolist()
        return {"critic": critic, "actor": actor}

    def _teach_critics(self, rows: Rows) -> Tensor:
        with torch.no_grad():
            answers = self.target_actors(rows["last"], self.memory)[0]
            after = self.target_critics(rows["last"], self._greedy(answers, rows.get("last_legal")))
            aims = rows["rewards"] + self.config.gamma * rows["goes_on"][:, None] * after
        loss: Tensor = (self.critics(rows["seen"], rows["actions"]) - aims).square().mean(0).sum()
        self._descend(loss, self.critics, self.critic_optimiser)
        return loss.detach()

    def _teach_actors(self, rows: Rows) -> Tensor:
        answers = self.actors(rows["seen"], self.memory)[0]
        own = self._relaxed(answers, rows.get("legal"))
        self.critics.requires_grad_(False)
        values = self.critics.of_own(rows["seen"], rows["actions"], own)
        loss: Tensor = -values.mean(0).sum() + self.config.logit_weight * answers.square().mean()
        self._descend(loss, self.actors, self.actor_optimiser)
        self.critics.requires_grad_(True)
        return loss.detach()

    def _greedy(self, answers: Tensor, legal: Tensor | None) -> Tensor:
        """Actions as critics take them, from the actors' answers."""
        if self.config.acting is Acting.CONTINUOUS:
            return torch.tanh(answers)
        return one_hot(among_legal(answers, legal).argmax(-1), self.width)

    def _relaxed(self, answers: Tensor, legal: Tensor | None) -> Tensor:
        """The same, with a gradient: a choice is drawn, and its gradient is that of the softmax it was drawn from."""
        if self.config.acting is Acting.CONTINUOUS:
            return torch.tanh(answers)
        soft = self._choose(among_legal(answers, legal), self.generator).softmax(-1)
        return one_hot(soft.argmax(-1), self.width) + soft - soft.detach()

    def _descend(self, loss: Tensor, network: nn.Module, optimiser: torch.optim.Optimizer) -> None:
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), self.config.clip_norm, foreach=True)
        optimiser.step()

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the targets."""
        for network, target in ((self.actors, self.target_actors), (self.critics, self.target_critics)):
            for parameter, following in zip(network.parameters(), target.parameters(), strict=True):
                following.lerp_(parameter, self.config.polyak)


def one_hot(actions: Tensor, width: int) -> Tensor:
    """Choices (...) as (..., width) zeros and ones."""
    return torch.zeros(*actions.shape, width).scatter_(-1, actions[..., None], 1.0)


def _checked_width(acting: Acting, env: JointEnv) -> int:
    """Numbers of an agent's action as critics take it."""
    if acting is Acting.CONTINUOUS and isinstance(env.actions, Interval):
        return env.actions.size
    if acting is Acting.DISCRETE and isinstance(env.actions, Choices):
        return env.actions.count
    other = Acting.DISCRETE if acting is Acting.CONTINUOUS else Acting.CONTINUOUS
    more = ", MAPPO or QMIX" if other is Acting.DISCRETE else ""
    raise ValueError(f"{acting.value} MADDPG does not fit actions {env.actions}; use acting={other}{more}")
