"""What every manipulator must do: legal commands, episodes that it declares, the same from either form, whatever its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from simulator.manipulators.infiltrated import infiltrated
from simulator.manipulators.manipulator import Manipulator
from simulator.traders.registry import make_trader, parameter_names, strategy
from simulator.traders.trader import Trader
from simulator.types import Outcome
from simulator.world.episodes import Episode, episodes
from simulator.world.scenario import Scenario
from simulator.world.world import World
from tests.contracts.check_trader import check_trader

DRAWS = 6


def check_manipulator(name: str, scenario: Scenario, steps: int = 6000, groups: int = 6) -> list[Episode]:
    """Check a family in so many groups of drawn numbers; returns their episodes. Raises AssertionError naming the first offence.

    Its episodes come from all groups but one at most, some come to something, each lasts no longer than a tenth of the run and names only
    agents of its group.
    """
    made = strategy(name)
    assert issubclass(made, Manipulator) and made.family, f"{name} names no family"
    assert set(made.RANGES) <= set(parameter_names(name)), f"ranges of {name} are not parameters of it: {set(made.RANGES)}"
    for parameter, range_of in made.WIDER.items():
        usual = made.RANGES.get(parameter, range_of)
        assert range_of.low <= usual.low and usual.high <= range_of.high, f"the wider range of {parameter} is a narrower one"
    assert set(made.WIDER) <= set(parameter_names(name)), f"ranges of {name} are not parameters of it: {set(made.WIDER)}"
    for number in range(DRAWS):
        check_trader(make_trader(name, made.drawn(number, "check")))
        check_trader(make_trader(name, made.drawn(number, "check", wider=True)))
    world = _played(World(infiltrated(scenario, [name], 5, groups), 0, 5), steps)
    found = episodes(world.declared)
    kinds = {each.agent: int(world.agents["trader_type"][each.agent]) for each in found}
    assert len(set(kinds.values())) >= groups - 1, f"only {len(set(kinds.values()))} of {groups} groups have episodes"
    assert any(each.outcome is Outcome.CONSUMMATED for each in found), "no episode came to anything"
    assert all(each.last_step - each.first_step <= steps // 10 for each in found), "an episode takes too long"
    by_number: dict[int, set[int]] = {}
    for each in found:
        by_number.setdefault(each.number, set()).add(kinds[each.agent])
    assert all(len(groups_of) == 1 for groups_of in by_number.values()), "two groups share the number of an episode"
    few = msgspec.structs.replace(scenario.with_agents(max(30, scenario.agents // 5)), steps=400)
    one, other = (_played(World(infiltrated(few, [name], 7, 2), 0, 7, maker), 400) for maker in (make_trader, _in_python))
    assert one.hash() == other.hash(), "the two forms play differently"
    assert one.declared.tolist() == other.declared.tolist(), "the two forms declare differently"
    return found


def _played(world: World, steps: int) -> World:
    for _ in world.chunks(steps):
        pass
    return world


def _in_python(name: str, parameters: Mapping[str, Any]) -> Trader:
    trader = make_trader(name, parameters)
    if isinstance(trader, Manipulator):
        trader.address = 0
    return trader
