"""Runs that detectors are trained and scored on: a market, manipulators whose numbers are drawn anew in each, and what they did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.events.layout import Layout, layout_of
from simulator.manipulators.infiltrated import groups_of, joined
from simulator.traders.registry import strategy
from simulator.types import RECORD, Outcome
from simulator.world.episodes import OPEN, episodes
from simulator.world.scenario import Scenario
from simulator.world.world import World
from spark_jobs.detection.columns import Array, Public, deals_of, messages_of, orders_of
from spark_jobs.detection.scoring import Incident

_TAKEN: dict[str, tuple[Layout, Callable[[Mapping[str, Array], int], Any]]] = {
    "orders": (layout_of("orders"), orders_of),
    "messages": (layout_of("messages"), messages_of),
    "deals": (layout_of("negotiations"), deals_of),
}  # fields of Public, in their order


@dataclass(frozen=True)
class WatchedRun:
    """One run: what detectors may see, and what they may not.

    public : of its one symbol. hours : simulated. truth : its episodes, each once, however many agents take part.
    """

    seed: int
    public: Public
    hours: float
    truth: list[Incident]


def watched_run(scenario: Scenario, families: Mapping[str, int], seed: int, wider: bool = False) -> WatchedRun:
    """Simulate a run of the scenario's length with so many groups of each family. No families: a clean one.

    Their numbers are drawn from the families' RANGES, or from the WIDER ones that detectors learn from.
    """
    populations = [group for name, groups in families.items() for group in groups_of(scenario, name, seed, groups, wider)]
    world = World(joined(scenario, populations), 0, seed)
    kept: dict[str, list[Array]] = {event: [] for event in _TAKEN}
    for chunk in world.chunks(scenario.steps):
        for event, (layout, _) in _TAKEN.items():
            kept[event].append(chunk.records[np.isin(chunk.records["kind"], layout.kinds)].copy())
    seen = {event: take(_columns(layout, kept[event]), 0) for event, (layout, take) in _TAKEN.items()}
    hours = scenario.steps * scenario.step_nanoseconds / 3.6e12
    return WatchedRun(seed, Public(*seen.values()), hours, truth_of(world))


def _columns(layout: Layout, chunks: list[Array]) -> dict[str, Array]:
    records = np.concatenate([np.zeros(0, RECORD), *chunks])
    return {column: records[field] for column, field in layout.fields.items()}


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
