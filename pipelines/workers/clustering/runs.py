"""Runs whose agents are grouped, window by window, and what each agent really is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.events.layout import layout_of
from simulator.manipulators.infiltrated import groups_of, joined
from simulator.traders.registry import MANIPULATORS
from simulator.types import RECORD
from simulator.world.scenario import Population, Scenario
from simulator.world.world import World
from spark_jobs.clustering.by_agent import Array
from spark_jobs.clustering.window import NEEDED
from spark_jobs.gold import agent_clusters, agent_features

SHARE = 0.02  # of all agents: manipulators of a mixed run


@dataclass(frozen=True)
class Grouped:
    """One run.

    features, clusters : rows of gold.agent_features and gold.agent_clusters, in the same order.
    types : the strategy of the agent of each row, which neither of them knows. hours : of simulated time.
    """

    seed: int
    features: pa.Table
    clusters: pa.Table
    types: NDArray[np.str_]
    hours: float

    def windows(self) -> Iterator[NDArray[np.int64]]:
        """The rows of each window."""
        window = self.features.column("window").to_numpy()
        for each in np.unique(window):
            yield np.flatnonzero(window == each)


def grouped_run(scenario: Scenario, seed: int) -> Grouped:
    """Simulate a run of the scenario's length, and group its agents in every window, none but whole ones."""
    world, parts = World(scenario, 0, seed), list[pa.Table]()
    kept: dict[str, Array] = {event: np.zeros(0, RECORD) for event in NEEDED}
    windows = scenario.steps // agent_features.STEPS
    for chunk in world.chunks(scenario.steps):
        new = {event: chunk.records[np.isin(chunk.records["kind"], layout_of(event).kinds)] for event in NEEDED}
        kept = {event: np.concatenate([rows, new[event]]) for event, rows in kept.items()}
        while len(parts) < min(world.step // agent_features.STEPS, windows):
            parts.append(_of_window(kept, len(parts), len(scenario.symbols)))
            kept = {event: rows[rows["step"] >= len(parts) * agent_features.STEPS] for event, rows in kept.items()}
    features = pa.concat_tables([agent_features.SCHEMA.empty_table(), *parts])
    features = features.sort_by([(name, "ascending") for name in ("window", *agent_features.KEY)])
    kinds = np.array([world.table.populations[kind].trader for kind in world.agents["trader_type"]])
    types = kinds[features.column("agent").to_numpy()]
    hours = scenario.steps * scenario.step_nanoseconds / 3.6e12
    return Grouped(seed, features, agent_clusters.transform(features), types, hours)


def _of_window(kept: Mapping[str, Array], window: int, symbols: int) -> pa.Table:
    tables = []
    for symbol in range(symbols):
        parts = {event: _columns(rows[rows["symbol"] == symbol], event) for event, rows in kept.items()}
        market = {"run_id": "", "world_id": 0, "symbol": symbol, "window": window}
        tables.append(agent_features.features_of(parts, market))
    return pa.concat_tables(tables)


def _columns(records: Array, event: str) -> dict[str, Array]:
    """Columns of records that came in order; seq only has to keep to it."""
    fields = layout_of(event).fields
    return {name: np.arange(len(records)) if name == "seq" else records[fields[name]] for name in NEEDED[event]}


def with_manipulators(scenario: Scenario, seed: int) -> Scenario:
    """The scenario with manipulators of mixed families, as many as a fiftieth of all agents allows, other families for each seed."""
    families, chosen, room = list(MANIPULATORS), list[Population](), int(SHARE * scenario.agents / (1 - SHARE))
    for place in range(len(families)):
        name = families[(seed + place) % len(families)]
        populations = groups_of(scenario, name, seed, 1)
        members = sum(population.count or 0 for population in populations)
        if members <= room:
            chosen += populations
            room -= members
    return joined(scenario, chosen)
