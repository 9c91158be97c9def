"""What tests and looks at the newcomers share: a market with a group of each of a kind, and what happened in their episodes."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from simulator.manipulators.infiltrated import groups_of, joined
from simulator.manipulators.manipulator import Manipulator
from simulator.types import DealStep, RecordKind
from simulator.world.commands import BUY
from simulator.world.episodes import OPEN, episodes
from simulator.world.layout import Array
from simulator.world.scenario_files import load
from simulator.world.world import World
from tests.spark_jobs.newcomers import NEWCOMERS, SCENARIOS
from tests.spark_jobs.outsiders.outsider import AT, COUNT

STEPS = 2000
EVERY = 10  # steps after which the plans are looked at


class Window(NamedTuple):
    """One episode as its members declared it."""

    first: int
    last: int
    agents: frozenset[int]
    plan: Any  # the first member's memory while it lasted
    members: list[int]  # all of the group, in their order
    records: Array  # while it lasted


class Played(NamedTuple):
    """A market with a group of each newcomer of a kind."""

    world: World
    records: Array
    windows: dict[str, list[Window]]  # by class


@cache
def played(kind: str) -> Played:
    """Play a kind for some minutes, and look at the plans in between."""
    scenario = load(SCENARIOS.get(kind, "surveillance"))
    groups = [group for found in NEWCOMERS[kind] for group in groups_of(scenario, f"{found.__module__}:{found.__name__}", 21, 1)]
    world, parts, plans = World(joined(scenario, groups), 0, 21), [], {}
    types, members = world.agents["trader_type"], world.agents["member"]
    rows = range(len(scenario.populations), len(scenario.populations) + len(groups))
    seats = {row: sorted(np.flatnonzero(types == row).tolist(), key=lambda agent: int(members[agent])) for row in rows}
    while world.step < STEPS:
        parts.append(world.advance(EVERY).records.copy())
        for row, seat in seats.items():
            memory = world.agents["memory"][seat[0]]
            if memory[AT] > 0:
                plans[row, int(memory[COUNT])] = memory.copy()
    records, windows = np.concatenate(parts), defaultdict(list)
    together = defaultdict(list)
    for each in episodes(world.declared):
        together[each.number].append(each)
    for number, found in sorted(together.items()):
        row = int(types[found[0].agent])
        first, last = (
            min(each.first_step for each in found),
            max(world.step if each.last_step == OPEN else each.last_step for each in found),
        )
        inside = records[(records["step"] >= first) & (records["step"] <= last)]
        name = groups[row - rows[0]].trader.split(":")[1]
        plan = plans.get((row, number % 2**32))
        windows[name].append(Window(first, last, frozenset(each.agent for each in found), plan, seats[row], inside))
    return Played(world, records, dict(windows))


def windows_of(found: type[Manipulator]) -> list[Window]:
    """The episodes of a class whose plan is known."""
    return [each for each in played(found.family).windows[found.__name__] if each.plan is not None]


def deals(window: Window, step: DealStep) -> Any:
    """What happened to deals during an episode, of one kind."""
    rows = of_kind(window, RecordKind.NEGOTIATION)
    return rows[rows["reason"] == step]


def of_kind(window: Window, kind: RecordKind) -> Any:
    """The records of a kind during an episode."""
    return window.records[window.records["kind"] == kind]


def usual(window: Window, rows: Array) -> Any:
    """The price of the last trade before each of these."""
    trades = of_kind(window, RecordKind.TRADE)
    return trades["price"][np.maximum(np.searchsorted(trades["step"], rows["step"]) - 1, 0)]


def among(window: Window, rows: Any) -> Any:
    """Of these the ones between members."""
    return rows[np.isin(rows["owner"], window.members) & np.isin(rows["other_owner"], window.members)]


def net(trades: Any, agents: list[int], side: float) -> int:
    """The lots that agents got on a side by these trades."""
    bought = int(trades["size"][np.isin(trades["owner"], agents)].sum()) - int(trades["size"][np.isin(trades["other_owner"], agents)].sum())
    return bought if side == BUY else -bought


def split(window: Window, agents: list[int], side: float) -> tuple[Any, Any]:
    """The trades of an episode before agents first traded on a side, and the others."""
    trades = of_kind(window, RecordKind.TRADE)
    mine = trades[np.isin(trades["owner" if side == BUY else "other_owner"], agents)]
    first = int(mine["step"][0]) if len(mine) else window.last + 1
    return trades[trades["step"] < first], trades[trades["step"] >= first]
