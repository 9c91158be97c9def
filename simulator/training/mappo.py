"""MAPPO: every agent acts by what it sees itself, and learns from a critic that sees the joint state.

Source: Yu et al. (2022), "The surprising effectiveness of PPO in cooperative multi-agent games"; advantages by Schulman et al. (2016),
clipped surrogate by Schulman et al. (2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from simulator.envs.joint import Choices, Joint, JointEnv, Turn
from simulator.training.joint_learner import Info, JointLearner, Kept
from simulator.training.networks import AgentNetwork, Dense, Sharing, among_legal, sampled
from simulator.training.replay import Column, Rollout, Rows


@dataclass(frozen=True, kw_only=True)
class MappoConfig:
    """A training of MAPPO. With the environment it decides every number that comes out."""

    seed: int = 0
    """Root of networks, exploration and minibatches."""
    steps: int = 1_000_000
    """Joint steps of the whole training, rounded up to a rollout."""
    hidden: int = 64
    """Width of both hidden layers of actors and critic."""
    sharing: Sharing = Sharing.SHARED
    """Whether actors share weights (paper: where agents are alike)."""
    recurrent: bool = False
    """Whether actors remember: a GRU as second layer, learned through whole rollouts. The critic sees the state and needs none."""
    gamma: float = 0.95
    """Discount per step."""
    gae_lambda: float = 0.95
    """Weight of longer estimates in the advantage (Schulman et al., 2016)."""
    learning_rate: float = 1e-2
    """Step size of the actors' Adam at the beginning; it falls to zero on a straight line. With eight epochs instead of one, 2e-3."""
    critic_rate: float = 1e-2
    """And of the critic's."""
    rollout: int = 32
    """Steps of all worlds between two updates."""
    epochs: int = 1
    """Passes over a rollout (paper: 5 to 15; fewer are faster and, with many worlds, enough)."""
    minibatches: int = 8
    """Gradient steps of a pass (paper: 1 or 2)."""
    clip: float = 0.2
    """Half-width of the clipped surrogate's interval (Schulman et al., 2017)."""
    entropy: float = 0.01
    """Weight of the entropy bonus (paper: 0.01)."""
    value_weight: float = 0.5
    """Weight of the critic's loss."""
    clip_norm: float = 0.5
    """Longest gradient, of actors and of the critic each (paper: 10)."""
    normaliser_memory: float = 0.99
    """Share of the running mean and deviation of returns that an update leaves (paper: value normalisation)."""

    def __post_init__(self) -> None:
        for name in ("steps", "hidden", "rollout", "epochs", "minibatches"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} {getattr(self, name)} is not positive; give at least 1")


class Critic(nn.Module):
    """What each agent may expect from a joint state on, (rows, agents) for (rows, state)."""

    def __init__(self, state: int, hidden: int, agents: int, generator: torch.Generator) -> None:
        super().__init__()
        self.first = Dense(1, state, hidden, generator)
        self.second = Dense(1, hidden, hidden, generator)
        self.last = Dense(1, hidden, agents, generator, 1.0)

    def forward(self, state: Tensor) -> Tensor:
        """Expected returns, in deviations from the mean return."""
        values: Tensor = self.last(torch.relu_(self.second(torch.relu_(self.first(state)))))
        return values


class Normaliser(nn.Module):
    """Running mean and deviation of returns, so that the critic learns numbers of order one."""

    mean: Tensor
    square: Tensor
    weight: Tensor

    def __init__(self, keeps: float) -> None:
        super().__init__()
        self.keeps = keeps
        for name in ("mean", "square", "weight"):
            self.register_buffer(name, torch.zeros(()))

    def update(self, returns: Tensor) -> None:
        """Take some returns into account."""
        for running, now in ((self.mean, returns.mean()), (self.square, returns.square().mean()), (self.weight, torch.ones(()))):
            running.lerp_(now, 1.0 - self.keeps)

    def scale(self) -> tuple[Tensor, Tensor]:
        """Mean and deviation; 0 and 1 before anything is known."""
        if self.weight == 0.0:
            return torch.zeros(()), torch.ones(())
        mean = self.mean / self.weight
        return mean, (self.square / self.weight - mean.square()).clamp(min=1e-4).sqrt()


class Mappo(JointLearner[MappoConfig]):
    """Learns policies over choices from each agent's own rewards; a team's agents are given the team's.

    Raises ValueError for an environment whose actions are numbers.
    """

    @classmethod
    def config_type(cls) -> type[MappoConfig]:
        """MappoConfig."""
        return MappoConfig

    def _build(self) -> dict[str, Kept]:
        config, env, chance = self.config, self.env, self.generator
        if not isinstance(env.actions, Choices):
            raise ValueError(f"MAPPO here draws choices, not {env.actions}; use MADDPG, or an environment of choices")
        self.actors = AgentNetwork(
            env.agents, env.features, config.hidden, env.actions.count, chance, config.sharing, config.recurrent, gain=0.01
        )
        self.critic = Critic(env.state_size, config.hidden, env.agents, chance)
        self.normaliser = Normaliser(config.normaliser_memory)
        learned = [{"params": [*network.parameters()]} for network in (self.actors, self.critic)]
        self.optimiser = torch.optim.Adam(learned, config.learning_rate, eps=1e-5, fused=True)
        self.memory = self.actors.start(env.worlds)
        self.rollout = Rollout(config.rollout, env.worlds, self._columns(env, env.actions.count))
        kept: dict[str, Kept] = {"actors": self.actors, "critic": self.critic, "normaliser": self.normaliser}
        return kept | {"optimiser": self.optimiser, "rollout": self.rollout}

    def _columns(self, env: JointEnv, choices: int) -> dict[str, Column]:
        state, each, one = Column((env.state_size,)), Column((env.agents,)), Column(())
        columns = {"seen": Column((env.agents, env.features)), "state": state, "last_state": state, "rewards": each, "log_chance": each}
        columns |= {"actions": Column((env.agents,), torch.int64), "goes_on": one, "runs": one, "began": one}
        columns |= {"memory": Column(tuple(self.memory.shape[1:]))}
        return columns if self.seen.masks is None else columns | {"legal": Column((env.agents, choices), torch.bool)}

    # ---- acting

    def _decide(self, seen: Tensor, masks: Tensor | None, memory: Tensor, chance: torch.Generator | None) -> tuple[Tensor, Tensor, Info]:
        logits, memory = self.actors(seen, memory)
        logits = among_legal(logits, masks)
        if chance is None:
            return logits.argmax(-1), memory, {}
        logs = logits.log_softmax(-1)
        actions = sampled(logs.exp(), chance)
        return actions, memory, {"log_chance": of_chosen(logs, actions)}

    # ---- remembering

    def _keep(self, seen: Joint, actions: NDArray[Any], turn: Turn, info: Info) -> None:
        rows = {
            "seen": seen.observations,
            "state": seen.state,
            "last_state": turn.last.state,
            "rewards": turn.rewards,
            "actions": actions,
            "goes_on": ~turn.terminated,
            "runs": ~(turn.terminated | turn.truncated),
            "began": self.began.numpy(),
        }
        rows |= {name: column.numpy() for name, column in info.items()}
        self.rollout.put(rows if seen.masks is None else rows | {"legal": seen.masks})

    def should_update(self) -> bool:
        """At the end of a rollout."""
        return self.rollout.full

    # ---- learning

    def update(self) -> dict[str, float]:
        """Some passes over the rollout."""
        config, rows = self.config, self.rollout.columns
        advantages, returns = self._estimate(rows)
        mean, deviation = self.normaliser.scale()
        rows = rows | {"advantages": (advantages - advantages.mean()) / (advantages.std() + 1e-8), "aims": (returns - mean) / deviation}
        if not config.recurrent:  # every step is a sequence of its own
            rows = {name: column.flatten(0, 1)[None] for name, column in rows.items()}
        left = max(0.0, 1.0 - self.steps / (config.steps + config.rollout * self.env.worlds))
        for group, rate in zip(self.optimiser.param_groups, (config.learning_rate, config.critic_rate), strict=True):
            group["lr"] = rate * left
        losses = torch.zeros(3)
        for _ in range(config.epochs):
            order = torch.randperm(rows["seen"].shape[1], generator=self.generator)
            for drawn in order.chunk(config.minibatches):
                losses += self._descend({name: column.index_select(1, drawn) for name, column in rows.items()})
                self.updates += 1
        surrogate, critic, entropy = (losses / (config.epochs * config.minibatches)).tolist()
        return {"surrogate": surrogate, "critic": critic, "entropy": entropy}

    @torch.no_grad()
    def _estimate(self, rows: Rows) -> tuple[Tensor, Tensor]:
        """Advantages and returns (steps, worlds, agents).

        Where time was up, what would have come is the critic's value of the last state; after a terminated game nothing comes.
        """
        mean, deviation = self.normaliser.scale()
        values = self.critic(rows["state"].flatten(0, 1)).view_as(rows["rewards"])
        after = torch.cat([values[1:], self.critic(rows["last_state"][-1])[None]])
        ended = rows["runs"] == 0.0
        after[ended] = self.critic(rows["last_state"][ended])
        values, after = values * deviation + mean, after * deviation + mean
        surprises = rows["rewards"] + self.config.gamma * rows["goes_on"][..., None] * after - values
        keeps = self.config.gamma * self.config.gae_lambda * rows["runs"][..., None]
        advantages, running = torch.empty_like(surprises), torch.zeros_like(surprises[0])
        for step in range(self.config.rollout - 1, -1, -1):
            running = torch.addcmul(surprises[step], keeps[step], running, out=advantages[step])
        returns = advantages + values
        self.normaliser.update(returns)
        return advantages, returns

    def _descend(self, rows: Rows) -> Tensor:
        """One gradient step; columns of `rows` are (steps, sequences, ...)."""
        config = self.config
        logits = among_legal(self.actors.unroll(rows["seen"], rows["memory"][0], rows["began"])[0], rows.get("legal"))
        logs = logits.log_softmax(-1)
        chosen = of_chosen(logs, rows["actions"])
        ratio, advantages = (chosen - rows["log_chance"]).exp(), rows["advantages"]
        surrogate = torch.minimum(ratio * advantages, ratio.clamp(1.0 - config.clip, 1.0 + config.clip) * advantages).mean()
        entropy = -(logs.exp() * logs).sum(-1).mean()
        critic = nn.functional.mse_loss(self.critic(rows["state"].flatten(0, 1)), rows["aims"].flatten(0, 1))
        self.optimiser.zero_grad()
        (config.value_weight * critic - surrogate - config.entropy * entropy).backward()  # type: ignore[no-untyped-call]
        for network in (self.actors, self.critic):
            nn.utils.clip_grad_norm_(network.parameters(), config.clip_norm, foreach=True)
        self.optimiser.step()
        return torch.stack([surrogate, critic, entropy]).detach()


def of_chosen(logs: Tensor, actions: Tensor) -> Tensor:
    """The entries (...) of (..., choices) that were chosen."""
    return logs.gather(-1, actions[..., None])[..., 0]
