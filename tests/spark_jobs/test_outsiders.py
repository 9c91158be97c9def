"""The second set of manipulators and honest traders plays, and what the manipulators declare is well-formed."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import msgspec
import pytest

from pipelines.workers.detecting.runs import truth_of
from simulator.manipulators.infiltrated import groups_of, joined
from simulator.manipulators.manipulator import Manipulator
from simulator.types import Outcome
from simulator.world.episodes import OPEN, episodes
from simulator.world.scenario import Population
from simulator.world.scenario_files import load
from simulator.world.world import World
from tests.spark_jobs.outsiders import HONEST, OUTSIDERS, SCENARIOS

STEPS = 2000
KINDS = sorted(OUTSIDERS)


@cache
def played(kind: str) -> World:
    """A market with a group of each manipulator of a kind, after some minutes."""
    scenario = load(SCENARIOS.get(kind, "surveillance"))
    groups = [group for found in OUTSIDERS[kind] for group in groups_of(scenario, f"{found.__module__}:{found.__name__}", 77, 3)]
    world = World(joined(scenario, groups), 0, 77)
    for _ in world.chunks(STEPS):
        pass
    return world


@pytest.mark.parametrize("kind", KINDS)
def test_every_outsider_declares_episodes_of_its_kind(kind: str) -> None:
    world = played(kind)
    agents = {agent for incident in truth_of(world) for agent in incident.agents}
    rows = {int(world.agents["trader_type"][agent]) for agent in agents}
    names = {world.table.populations[row].trader.split(":")[1] for row in rows}
    assert names == {found.__name__ for found in OUTSIDERS[kind]}
    assert {incident.kind for incident in truth_of(world)} == {kind}


@pytest.mark.parametrize("kind", KINDS)
def test_truth_is_well_formed(kind: str) -> None:
    """Each episode lies within the run, is short against it, and no agent is in two at a time."""
    world = played(kind)
    by_agent: dict[int, list[tuple[int, int]]] = {}
    for each in episodes(world.declared):
        last = world.step if each.last_step == OPEN or each.outcome is Outcome.BEGUN else each.last_step
        assert 0 <= each.first_step <= last <= STEPS
        by_agent.setdefault(each.agent, []).append((each.first_step, last))
    for windows in by_agent.values():
        windows.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(windows))
    longest = max(incident.last_step - incident.first_step for incident in truth_of(world))
    assert longest < 1500, longest


@pytest.mark.parametrize("kind", KINDS)
def test_members_of_a_group_are_named_together(kind: str) -> None:
    """All members in every kind but front running, whose client is a victim."""
    world = played(kind)
    sizes = {int(world.agents["members"][min(incident.agents)]): len(incident.agents) for incident in truth_of(world)}
    assert all(named == size or kind == "front_running" for size, named in sizes.items()), sizes


def test_honest_outsiders_trade_and_declare_nothing() -> None:
    scenario = load("surveillance")
    others = [Population(trader=f"{found.__module__}:{found.__name__}", count=4) for found in HONEST]
    world = World(msgspec.structs.replace(joined(scenario, others), steps=STEPS), 0, 78)
    traded = set()
    for chunk in world.chunks(STEPS):
        fills = chunk.records[chunk.records["kind"] == 16]
        traded |= set(fills["owner"].tolist()) | set(fills["other_owner"].tolist())
    assert len(world.declared) == 0
    first = len(scenario.populations)
    for row, found in enumerate(HONEST):
        assert traded & set((world.agents["trader_type"] == first + row).nonzero()[0].tolist()), found


def test_outsiders_are_manipulators_of_their_kind() -> None:
    for kind, classes in OUTSIDERS.items():
        assert len(classes) >= 3
        assert all(issubclass(found, Manipulator) and found.family == kind for found in classes)
