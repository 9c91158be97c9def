"""A market with spoofing and quote stuffing as blocks, and what the fast lane makes of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import msgspec
import numpy as np

from pipelines.events.block import WireRecord
from pipelines.events.codec import decode
from pipelines.events.from_simulator import BlockRule, Bridge
from simulator.manipulators.infiltrated import infiltrated
from simulator.world.scenario import Scenario
from simulator.world.scenario_files import load
from simulator.world.world import World
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.kept import SymbolWatch, packed, unpacked
from spark_jobs.detection.lane import Lane
from spark_jobs.detection.models import model_path

MARKET: Scenario = msgspec.structs.replace(load("trading").with_agents(40), steps=1500)


@cache
def models() -> dict[str, Forest]:
    """Two of the product's, easily satisfied, so that a short market has many alerts."""
    return {kind: replace(Forest.load(model_path(kind)), threshold=0.3) for kind in ("spoofing", "quote_stuffing")}


@cache
def log(seed: int) -> np.ndarray[Any, Any]:
    world = World(infiltrated(MARKET, ["spoofing", "quote_stuffing"], seed, 2), 0, seed)
    return np.concatenate([chunk.records.copy() for chunk in world.chunks(MARKET.steps)])


def blocks(seed: int, world_id: int = 0, rule: BlockRule | None = None, run: str = "r1") -> list[WireRecord]:
    bridge = Bridge(run, world_id, rule=rule)
    return [*bridge.feed(log(seed), 0), *bridge.finish()]


def alerts(records: list[WireRecord], restarts: bool = False) -> list[dict[str, Any]]:
    """What a lane makes of blocks, by kind and time; with restarts, each block meets one that knows only what was kept as bytes."""
    states: dict[str, bytes] = {}

    def load(series: str, symbol: int) -> SymbolWatch | None:
        return unpacked(states[series], symbol) if series in states else None

    lane, found = Lane(models(), load), []
    for record in records:
        found += lane.take(decode(record.value, record.headers))
        if restarts:
            states |= {series: packed(state) for series, state in lane.open.items()}
            lane = Lane(models(), load)
    return in_order(found)


def in_order(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda alert: (alert["kind"], alert["world_id"], alert["step"], alert["alert_id"]))
