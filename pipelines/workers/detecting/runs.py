"""Runs that detectors are trained and scored on: a market, manipulators whose numbers are drawn anew in each, and what they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.manipulators.infiltrated import infiltrated
from simulator.traders.registry import strategy
from simulator.types import RECORD, Outcome, RecordKind
from simulator.world.episodes import OPEN, episodes
from simulator.world.scenario import Scenario
from simulator.world.world import World
from spark_jobs.detection.columns import Orders, orders_of
from spark_jobs.detection.scoring import Incident

_LAST_OF_A_BOOK = int(RecordKind.PHASE)


@dataclass(frozen=True)
class WatchedRun:
    """One run: what detectors may see, and what they may not.

    orders : of its one symbol. hours : simulated. truth : its episodes, each once, however many agents take part.
    """

    seed: int
    orders: Orders
    hours: float
    truth: list[Incident]


def watched_run(scenario: Scenario, families: Sequence[str], groups: int, seed: int) -> WatchedRun:
    """Simulate a run of the scenario's length with so many groups of each family. No families: a clean one."""
    world = World(infiltrated(scenario, families, seed, groups), 0, seed)
    kept = [chunk.records[chunk.records["kind"] <= _LAST_OF_A_BOOK].copy() for chunk in world.chunks(scenario.steps)]
    records = np.concatenate(kept) if kept else np.zeros(0, RECORD)
    columns = {name: records[name] for name in records.dtype.names or ()}
    hours = scenario.steps * scenario.step_nanoseconds / 3.6e12
    return WatchedRun(seed, orders_of(columns, 0), hours, truth_of(world))


def truth_of(world: World) -> list[Incident]:
    """The episodes of a world, the agents of each together; one that has not ended lasts until now."""
    families = [strategy(population.trader).family for population in world.table.populations]
    by_number: dict[int, list[tuple[int, int, int, int]]] = {}
    for each in episodes(world.declared):
        last = world.step if each.last_step == OPEN or each.outcome is Outcome.BEGUN else each.last_step
        by_number.setdefault(each.number, []).append((each.agent, each.symbol, each.first_step, last))
    return [
        Incident(
            families[int(world.agents["trader_type"][parts[0][0]])],
            frozenset(part[0] for part in parts),
            parts[0][1],
            min(part[2] for part in parts),
            max(part[3] for part in parts),
        )
        for parts in by_number.values()
    ]
