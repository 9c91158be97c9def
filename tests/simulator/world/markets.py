"""Tiny markets with scripted agents, for the tests of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simulator.traders.trader import Trader
from simulator.types import RECORD, RecordKind
from simulator.world.commands import Commands
from simulator.world.layout import Array
from simulator.world.scenario import Population, Scenario
from simulator.world.scenario_files import load
from simulator.world.view import View
from simulator.world.world import Capacity, World

Decide = Callable[[View, Commands], None]
TINY = Capacity(ring_records=2, orders=1, pages=1, commands=1)


class Script(Trader):
    """A trader of plain Python that does what a function says."""

    def __init__(self, decide: Decide) -> None:
        super().__init__()
        self.decide = decide

    def act(self, view: View, commands: Commands) -> None:
        self.decide(view, commands)


def scripted(
    *scripts: Decide,
    capacity: Capacity = Capacity(),  # noqa: B008
    populations: Mapping[int, Mapping[str, Any]] = {},
    **changes: Any,
) -> World:
    """Return a world in which each script has one agent; agent_of gives its number. `changes` are fields of the scenario.

    populations[number] are fields of that script's Population.
    """
    described = tuple(Population(**{"trader": str(number), "count": 1, **populations.get(number, {})}) for number in range(len(scripts)))
    agents = sum(population.count or 0 for population in described)
    scenario = Scenario(name="test", agents=agents, populations=described, **changes)

    def make(name: str, parameters: Mapping[str, Any]) -> Trader:
        return Script(scripts[int(name)])

    return World(scenario, 0, 1, make, capacity)


def agent_of(world: World, script: int) -> int:
    """Return the number of the agent that plays a script."""
    return int((world.agents["trader_type"] == script).argmax())


def at_steps(**steps: Decide) -> Decide:
    """Return a script that acts in single steps: at_steps(s0=..., s3=...)."""

    def decide(view: View, commands: Commands) -> None:
        if act := steps.get(f"s{view.step}"):
            act(view, commands)

    return decide


def nothing(view: View, commands: Commands) -> None:
    """A script that never acts."""


def trading(agents: int = 30, **changes: Any) -> Scenario:
    """Return the scenario `trading` with another number of agents and other fields."""
    import msgspec

    return msgspec.structs.replace(load("trading").with_agents(agents), **changes)


def log_of(world: World, steps: int) -> Array:
    """Play and return all records as one copy."""
    import numpy as np

    chunks = [chunk.records.copy() for chunk in world.chunks(world.step + steps)]
    return np.concatenate(chunks) if chunks else np.zeros(0, RECORD)


def kinds_of(records: Array) -> list[str]:
    """Return the kinds of records by name."""
    return [RecordKind(kind).name for kind in records["kind"].tolist()]


def only(records: Array, kind: RecordKind) -> Array:
    """Return the records of one kind."""
    found: Array = records[records["kind"] == kind]
    return found
