"""QMIX, and what it generalises: value decomposition networks and independent Q-learning.

Sources: Rashid et al. (2018), "QMIX: Monotonic value function factorisation for deep multi-agent reinforcement learning"; Sunehag et al.
(2018), "Value-decomposition networks for cooperative multi-agent learning"; Tan (1993), "Multi-agent reinforcement learning: independent
vs. cooperative agents". With double Q-learning (van Hasselt et al., 2016) and, if recurrent, stored memories (Kapturowski et al., 2019).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from enum import Enum
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from simulator.envs.joint import Choices, Joint, JointEnv, Turn
from simulator.training.exploration import Fading
from simulator.training.joint_learner import Info, JointLearner, Kept
from simulator.training.networks import AgentNetwork, Dense, Sharing, among_legal, sampled
from simulator.training.replay import Column, Rows, Sequences


class Mixing(Enum):
    """How agents' values make the value that is learned."""

    QMIX = "qmix"  # any function of them that rises in each, chosen by the state
    VDN = "vdn"  # their sum
    INDEPENDENT = "independent"  # each learns its own, from its own reward


@dataclass(frozen=True, kw_only=True)
class QmixConfig:
    """A training of QMIX, VDN or independent Q. With the environment it decides every number that comes out."""

    mixing: Mixing = Mixing.QMIX
    """How agents' values are mixed."""
    seed: int = 0
    """Root of networks, exploration and sampling."""
    steps: int = 400_000
    """Joint steps of the whole training, rounded up to an update."""
    hidden: int = 64
    """Width of both hidden layers of an agent's network."""
    sharing: Sharing = Sharing.SHARED
    """Whether agents share weights, as in the paper."""
    recurrent: bool = False
    """Whether agents remember: a GRU as second layer, as in the paper."""
    sequence: int = 16
    """Recurrent: steps of a piece that is learned from at once."""
    embedding: int = 32
    """Width of the mixing network (paper: 32)."""
    gamma: float = 0.95
    """Discount per step."""
    learning_rate: float = 1e-3
    """Step size of Adam at the beginning."""
    learning_rate_end: float = 1e-4
    """And at the end, reached on a straight line."""
    epsilon: Fading = Fading(1.0, 0.05, 100_000)  # noqa: RUF009  # frozen
    """Share of choices made at random, by joint steps (paper: 1 to 0.05 over 50,000)."""
    memory: int = 50_000
    """Joint steps in the replay memory."""
    warm_up: int = 4096
    """Joint steps before the first update."""
    update_every: int = 8
    """Steps of all worlds between two updates; if recurrent, in whole sequences."""
    gradient_steps: int = 1
    """Gradient steps of an update."""
    batch: int = 1024
    """Joint steps of a gradient step."""
    target_every: int = 50
    """Gradient steps after which the target network is brought up to date (paper: 200 episodes)."""
    clip_norm: float = 10.0
    """Longest gradient."""

    def __post_init__(self) -> None:
        for name in ("steps", "hidden", "sequence", "embedding", "memory", "update_every", "gradient_steps", "batch", "target_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} {getattr(self, name)} is not positive; give at least 1")

    @property
    def piece(self) -> int:
        """Steps of a piece in memory."""
        return self.sequence if self.recurrent else 1


class Mixer(nn.Module):
    """QMIX's mixing network: its weights are functions of the state, and not negative, so that what is best for each is best for all."""

    def __init__(self, agents: int, state: int, embedding: int, generator: torch.Generator) -> None:
        super().__init__()
        self.agents, self.embedding = agents, embedding
        self.sizes = (agents * embedding, embedding, embedding, embedding)  # weights in, weights out, bias in, hidden layer of the bias out
        self.weights = Dense(1, state, sum(self.sizes), generator, 1.0)
        self.bias_out = Dense(1, embedding, 1, generator, 1.0)

    def forward(self, values: Tensor, state: Tensor) -> Tensor:
        """Q_tot (rows, 1) of agents' values (rows, agents) in states (rows, state)."""
        weights_in, weights_out, bias_in, bias_hidden = self.weights(state).split(self.sizes, -1)
        inner = torch.bmm(values[:, None], weights_in.abs().view(-1, self.agents, self.embedding))[:, 0] + bias_in
        bias_out: Tensor = self.bias_out(torch.relu(bias_hidden))
        mixed: Tensor = (nn.functional.elu(inner) * weights_out.abs()).sum(-1, keepdim=True) + bias_out
        return mixed


class Values(nn.Module):
    """Agents' values of their choices, and their mixing."""

    def __init__(self, config: QmixConfig, env: JointEnv, choices: int, generator: torch.Generator) -> None:
        super().__init__()
        self.mixing = config.mixing
        self.agents = AgentNetwork(env.agents, env.features, config.hidden, choices, generator, config.sharing, config.recurrent)
        self.mixer = Mixer(env.agents, env.state_size, config.embedding, generator) if config.mixing is Mixing.QMIX else None

    def mix(self, values: Tensor, state: Tensor) -> Tensor:
        """What is learned, (rows, 1), or (rows, agents) of independent ones, from agents' values (rows, agents)."""
        if self.mixer is not None:
            mixed: Tensor = self.mixer(values, state)
            return mixed
        return values.sum(-1, keepdim=True) if self.mixing is Mixing.VDN else values


class Qmix(JointLearner[QmixConfig]):
    """Learns values of joint choices from the mean of the agents' rewards, or each its own where they are independent.

    Raises ValueError for an environment whose actions are numbers.
    """

    @classmethod
    def config_type(cls) -> type[QmixConfig]:
        """QmixConfig."""
        return QmixConfig

    def _build(self) -> dict[str, Kept]:
        config, env = self.config, self.env
        if not isinstance(env.actions, Choices):
            raise ValueError(f"QMIX needs choices to find the best of, not {env.actions}; use MADDPG, or an environment of choices")
        self.online = Values(config, env, env.actions.count, self.generator)
        self.target = copy.deepcopy(self.online).requires_grad_(False)
        self.optimiser = torch.optim.Adam(self.online.parameters(), config.learning_rate, fused=True)
        self.memory = self.online.agents.start(env.worlds)
        self.replay = Sequences(config.memory, config.piece, env.worlds, self._columns(env.actions.count))
        return {"online": self.online, "target": self.target, "optimiser": self.optimiser, "replay": self.replay}

    def _columns(self, choices: int) -> dict[str, Column]:
        env = self.env
        seen, state = Column((env.agents, env.features)), Column((env.state_size,))
        columns = {"seen": seen, "state": state, "last": seen, "last_state": state, "actions": Column((env.agents,), torch.int64)}
        columns |= {"rewards": Column((env.agents,)), "goes_on": Column(()), "began": Column(())}
        columns |= {"memory": Column(tuple(self.memory.shape[1:]))}
        return columns if self.seen.masks is None else columns | {"legal": Column((env.agents, choices), torch.bool)}

    # ---- acting

    def _decide(self, seen: Tensor, masks: Tensor | None, memory: Tensor, chance: torch.Generator | None) -> tuple[Tensor, Tensor, Info]:
        values, memory = self.online.agents(seen, memory)
        best = among_legal(values, masks).argmax(-1)
        if chance is None:
            return best, memory, {}
        anything = sampled(torch.ones_like(values) if masks is None else masks.float(), chance)
        explores = torch.rand(best.shape, generator=chance) < self.config.epsilon.at(self.steps)
        return torch.where(explores, anything, best), memory, {}

    # ---- remembering

    def _keep(self, seen: Joint, actions: NDArray[Any], turn: Turn, info: Info) -> None:
        last = turn.last
        rows = {
            "seen": seen.observations,
            "state": seen.state,
            "last": last.observations,
            "last_state": last.state,
            "actions": actions,
            "rewards": turn.rewards,
            "goes_on": ~turn.terminated,
            "began": self.began.numpy(),
            "memory": info["memory"].numpy(),
        }
        self.replay.put(rows if last.masks is None else rows | {"legal": last.masks})

    def should_update(self) -> bool:
        """After `update_every` steps of all worlds, once there is enough in memory."""
        config, taken = self.config, self.steps // self.env.worlds
        every = -(-config.update_every // config.piece) * config.piece
        return taken % every == 0 and self.steps >= config.warm_up

    # ---- learning

    def update(self) -> dict[str, float]:
        """Some gradient steps towards the reward and what the target network makes of the rest."""
        config, total = self.config, torch.zeros(())
        progress = min(1.0, self.steps / config.steps)
        self.optimiser.param_groups[0]["lr"] = config.learning_rate + progress * (config.learning_rate_end - config.learning_rate)
        for _ in range(config.gradient_steps):
            loss = self._loss(self.replay.sample(max(1, config.batch // config.piece), self.generator))
            self.optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.online.parameters(), config.clip_norm, foreach=True)
            self.optimiser.step()
            self.updates += 1
            if self.updates % config.target_every == 0:
                self.target.load_state_dict(self.online.state_dict())
            total += loss.detach()
        return {"loss": float(total) / config.gradient_steps, "epsilon": config.epsilon.at(self.steps)}

    def _loss(self, rows: Rows) -> Tensor:
        """Mean squared error of the value of what was done; columns of `rows` are (steps, pieces, ...)."""
        began, memory = rows["began"], rows["memory"][0]
        values, memories = self.online.agents.unroll(rows["seen"], memory, began)
        chosen = values.gather(-1, rows["actions"][..., None])[..., 0]
        learned = self.online.mix(chosen.flatten(0, 1), rows["state"].flatten(0, 1))
        with torch.no_grad():
            aims = self._aims(rows, memory, began, memories.detach())
        return nn.functional.mse_loss(learned, aims)

    def _aims(self, rows: Rows, memory: Tensor, began: Tensor, memories: Tensor) -> Tensor:
        """Rewards and the discounted value of where they led to, also where time was up; nothing comes after a terminated game."""
        last = rows["last"].flatten(0, 1)
        if self.config.recurrent:
            target_memories = self.target.agents.unroll(rows["seen"], memory, began)[1].flatten(0, 1)
            memories = memories.flatten(0, 1)
        else:
            target_memories = memories = self.online.agents.start(len(last))
        legal = rows["legal"].flatten(0, 1) if "legal" in rows else None
        best = among_legal(self.online.agents(last, memories)[0], legal).argmax(-1, keepdim=True)
        after = self.target.agents(last, target_memories)[0].gather(-1, best)[..., 0]
        rewards = rows["rewards"].flatten(0, 1)
        if self.config.mixing is not Mixing.INDEPENDENT:
            rewards = rewards.mean(-1, keepdim=True)
        goes_on = rows["goes_on"].flatten(0, 1)[:, None]
        return rewards + self.config.gamma * goes_on * self.target.mix(after, rows["last_state"].flatten(0, 1))

    @torch.inference_mode()
    def team_values(self, seen: Joint) -> Any:
        """Q_tot (n, choices of the first agent, of the second, ...) of all joint choices in n worlds, in which nothing is remembered."""
        values, _ = self.online.agents(torch.from_numpy(seen.observations), self.online.agents.start(len(seen.state)))
        worlds, agents, choices = values.shape
        joint = torch.cartesian_prod(*[torch.arange(choices)] * agents).view(-1, agents)  # (joint choices, agents)
        chosen = values[:, torch.arange(agents), joint]  # (worlds, joint choices, agents)
        state = torch.from_numpy(seen.state).repeat_interleave(len(joint), 0)
        mixed = self.online.mix(chosen.reshape(-1, agents), state).sum(-1)
        return mixed.view(worlds, *[choices] * agents).numpy()
