"""`agora bench publish`: events of a market encoded and sent to a real broker, against JSON with one event a record.

The log is that of the default trading run with 100 agents. It goes the product's own way: bridge, codec, producer
(idempotent, acks=all, zstd) to the product's topics on a broker of its own; bytes are what lies in the broker's log.
CPU seconds are of this process, with all its threads; the broker is another. Two figures: the log kept in memory and
published (`events_per_cpu_second`), and a world that is simulated and published at once (`..._with_simulation`).
"""

from __future__ import annotations

import json as json_text
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.broker.admin import create_topics, topic_bytes
from pipelines.broker.kafka_log import KafkaLog
from pipelines.broker.producer import ProducerOptions, open_client
from pipelines.events.from_simulator import Bridge, event_of_kind, to_columns
from pipelines.events.topics import Topic
from pipelines.local_stack import stack
from pipelines.settings import settings
from simulator.run import run_world, worlds_of
from simulator.world.scenario_files import load

SCENARIO, AGENTS, SEED = "trading", 100, 1
SHARE_OF_PEER = 40  # the peer publishes one event in so many: it is that much slower
PEER = Topic("bench.json", "json")

Chunk = tuple[int, NDArray[np.void]]  # first seq, records


class Measured(NamedTuple):
    """What publishing took: events, seconds of this process's CPU, seconds passed, bytes on the broker's disk."""

    events: int
    cpu_s: float
    wall_s: float
    disk_bytes: int

    def figures(self, prefix: str = "", suffix: str = "") -> dict[str, float]:
        """As rates, with the unit in the key."""
        return {
            f"{prefix}events_per_cpu_second{suffix}": round(self.events / self.cpu_s),
            f"{prefix}events_per_second{suffix}": round(self.events / self.wall_s),
            f"{prefix}bytes_per_event{suffix}": round(self.disk_bytes / self.events, 2),
        }


def run(json: bool = False, steps: int = 80_000) -> dict[str, Any]:
    """Publish the log of `steps` steps, about 25 events each, and a share of it as JSON.

    Examples:  [bold]agora bench publish --json[/bold]   [bold]agora bench publish --steps 10000[/bold]
    """
    with tempfile.TemporaryDirectory(prefix="agora-bench-") as folder:
        chosen = settings().apart(Path(folder))
        with stack.running(chosen) as broker:
            create_topics(broker, chosen.kafka_partitions, extra=[PEER])
            result = measure(broker, steps)
    print(json_text.dumps(result, separators=(",", ":") if json else None, indent=None if json else 2))
    return result


def measure(broker: str, steps: int) -> dict[str, Any]:
    """All figures, from a broker whose topics are there."""
    publish_log(broker, "warm", simulated(200))
    chunks = [(first, records.copy()) for first, records in simulated(steps)]
    ours = publish_log(broker, "kept", chunks)
    live = publish_log(broker, "live", simulated(steps))
    alone = simulation_alone(steps)
    theirs = publish_json(broker, chunks[: max(1, len(chunks) // SHARE_OF_PEER)])
    own = {**ours.figures(), "events_per_cpu_second_with_simulation": round(live.events / live.cpu_s)}
    return {
        "figures": own | {"events": ours.events, "simulation_events_per_cpu_second": round(live.events / alone)},
        "peers": theirs.figures("json_per_event_"),
        "ratios": {
            "json_per_event": round(ours.events / ours.cpu_s / (theirs.events / theirs.cpu_s), 1),
            "json_per_event_bytes": round(theirs.disk_bytes / theirs.events / (ours.disk_bytes / ours.events), 1),
        },
    }


def simulated(steps: int) -> Iterator[Chunk]:
    """The log of one world, chunk by chunk; records are valid until the next."""
    (world,) = worlds_of(load(SCENARIO).with_agents(AGENTS), SEED, 1)
    for block in run_world(world, steps):
        yield block.first_seq, block.records


def simulation_alone(steps: int) -> float:
    """CPU seconds of the same world with nobody listening."""
    began = time.process_time()
    for _ in simulated(steps):
        pass
    return time.process_time() - began


def publish_log(broker: str, run_id: str, chunks: Iterable[Chunk]) -> Measured:
    """Send a log as the product does, up to the last acknowledgement."""
    log, bridge, before = KafkaLog(broker), Bridge(run_id, 0, epoch=1), topic_bytes(broker)
    for fence in bridge.fences():
        log.send(fence)
    log.flush()
    wall, cpu = time.perf_counter(), time.process_time()
    for first, records in chunks:
        for record in bridge.feed(records, first):
            log.send(record)
    for record in bridge.finish():
        log.send(record)
    log.flush()
    taken = time.process_time() - cpu, time.perf_counter() - wall
    log.close()
    return Measured(bridge.next_seq, *taken, _growth(broker, before))


def publish_json(broker: str, chunks: Iterable[Chunk]) -> Measured:
    """The same events, one JSON object a record, with the same client and options."""
    client, before, events = open_client(broker, ProducerOptions()), topic_bytes(broker), 0
    client.partitions_for(PEER.name)
    wall, cpu = time.perf_counter(), time.process_time()
    for first, records in chunks:
        for event in as_objects(first, records):
            client.send(PEER.name, json_text.dumps(event).encode(), b"bench/0")
            events += 1
    client.flush()
    taken = time.process_time() - cpu, time.perf_counter() - wall
    client.close()
    return Measured(events, *taken, _growth(broker, before))


def as_objects(first: int, records: NDArray[np.void]) -> Iterator[dict[str, Any]]:
    """The events of a chunk as dictionaries with the product's columns, type by type."""
    for kind in np.unique(records["kind"]):
        event, chosen = event_of_kind(int(kind)), np.flatnonzero(records["kind"] == kind)
        columns = to_columns(event, records[chosen], chosen + first)
        names = ("type", "run_id", "world_id", *columns)
        envelope = ([value] * len(chosen) for value in (event, "bench", 0))
        for row in zip(*envelope, *(column.tolist() for column in columns.values()), strict=True):
            yield dict(zip(names, row, strict=True))


def _growth(broker: str, before: dict[str, int]) -> int:
    return sum(size - before.get(name, 0) for name, size in topic_bytes(broker).items())
