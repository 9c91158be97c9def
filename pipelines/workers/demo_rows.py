"""Rows to try the relational database with: one small market that is really played, and trainings that are made up.

They are the same whenever they are made. Made-up runs say so in their configuration.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pipelines.events.block import Block
from pipelines.events.codec import decode
from pipelines.events.declarations import METRICS, NEGOTIATIONS
from pipelines.events.from_simulator import BlockRule
from pipelines.testing import MemoryLog
from pipelines.workers.metric_rows import metric
from pipelines.workers.opening import open_world
from pipelines.workers.own_sequence import OwnSequence
from pipelines.workers.publish import Publisher
from pipelines.workers.registry import WorldResult
from pipelines.workers.run_config import SimulateConfig
from simulator.world.scenario import to_builtins
from simulator.world.scenario_files import load

BEGAN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MARKET, SEED, STEPS = "data_marketplace", 7, 2_000
UPDATES, ROLLOUT = 40, 8_192
TRAININGS = (
    # algorithm, seed, score that it comes near to, updates to get two thirds of the way
    ("ppo", 0, 41.0, 8.0), ("ppo", 1, 38.5, 9.0), ("ppo", 2, 39.0, 10.0), ("sac", 0, 35.0, 7.0), ("sac", 1, 33.0, 7.5),
    ("dqn", 0, 22.0, 16.0),
)  # fmt: skip


def run_id_of(number: int) -> str:
    """The id of a demo run; no other run of those seconds ends like it."""
    return f"{BEGAN + timedelta(hours=number):%Y%m%d-%H%M%S}-de30"


def demo_market() -> tuple[MemoryLog, WorldResult, SimulateConfig]:
    """Play the market; its log, its result and how it was asked for."""
    scenario = load(MARKET)
    config = SimulateConfig(scenario=to_builtins(scenario), steps=STEPS, to="none", pace="max", block=BlockRule())
    world, log = open_world(config, SEED, 0, None), MemoryLog()
    publisher = Publisher(log, run_id_of(0), 0, 1, config.block)
    publisher.announce(world.names(int(BEGAN.timestamp()) * 1_000_000_000), world.labels())
    for chunk in world.advance(STEPS):
        publisher.write(chunk.first_seq, chunk.records, chunk.last_step)
    publisher.close(STEPS)
    return log, world.result(0), config


def negotiations_of(log: MemoryLog) -> Iterator[Block]:
    """The negotiations on a log."""
    topic = NEGOTIATIONS.topic.name
    for partition in range(log.partitions(topic)):
        for record in log.read(topic, partition):
            yield decode(record.value, record.headers)


def curve(number: int, update: int) -> float:
    """The mean return of a made-up training after an update: it rises, ever more slowly, and wavers."""
    _, seed, best, updates = TRAININGS[number]
    return best * (1 - math.exp(-update / updates)) + 1.5 * math.sin(2.7 * update + number + seed)


def metrics_of_trainings() -> Iterator[Block]:
    """What the made-up trainings measured."""
    for number in range(len(TRAININGS)):
        rows: list[dict[str, Any]] = []
        for update in range(1, UPDATES + 1):
            figures = {"return": curve(number, update), "loss": 4 * math.exp(-update / 20), "entropy": 1.8 - update / 50}
            rows += [metric(name, value, update, update * ROLLOUT) for name, value in figures.items()]
        record = OwnSequence(METRICS, run_id_of(1 + number), 0, 1).block(rows)
        yield decode(record.value, record.headers)


def run_rows(result: WorldResult, config: SimulateConfig) -> Iterator[dict[str, Any]]:
    """The demo's rows of the table `runs`."""
    common = {"worlds": 1, "worlds_done": 1, "code_version": "demo"}
    yield {
        **common,
        "run_id": run_id_of(0),
        "kind": "simulate",
        "created": BEGAN.isoformat(),
        "seed": SEED,
        "events": sum(result.events.values()),
        "score": None,
        "config": {"demo": True, "scenario": MARKET, "steps": config.steps},
        "figures": result.finals,
    }
    for number, (algorithm, seed, _, _) in enumerate(TRAININGS):
        yield {
            **common,
            "run_id": run_id_of(1 + number),
            "kind": "train",
            "created": (BEGAN + timedelta(hours=1 + number)).isoformat(),
            "seed": seed,
            "events": 0,
            "score": curve(number, UPDATES),
            "config": {"demo": True, "made_up": True, "algorithm": algorithm},
            "figures": {},
        }


def policy_rows() -> Iterator[dict[str, Any]]:
    """The demo's rows of the table `policies`; there are no such files."""
    for number, (algorithm, seed, _, _) in enumerate(TRAININGS):
        run_id = run_id_of(1 + number)
        yield {
            "policy_id": f"{run_id}/learner/0",
            "run_id": run_id,
            "checkpoint": "",
            "algorithm": algorithm,
            "env": "market",
            "scenario": "trading",
            "role": "trader",
            "steps": UPDATES * ROLLOUT,
            "sha256": hashlib.sha256(f"{algorithm} {seed}".encode()).hexdigest(),
            "score": curve(number, UPDATES),
            "figures": {"demo": True, "made_up": True},
        }
