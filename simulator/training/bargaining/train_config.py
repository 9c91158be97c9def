"""What a training to bargain is: one frozen configuration, from which everything that happens follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from simulator.bargaining.rules import Party, Rules
from simulator.envs.bargaining.scenario import BargainingScenario
from simulator.envs.bargaining.types import ActionView
from simulator.training.bargaining.objective import Objective
from simulator.training.bargaining.q_config import Starts, TableConfig, one_surplus


class Algorithm(StrEnum):
    """What learns, by the name that the command line takes."""

    Q_LEARNING = "q_learning"  # tables
    PPO = "ppo"
    MASKABLE_PPO = "maskable_ppo"  # of sb3-contrib: what the protocol refuses is never tried
    DQN = "dqn"
    SAC = "sac"


class Seats(StrEnum):
    """Whose part learners take."""

    SUPPLIER = "supplier"  # against the opponent
    RETAILER = "retailer"  # against the opponent
    BOTH = "both"  # against each other, each by a policy of its own
    SHARED = "shared"  # against each other, both by one policy that sees its role


class Sight(StrEnum):
    """What a policy looks at."""

    STATE = "state"  # role, own value, standing price, time: a strategy that can be judged exactly
    HISTORY = "history"  # and the course of the offers, its own last one, and its belief


PRESETS = {"private": Rules(), "known": one_surplus()}
"""Games by name: the default one of private valuations, and the one of ten answered offers over a known surplus of 1."""

VIEWS = {
    Algorithm.Q_LEARNING: (ActionView.DISCRETE,),
    Algorithm.PPO: (ActionView.DISCRETE, ActionView.MULTI_DISCRETE, ActionView.BOX),
    Algorithm.MASKABLE_PPO: (ActionView.DISCRETE, ActionView.MULTI_DISCRETE),
    Algorithm.DQN: (ActionView.DISCRETE,),
    Algorithm.SAC: (ActionView.BOX,),
}
"""The forms of an action that each algorithm accepts; the first is its default."""


@dataclass(frozen=True, kw_only=True)
class BargainingTrainConfig:
    """A training to bargain. Its result is a function of this alone."""

    env: str = "bargaining"
    """Says what kind of training a stored configuration is of."""
    algorithm: Algorithm = Algorithm.Q_LEARNING
    """What learns."""
    seats: Seats = Seats.BOTH
    """Whose part is learned."""
    opponent: str = "linear"
    """Who takes the other part where one party learns: a negotiator's name, or module:Class."""
    rules: Rules = field(default_factory=Rules)
    """The game."""
    buckets: int = 41
    """Prices to choose from, evenly from the lowest to the highest."""
    objective: Objective = Objective.OWN
    """What learners are paid."""
    seed: int = 0
    """Root of every stream of randomness."""
    steps: int = 6_000_000
    """Turns over all negotiations, rounded up to whole rollouts."""
    negotiations: int = 2048
    """How many go on side by side, for each policy."""
    starts: Starts = Starts.BEGINNING
    """Tables: where negotiations begin; EVERYWHERE is right where both know both valuations."""
    value_buckets: int = 8
    """Tables: parts of the range of its own valuation that a party tells apart."""
    power: float = 0.55
    """Tables: the n-th update of an entry has the step size n ** -power."""
    view: ActionView | None = None
    """Networks, like all that follows: form of the actions; None is the algorithm's default."""
    sight: Sight = Sight.STATE
    """What a policy looks at."""
    hidden: tuple[int, ...] = (64, 64)
    """Width of each hidden layer of policy and value network."""
    learning_rate: float = 1e-3
    """Step size of Adam."""
    gamma: float = 1.0
    """Discount per own turn; 1 because payoffs hold the game's own discount."""
    gae_lambda: float = 0.95
    """Weight of longer estimates in the advantage."""
    rollout_steps: int = 16
    """Own turns of each negotiation between two updates."""
    batch_size: int = 2048
    """Samples per gradient step."""
    epochs: int = 4
    """PPO: passes over each rollout; DQN and SAC: gradient steps after it."""
    clip: float = 0.2
    """PPO: half-width of the clipped surrogate's interval."""
    entropy: float = 0.01
    """PPO: weight of the entropy bonus."""
    buffer_steps: int = 200_000
    """DQN and SAC: samples in the replay buffer."""
    explored_share: float = 0.5
    """DQN: share of the training over which exploring fades."""

    def __post_init__(self) -> None:
        for name in ("steps", "negotiations", "value_buckets", "rollout_steps", "batch_size", "epochs", "buffer_steps"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} {getattr(self, name)} is not positive; give at least 1")
        if self.buckets < 2:
            raise ValueError(f"{self.buckets} buckets leave no choice of prices; give at least 2")
        if self.seats is Seats.SHARED and self.negotiations % 2:
            raise ValueError(f"{self.negotiations} negotiations are not halved between two roles; give an even number")
        if self.seed < 0:
            raise ValueError(f"seed {self.seed} is negative; give a whole number from 0")
        if self.env != "bargaining":
            raise ValueError(f"env {self.env!r} is not bargaining; this configuration is of no other one")
        if self.view is not None and self.view not in VIEWS[self.algorithm]:
            allowed = ", ".join(view.value for view in VIEWS[self.algorithm])
            raise ValueError(f"{self.algorithm.value} does not take {self.view.value} actions; use {allowed}")

    @property
    def action_view(self) -> ActionView:
        """The form of the actions, the default filled in."""
        return self.view or VIEWS[self.algorithm][0]

    @property
    def learners(self) -> tuple[Party, ...]:
        """The parties that learn."""
        return {Seats.SUPPLIER: (Party.SUPPLIER,), Seats.RETAILER: (Party.RETAILER,)}.get(self.seats, tuple(Party))

    @property
    def known(self) -> bool:
        """Whether both valuations are certain."""
        return self.rules.supplier[0] == self.rules.supplier[1] and self.rules.retailer[0] == self.rules.retailer[1]

    @property
    def price_step(self) -> float:
        """Between two prices to choose from."""
        return (self.rules.high - self.rules.low) / (self.buckets - 1)

    @property
    def scenario(self) -> BargainingScenario:
        """The game as the batch environment takes it."""
        return BargainingScenario(rules=self.rules, rich=True, buckets=self.buckets)

    @property
    def policies(self) -> dict[Party, str]:
        """Which policy plays a learning party, by name."""
        return {party: "shared" if self.seats is Seats.SHARED else party.name.lower() for party in self.learners}

    @property
    def rollouts(self) -> int:
        """Rollouts of each policy that reach `steps`."""
        return -(-self.steps // (len(set(self.policies.values())) * self.negotiations * self.rollout_steps))

    def tables(self) -> TableConfig:
        """The same as Q-learning over tables takes it."""
        return TableConfig(
            rules=self.rules, step=self.price_step, learners=self.learners, value_buckets=1 if self.known else self.value_buckets,
            starts=self.starts, objective=self.objective, negotiations=self.negotiations, turns=-(-self.steps // self.negotiations),
            gamma=self.gamma, power=self.power, seed=self.seed,
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """The configuration in JSON's types."""
        found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return found

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> BargainingTrainConfig:
        """Read what as_dict wrote, or a part of it; `rules` may be the name of a preset, and its fields "rules.offers" and the like.

        Raises ValueError naming an unknown key or a wrong type.
        """
        plain = {name: value for name, value in values.items() if "." not in name}
        if unknown := sorted(set(plain) - set(cls.__dataclass_fields__)):
            raise ValueError(f"unknown training settings {', '.join(unknown)}; known: {', '.join(cls.__dataclass_fields__)}")
        if isinstance(plain.get("rules"), str):
            plain["rules"] = msgspec.to_builtins(_preset(plain["rules"]))
        changed = {name.removeprefix("rules."): value for name, value in values.items() if "." in name}
        plain["rules"] = dict(plain.get("rules", {})) | changed
        try:
            return msgspec.convert(plain, cls, strict=False)
        except msgspec.ValidationError as error:
            raise ValueError(f"training settings do not fit: {error}; correct the value") from error

    @classmethod
    def tuned(cls, values: Mapping[str, Any]) -> BargainingTrainConfig:
        """The configuration of some settings, with what has proved good for the algorithm and the game in place of the rest."""
        plain = cls.from_dict(values)
        fitting: dict[str, Any] = dict(TUNED[plain.algorithm])
        if plain.known:
            fitting |= {"buckets": 51, "starts": Starts.EVERYWHERE.value}
        return cls.from_dict(fitting | dict(values))


TUNED: dict[Algorithm, dict[str, Any]] = {
    Algorithm.Q_LEARNING: {},
    Algorithm.PPO: {"steps": 1_000_000, "negotiations": 512},
    Algorithm.MASKABLE_PPO: {"steps": 1_000_000, "negotiations": 512},
    Algorithm.DQN: {"steps": 1_000_000, "negotiations": 64, "epochs": 16, "batch_size": 256},
    Algorithm.SAC: {"steps": 300_000, "negotiations": 64, "epochs": 16, "batch_size": 256},
}
"""Settings that differ from the defaults of the configuration, by algorithm."""


def _preset(name: str) -> Rules:
    if name not in PRESETS:
        raise ValueError(f"rules {name!r} are none of {', '.join(PRESETS)}; choose one, or give rules.offers and the like")
    return PRESETS[name]
