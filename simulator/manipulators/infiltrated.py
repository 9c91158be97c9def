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

    Each group is a population of its own, with parameters of its own where the family has ranges for them. Raises ValueError for a
    strategy without a family.
    """
    return joined(scenario, [group for name in families for group in groups_of(scenario, name, seed, groups)])


def groups_of(scenario: Scenario, name: str, seed: int, groups: int, wider: bool = False) -> list[Population]:
    """So many groups of a family, of wider ranges if asked for. Raises ValueError for a strategy without a family."""
    return [_group(scenario, name, seed, number, wider) for number in range(groups)]


def joined(scenario: Scenario, populations: Sequence[Population]) -> Scenario:
    """The scenario with populations more, each with a count; the others stay as many as they are."""
    counted = [
        msgspec.structs.replace(old, share=None, count=count) for old, count in zip(scenario.populations, scenario.counts(), strict=True)
    ]
    agents = scenario.agents + sum(population.count or 0 for population in populations)
    return msgspec.structs.replace(scenario, agents=agents, populations=(*counted, *populations))


def _group(scenario: Scenario, name: str, seed: int, number: int, wider: bool) -> Population:
    found = strategy(name)
    if not found.family:
        raise ValueError(f"{name} names no family of manipulation; set `family` in its class, as simulator.manipulators.spoofing does")
    if not issubclass(found, Manipulator):
        return Population(trader=name, count=1)
    members = int(found.MEMBERS.at(float(seeding.generator(seed, "members", name, number).random())))
    parameters = found.drawn(seed, name, number, wider=wider)
    return Population(trader=name, count=members, **({"parameters": parameters} | found.seat(scenario, members, parameters)))
