"""A market with manipulators in it, whose numbers are drawn from their ranges: the same scenario, seed and families give the same ones."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from simulator import seeding
from simulator.manipulators.manipulator import Manipulator
from simulator.traders.registry import strategy
from simulator.world.scenario import Population, Scenario


def infiltrated(scenario: Scenario, families: Sequence[str], seed: int, groups: int = 1) -> Scenario:
    """The scenario with `groups` groups of each family more; a lone manipulator is a group of one.

    Each group is a population of its own with parameters of its own. Raises ValueError for a strategy that is no manipulator.
    """
    added = tuple(_group(name, seed, number) for name in families for number in range(groups))
    agents = scenario.agents + sum(population.count or 0 for population in added)
    return msgspec.structs.replace(scenario, agents=agents, populations=(*scenario.populations, *added))


def _group(name: str, seed: int, number: int) -> Population:
    found = strategy(name)
    if not issubclass(found, Manipulator):
        raise ValueError(f"{name} is no manipulator; derive it from simulator.manipulators.manipulator.Manipulator")
    members = int(found.MEMBERS.at(float(seeding.generator(seed, "members", name, number).random())))
    return Population(trader=name, count=members, parameters=found.drawn(seed, name, number))
