"""What a training is: one frozen configuration, from which everything that happens follows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import msgspec

from simulator.envs.market.action import ActionRules
from simulator.envs.market.scenario import MarketScenario, among, in_role
from simulator.envs.market.types import ActionView
from simulator.envs.registry import checked_name
from simulator.training.objectives import Weights
from simulator.world.mechanisms import RoleName
from simulator.world.scenario import Scenario
from simulator.world.scenario_files import load


class Algorithm(Enum):
    """The learning algorithms, by the name that the command line takes."""

    PPO = "ppo"
    SAC = "sac"
    DQN = "dqn"


class Activation(Enum):
    """What follows each hidden layer."""

    TANH = "tanh"
    RELU = "relu"


class Sharing(Enum):
    """Who learns which policy."""

    SHARED = "shared"  # all learners one
    PER_AGENT = "per_agent"  # each learner of a market its own: independent learners


VIEWS = {
    Algorithm.PPO: (ActionView.DISCRETE, ActionView.MULTI_DISCRETE, ActionView.BOX),
    Algorithm.SAC: (ActionView.BOX,),
    Algorithm.DQN: (ActionView.DISCRETE,),
}
"""The forms of an action that each algorithm of Stable-Baselines3 accepts; the first is its default."""


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """A training run. Its log, its checkpoints and its result are functions of this alone."""

    env: str = "market"
    """Name of the environment in simulator.envs.registry."""
    scenario: str = "trading"
    """Scenario whose scripted agents surround the learners."""
    role: RoleName = RoleName.TRADER
    """What learners are in the market for; of others than traders, money, limits and what they see are the scenario's."""
    scripted: int = 18
    """How many of them there are in each market."""
    informed: bool = True
    """Whether learners see the fundamental value."""
    volatility: float = 3.0
    """Deviation of the fundamental value's move per step, in ticks: how much there is to know. The scenario's other moves stay."""
    position_limit: int = 30
    """Most lots a learner may hold long or short."""
    offsets: tuple[int, ...] = (-1, 0, 2)
    """Ticks behind the own side's best price at which a learner may quote; -1 improves on it."""
    sizes: tuple[int, ...] = (2, 10)
    """Lots a learner may order."""
    quotes: tuple[int, ...] = ()
    """Makers: ticks from the fair price at which a bid and an ask may be placed together, beside limit orders on one side."""
    algorithm: Algorithm = Algorithm.PPO
    """What learns."""
    seed: int = 0
    """Root of every stream of randomness: worlds, network, exploration, minibatches."""
    steps: int = 98_304
    """Environment steps over all learners; rounded up to whole rollouts."""
    worlds: int = 32
    """Markets that run side by side."""
    learners: int = 2
    """Learning agents in each market."""
    sharing: Sharing = Sharing.SHARED
    """Whether they share one policy."""
    episode_steps: int = 256
    """Steps after which a market ends and another takes its place."""
    view: ActionView | None = None
    """Form of the actions; None: the algorithm's default."""
    hidden: tuple[int, ...] = (64, 64)
    """Width of each hidden layer of policy and value network."""
    activation: Activation = Activation.TANH
    """What follows each hidden layer; relu takes less time, tanh is Stable-Baselines3's default."""
    damped: bool = False
    """Whether the reward leaves out what the inventory gained because the fundamental value moved: chance that hides what an action did."""
    standardise: bool = False
    """Whether features are shifted and scaled to mean 0 and deviation 1, as random play shows them before the training."""
    learning_rate: float = 2e-3
    """Step size of Adam."""
    anneal: bool = False
    """Whether the step size falls in a straight line to zero at the end of the training."""
    gamma: float = 0.95
    """Discount per step."""
    gae_lambda: float = 0.95
    """Weight of longer estimates in the advantage (Schulman et al., 2016)."""
    rollout_steps: int = 64
    """PPO: steps of each market between two updates."""
    batch_size: int = 1024
    """Samples per gradient step."""
    epochs: int = 8
    """PPO: passes over each rollout."""
    clip: float = 0.2
    """PPO: half-width of the clipped surrogate's interval (Schulman et al., 2017)."""
    entropy: float = 0.0
    """PPO: weight of the entropy bonus."""
    value_weight: float = 0.5
    """PPO: weight of the critic's loss."""
    value_clip: float | None = None
    """PPO: most that an update may move a value; None: as far as it likes."""
    longest_gradient: float = 0.5
    """Length to which a gradient is cut."""
    buffer_steps: int = 100_000
    """SAC and DQN: samples in the replay buffer."""
    objectives: Weights = field(default_factory=Weights)
    """What profit, risk, fairness and sustainability count in the reward."""

    def __post_init__(self) -> None:
        for name in (
            "steps",
            "scripted",
            "worlds",
            "learners",
            "position_limit",
            "episode_steps",
            "rollout_steps",
            "batch_size",
            "epochs",
            "buffer_steps",
        ):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} {getattr(self, name)} is not positive; give at least 1")
        if not 0.0 <= self.volatility < float("inf"):
            raise ValueError(f"volatility {self.volatility} is not a deviation; give a number from 0")
        if self.seed < 0:
            raise ValueError(f"seed {self.seed} is negative; give a whole number from 0")
        if self.sharing is Sharing.PER_AGENT and self.algorithm is not Algorithm.PPO:
            raise ValueError(f"{self.algorithm.value} learns one policy for all; use ppo for a policy per agent, or sharing shared")
        if self.quotes and self.action_view is not ActionView.DISCRETE:
            raise ValueError(f"quotes are discrete actions, not {self.action_view.value}; take them away, or use discrete actions")
        if self.view is not None and self.view not in VIEWS[self.algorithm]:
            allowed = ", ".join(view.value for view in VIEWS[self.algorithm])
            raise ValueError(f"{self.algorithm.value} does not take {self.view.value} actions; use {allowed}")

    @property
    def action_view(self) -> ActionView:
        """The form of the actions, the default filled in."""
        return self.view or VIEWS[self.algorithm][0]

    @property
    def policies(self) -> int:
        """How many policies are learned."""
        return self.learners if self.sharing is Sharing.PER_AGENT else 1

    @property
    def slots(self) -> int:
        """Learners over all markets: the width of a batch."""
        return self.worlds * self.learners

    @property
    def rollouts(self) -> int:
        """Rollouts that reach `steps`."""
        return -(-self.steps // (self.slots * self.rollout_steps))

    @property
    def episodes(self) -> int:
        """Markets that the whole training runs, each with a world id of its own: 0 to episodes - 1."""
        return self.begun_after(self.rollouts)

    def begun_after(self, rollouts: int) -> int:
        """Markets that so many rollouts played in."""
        return self.worlds * -(-(rollouts * self.rollout_steps) // self.episode_steps)

    def ended_after(self, rollouts: int) -> int:
        """Markets, that is episodes, that ended within so many rollouts."""
        return self.worlds * (rollouts * self.rollout_steps // self.episode_steps)

    def market(self) -> MarketScenario:
        """The market that is learned in. Raises ValueError for an unknown environment, scenario or role."""
        checked_name(self.env)
        scripted = load(self.scenario)
        found = self.seated(scripted, self.scripted)
        if not self._by_itself(scripted):
            return found
        return replace(found, fundamental=msgspec.structs.replace(found.fundamental, volatility=self.volatility))

    def _by_itself(self, scripted: Scenario) -> bool:
        """Whether learners trade one symbol that is no resource, with the money and limits of this configuration."""
        return self.role is RoleName.TRADER and len(scripted.symbols) == 1 and scripted.symbols[0].resource is None

    def seated(self, scripted: Scenario, agents: int) -> MarketScenario:
        """The learners among so many scripted agents of any scenario. Raises ValueError for one in which there is no place for them."""
        shared: dict[str, Any] = {
            "learners": self.learners,
            "horizon": self.episode_steps,
            "rules": ActionRules(self.offsets, self.sizes, self.quotes),
            "damped": self.damped,
        }
        if not self._by_itself(scripted):
            return in_role(scripted, agents, self.role, **shared)
        return among(scripted, agents, informed=self.informed, position_limit=self.position_limit, **shared)

    def as_dict(self) -> dict[str, Any]:
        """The configuration in JSON's types."""
        found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return found

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TrainConfig:
        """Read what as_dict wrote; raises ValueError naming an unknown key or a wrong type."""
        unknown = sorted(set(values) - set(cls.__dataclass_fields__))
        if unknown:
            raise ValueError(f"unknown training settings {', '.join(unknown)}; known: {', '.join(cls.__dataclass_fields__)}")
        try:
            return msgspec.convert(values, cls)
        except msgspec.ValidationError as error:
            raise ValueError(f"training settings do not fit: {error}; correct the value") from error
