"""Really simulated markets as blocks: three symbols, days with auctions, orders that are modified; alerts beside them, made up."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import msgspec

from pipelines.events import codec
from pipelines.events.block import Columns, WireRecord
from pipelines.events.declarations import ALERTS
from pipelines.events.from_simulator import BlockRule
from pipelines.events.topics import CONSUMERS
from pipelines.testing import MemoryLog
from pipelines.workers.opening import open_world
from pipelines.workers.publish import Publisher
from pipelines.workers.registry import WorldResult
from pipelines.workers.run_config import SimulateConfig
from simulator.world.scenario import Population, Session, to_builtins
from simulator.world.scenario_files import load
from tests.pipelines.sinks.published import RUN, START_NS, block_of, record_of

__all__ = ["RUN", "Sent", "reseal", "simulated"]

STEPS = 350
WORLDS = 2


class Sent(NamedTuple):
    """What the worlds sent, in order, and what each came to."""

    names: list[WireRecord]
    blocks: dict[str, list[WireRecord]]  # by event type
    results: list[WorldResult]

    def everything(self) -> list[WireRecord]:
        """Names first, then type by type."""
        return self.names + [record for records in self.blocks.values() for record in records]

    def columns(self, event: str, world_id: int) -> list[Columns]:
        """The events of a world, block by block."""
        blocks = [codec.decode(record.value, record.headers) for record in self.blocks[event]]
        return [block.columns for block in blocks if block.head.world_id == world_id]


@cache
def simulated(events: tuple[str, ...] = CONSUMERS["redis"], blocks_of: int = 200) -> Sent:
    """The same whenever it is asked for; `blocks_of` so many events."""
    scenario = load("commodity_exchange")
    populations = (*scenario.populations, Population(trader="random_trader", count=10))
    scenario = msgspec.structs.replace(scenario, session=Session(steps=100, opening=10, closing=10), populations=populations)
    config = SimulateConfig(scenario=to_builtins(scenario), steps=STEPS)
    log, results = MemoryLog(), []
    for world_id in range(WORLDS):
        world = open_world(config, 7, world_id, None)
        publisher = Publisher(log, RUN, world_id, 0, BlockRule(events=blocks_of))
        publisher.announce(world.names(START_NS), [])
        for chunk in world.advance(STEPS):
            publisher.write(*chunk)
        publisher.close(STEPS)
        results.append(world.result(world_id))
    blocks = {name: on(log, f"market.{name}") for name in events if name != ALERTS.name}
    if ALERTS.name in events:
        blocks[ALERTS.name] = [record_of(block_of(ALERTS, world_id, number)) for number in range(4) for world_id in range(WORLDS)]
    return Sent(on(log, "market.worlds"), blocks, results)


def on(log: MemoryLog, topic: str) -> list[WireRecord]:
    """What lies on a topic, as it was sent."""
    stored = [record for partition in (0, 1) for record in log.read(topic, partition)]
    return [WireRecord(record.topic, record.key, record.value, record.headers) for record in stored]


def reseal(record: WireRecord, epoch: int) -> WireRecord:
    """The same block in another life of its world."""
    block = codec.decode(record.value, record.headers)
    return record_of(block._replace(head=msgspec.structs.replace(block.head, epoch=epoch)))
