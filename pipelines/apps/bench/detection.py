"""`agora bench detection`: the whole stream with its detectors, how many events a second and how soon an alert is out.

The log is that of surveillance worlds with manipulators. Throughput: all of it lies on a real broker; the product's query reads it to
bronze, silver and alerts in one warm Spark session, once with the detectors and once without, by the clock. Delay: the stream runs in a
process of its own, the log comes at a steady rate, and each alert's Kafka time is compared with that of the block whose event raised it.
"""

from __future__ import annotations

import json as json_text
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.dataset as ds
from numpy.typing import NDArray

from pipelines.apps.bench.ingest import measured
from pipelines.apps.bench.latency import following, publish, wait_until_read
from pipelines.broker.admin import create_topics
from pipelines.broker.kafka_log import KafkaLog
from pipelines.events.block import Block, WireRecord
from pipelines.events.codec import decode
from pipelines.events.from_simulator import Bridge
from pipelines.local_stack import stack
from pipelines.settings import Settings, settings
from simulator.manipulators.infiltrated import infiltrated
from simulator.world.scenario_files import load
from simulator.world.world import World
from spark_jobs import session as sessions
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.models import read_models
from spark_jobs.ingest.query import Query
from spark_jobs.stream import MARKET

Part = Callable[[Settings, str], dict[str, dict[str, float]]]
SCENARIO, FAMILIES, WORLDS = "surveillance", ("spoofing", "quote_stuffing"), 4
PASSES = 3  # with and without detectors, in turns; the best counts
WARM_UP = 2  # that do not count
RATE, WARM_UP_S = 20_000, 10.0  # events per second of the steady part, and what of it does not count


def run(json: bool = False, steps: int = 12_000, seconds: float = 60.0, rate: int = RATE) -> dict[str, Any]:
    """Read the log of four worlds of `steps` steps, about 42 events each, as fast as it goes, and then at `rate` events per second.

    Examples:  [bold]agora bench detection --json[/bold]   [bold]agora bench detection --rate 50000[/bold]
    """
    records = in_turns([of_world(number, steps) for number in range(WORLDS)])
    parts: list[Part] = [partial(throughput, records=records), partial(delay, seconds=seconds, rate=rate)]
    result: dict[str, Any] = {"figures": {}, "peers": {}, "ratios": {}}
    for measure in parts:
        with tempfile.TemporaryDirectory(prefix="agora-bench-") as folder:
            chosen = settings().apart(Path(folder), spark_driver_memory="3g")
            with stack.running(chosen) as broker:
                create_topics(broker, chosen.kafka_partitions)
                for part, found in measure(chosen, broker).items():
                    result[part] |= found
    print(json_text.dumps(result, separators=(",", ":") if json else None, indent=None if json else 2))
    return result


def of_world(number: int, steps: int, run_id: str = "log") -> list[WireRecord]:
    """A world's log as blocks."""
    world, bridge = World(infiltrated(load(SCENARIO), FAMILIES, number, 1), 0, number), Bridge(run_id, number)
    made, seq = bridge.fences(), 0
    for chunk in world.chunks(steps):
        made += bridge.feed(chunk.records, seq)
        seq += len(chunk.records)
    return [*made, *bridge.finish()]


def in_turns(logs: list[list[WireRecord]]) -> list[WireRecord]:
    """Blocks of several worlds, one of each after the other."""
    places = [(place / len(log), number, record) for number, log in enumerate(logs) for place, record in enumerate(log)]
    return [record for _, _, record in sorted(places, key=lambda each: each[:2])]


def events_of(records: list[WireRecord]) -> int:
    """How many events blocks hold."""
    return sum(int(dict(record.headers)["count"]) for record in records)


def throughput(chosen: Settings, broker: str, records: list[WireRecord]) -> dict[str, dict[str, float]]:
    """Events per second by the clock, with and without detectors."""
    send(broker, records)
    session = sessions.build(chosen, "agora-bench", quick=False)
    servers = {status.process_id for status in stack.status(chosen)}
    models, events = read_models(), events_of(records)
    for number in range(WARM_UP):
        one_pass(session, chosen, broker, f"warm-{number}", models, servers)
    taken: dict[bool, list[tuple[float, dict[str, float]]]] = {True: [], False: []}
    for number in range(PASSES):
        for with_detectors, found in taken.items():
            name = f"{number}-{with_detectors}"
            found.append(one_pass(session, chosen, broker, name, models if with_detectors else {}, servers))
    session.stop()
    seconds, cpu = min(taken[True], key=lambda each: each[0])
    alone = min(each[0] for each in taken[False])
    shares = {f"{kind}_cpu_seconds_per_million_events": round(value / events * 1e6, 3) for kind, value in cpu.items()}
    return {
        "figures": {"events_per_second": round(events / seconds), "events": events} | shares,
        "peers": {"without_detectors_events_per_second": round(events / alone)},
        "ratios": {"without_detectors": round(alone / seconds, 3)},
    }


def send(broker: str, records: list[WireRecord]) -> None:
    """Send blocks as fast as the broker takes them."""
    log = KafkaLog(broker)
    for record in records:
        log.send(record)
    log.flush()
    log.close()


def one_pass(
    session: Any, chosen: Settings, broker: str, name: str, models: Mapping[str, Forest], servers: set[int | None]
) -> tuple[float, dict[str, float]]:
    """Read everything into a lake of its own; seconds by the clock, and CPU seconds by kind of process."""
    folder = chosen.data_dir / name
    batches: list[tuple[float, int]] = []
    query = Query(
        session, broker, MARKET.topics, MARKET.tables, folder / "lake", folder / "checkpoint",
        lambda entry, seconds: batches.append((seconds, entry.counters.get("events", 0))), models, chosen.kafka_partitions,
    )  # fmt: skip

    def ingest() -> None:
        query.start(once=True)
        while not query.wait(0.05):
            pass

    cpu = measured(servers, ingest)
    return sum(seconds for seconds, _ in batches), cpu


def delay(chosen: Settings, broker: str, seconds: float, rate: int) -> dict[str, dict[str, float]]:
    """From an event's publication to its alert's, at a steady rate."""
    steps = int(rate * (seconds + WARM_UP_S) / 42 / WORLDS)
    records = in_turns([of_world(number, steps, "steady") for number in range(WORLDS)])
    with following(chosen, broker):
        send(broker, in_turns([of_world(number, 2000, "warm") for number in range(WORLDS)]))
        wait_until_read(chosen, broker)
        began = time.time()
        publish(broker, records, rate)
        wait_until_read(chosen, broker)
        time.sleep(2.0)  # the alerts themselves come back through Kafka
    late = np.array([taken for at, taken in delays(chosen.own_lake_dir) if at >= began + WARM_UP_S])
    return {
        "figures": {
            "alert_p50_seconds": round(float(np.quantile(late, 0.5)), 3),
            "alert_p99_seconds": round(float(np.quantile(late, 0.99)), 3),
            "alerts": len(late),
            "steady_events_per_second": rate,
        }
    }


def delays(lake: Path) -> list[tuple[float, float]]:
    """Per alert: when the block of the event that raised it was published, and seconds until the alert was."""
    rows = ds.dataset(lake / "bronze" / "events", partitioning="hive").to_table(columns=["topic", "timestamp", "value", "headers"])
    published: dict[tuple[str, int], list[tuple[int, float]]] = {}
    alerts: list[tuple[tuple[str, int], int, float]] = []
    for row in rows.to_pylist():
        if row["topic"] not in ("market.orders", "market.alerts"):
            continue
        block = decode(row["value"], [(header["key"], header["value"]) for header in row["headers"]])
        world, at = (block.head.run_id, block.head.world_id), row["timestamp"].timestamp()
        if row["topic"] == "market.orders" and block.head.count:
            published.setdefault(world, []).append((int(steps_of(block)[-1]), at))
        elif row["topic"] == "market.alerts":
            alerts += [(world, step, at) for step in steps_of(block).tolist()]
    return [(sent, at - sent) for world, step, at in alerts for sent in [first_after(published[world], step)]]


def steps_of(block: Block) -> NDArray[np.int64]:
    """The steps of a block's rows."""
    return np.asarray(block.columns["step"], np.int64)


def first_after(blocks: list[tuple[int, float]], step: int) -> float:
    """When the block that holds the end of a step was published."""
    return min(at for last, at in blocks if last >= step)
