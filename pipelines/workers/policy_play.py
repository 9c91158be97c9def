"""Saved policies in simulated markets: which scenario they play in, and which code decides for them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from pipelines.workers.run_config import ChosenPolicy
from simulator.envs.market.scenario import LEARNER, OFFICER
from simulator.training.exported import lineage_of, policy_path
from simulator.training.player import PolicyTrader
from simulator.training.policy import Policy
from simulator.world.agents import MakeTrader, TraderLike, registered
from simulator.world.scenario import Scenario


def chosen_policy(place: Path) -> ChosenPolicy:
    """The policy of a checkpoint's folder, or an exported one. Raises ValueError if there is none or it is of another version."""
    return ChosenPolicy(str(place.resolve()), _hash(policy_path(place)))


def with_learners(scenario: Scenario, place: Path) -> Scenario:
    """The scenario with the learners of a checkpoint or exported policy among its agents, as many as they were in training.

    They take the places of some; where every population says how many it is, they come beside them.

    Raises ValueError if the scenario has too few agents for them, no place of their role, or for traders several symbols.
    """
    training = lineage_of(place).training()
    fixed = all(population.count is not None for population in scenario.populations)
    scripted = scenario.agents if fixed else scenario.agents - training.learners
    if scripted < 1:
        raise ValueError(f"{scenario.agents} agents leave no room beside {training.learners} learners; ask for more with --agents")
    market = training.seated(scenario, scripted).world()
    return msgspec.structs.replace(market, name=scenario.name, description=scenario.description, steps=scenario.steps)


def policy_maker(chosen: ChosenPolicy) -> MakeTrader:
    """Makes the strategies of a run in which a policy plays. Raises ValueError if the policy is not the one the run began with."""
    place = Path(chosen.folder)
    if _hash(policy_path(place)) != chosen.sha256:
        raise ValueError(f"the policy in {chosen.folder} is not the one this run began with; put that one back or start a new run")
    training = lineage_of(place).training()
    market, policy = training.market(), Policy.load(policy_path(place))

    def make(name: str, parameters: Mapping[str, Any]) -> TraderLike:
        return (
            PolicyTrader(policy, market.rules, market.horizon, market.role) if name in (LEARNER, OFFICER) else registered(name, parameters)
        )

    return make


def _hash(path: Path) -> str:
    if not path.is_file():
        raise ValueError(f"no policy at {path}; pass the folder of a checkpoint that `agora train` wrote")
    return hashlib.sha256(path.read_bytes()).hexdigest()
