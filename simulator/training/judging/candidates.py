"""The trained policies that are judged: read from checkpoints, and put together where they differ in nothing but the seed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from simulator.envs.market.scenario import MarketScenario
from simulator.envs.market.types import ActionView
from simulator.training.checkpoint import Checkpoint
from simulator.training.config import Algorithm, TrainConfig
from simulator.training.judging.sampled import SampledPolicy
from simulator.training.player import PolicyTrader
from simulator.training.policy import Policy

UNTRAINED = "untrained.npz"
"""Beside a checkpoint's folder: the policy before its first update."""

_NAMED = 3  # more settings than this do not fit into a name


@dataclass(frozen=True)
class Candidate:
    """A checkpoint.

    label is what people call it: a run, or a folder. returns: mean return of the episodes that ended last, after each rollout.
    """

    label: str
    config: TrainConfig
    policy: Policy
    steps: int
    untrained: Policy | None = None
    returns: tuple[float, ...] = ()

    @classmethod
    def load(cls, folder: Path, label: str, returns: Iterable[float] = ()) -> Candidate:
        """Read a checkpoint's folder. Raises ValueError for one that is missing, foreign, or of another version or market."""
        checkpoint = Checkpoint(folder)
        config = checkpoint.lineage.training()
        policy, before = Policy.load(checkpoint.policy), folder.resolve().parent / UNTRAINED
        found = cls(label, config, policy, checkpoint.lineage.steps, Policy.load(before) if before.is_file() else None, tuple(returns))
        try:
            found.greedy()
        except ValueError as error:
            raise ValueError(f"checkpoint {label} cannot play: {error}") from error
        return found

    def greedy(self, untrained: bool = False) -> PolicyTrader:
        """It as a trader that always does the likeliest; or as it was before training. Raises ValueError where that was not kept."""
        policy = self.untrained if untrained else self.policy
        if policy is None:
            raise ValueError(f"checkpoint {self.label} lies without {UNTRAINED}; evaluate it without its untrained self")
        market = self._market
        return PolicyTrader(policy, market.rules, market.horizon, market.role)

    def sampled(self) -> SampledPolicy:
        """It as a trader that draws its actions as it did in training. Raises ValueError where that cannot be."""
        if why := self.only_greedy:
            raise ValueError(f"checkpoint {self.label} {why}; play it greedily")
        market = self._market
        return SampledPolicy(self.policy, market.rules, market.horizon, market.role)

    @cached_property
    def _market(self) -> MarketScenario:
        return self.config.market()

    @property
    def only_greedy(self) -> str:
        """Why it plays greedily alone, or ""."""
        if self.policy.view is ActionView.BOX:
            return "has continuous actions and is saved without their deviation"
        return "" if self.config.algorithm is Algorithm.PPO else "values actions and has no chances of choosing them"


def check_fit(market: MarketScenario, candidates: Sequence[Candidate]) -> None:
    """Raise ValueError for a candidate that was trained for another role, or sees something else than the market shows."""
    for candidate in candidates:
        if candidate.config.role is not market.role:
            raise ValueError(f"{candidate.label} was trained as a {candidate.config.role}, these seats are of a {market.role}; "
                             "evaluate it by itself")  # fmt: skip
        if candidate.policy.features != len(market.features):
            raise ValueError(
                f"{candidate.label} sees {candidate.policy.features} features and this market shows {len(market.features)}; "
                "choose a scenario like the one that it was trained in"
            )


def families(candidates: Sequence[Candidate]) -> dict[str, list[Candidate]]:
    """Candidates by configuration, the seed aside, under names that tell the configurations apart."""
    found: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        found.setdefault(str(sorted(_settings(candidate.config).items())), []).append(candidate)
    members = list(found.values())
    return {_name(family[0].config, [other[0].config for other in members], number): family for number, family in enumerate(members, 1)}


def _settings(config: TrainConfig) -> dict[str, Any]:
    return {name: value for name, value in config.as_dict().items() if name != "seed"}


def _name(config: TrainConfig, all_of_them: Sequence[TrainConfig], number: int) -> str:
    """The algorithm, and where others use it too, by what they differ."""
    alike = [_settings(other) for other in all_of_them if other.algorithm is config.algorithm]
    mine = _settings(config)
    apart = [name for name in mine if any(other[name] != mine[name] for other in alike)]
    if not apart:
        return config.algorithm.value
    told = ", ".join(f"{name}={mine[name]}" for name in apart)
    return f"{config.algorithm.value} {told if len(apart) <= _NAMED else number}"
