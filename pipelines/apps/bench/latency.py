"""`agora bench latency`: from an event published to its typed row visible, at a steady rate.

The log is that of default trading runs with 100 agents, made beforehand. The stream runs as the product runs it, in a
process of its own, with a real broker. An event is published at the time
of its Kafka record, and visible when the commit that holds its row is in the table's log; both clocks are this
machine's. Every event counts, those of the warm-up do not.
"""

from __future__ import annotations

import json as json_text
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.dataset as ds
from numpy.typing import NDArray

from pipelines.apps.bench.publish import AGENTS, SCENARIO, SEED
from pipelines.broker.admin import create_topics
from pipelines.broker.kafka_log import KafkaLog
from pipelines.events.block import WireRecord
from pipelines.events.from_simulator import Bridge
from pipelines.events.topics import TOPICS
from pipelines.local_stack import stack
from pipelines.settings import Settings, settings
from simulator.run import run_world, worlds_of
from simulator.world.scenario_files import load
from spark_jobs.ingest.status import read_status, status_path

RATE = 100_000  # events per second
WORLDS = 4
WARM_UP_BURSTS = 3  # of one second each, each read before the next: everything is compiled and loaded then
WARM_UP_S = 10.0  # at the steady rate, not counted
START_TIMEOUT_S = 120.0
PUBLISHED = {"kafka_flink_mean_seconds": 0.81, "kafka_spark_mean_seconds": 7.15}
"""Published means for the same hop on servers: Flink and Spark Structured Streaming."""


def run(json: bool = False, seconds: float = 20.0, rate: int = RATE) -> dict[str, Any]:
    """Publish at `rate` events per second for `seconds` beyond the warm-up and measure every event's way to silver.

    Examples:  [bold]agora bench latency --json[/bold]
    """
    with tempfile.TemporaryDirectory(prefix="agora-bench-") as folder:
        chosen = settings().apart(Path(folder))
        with stack.running(chosen) as broker:
            create_topics(broker, chosen.kafka_partitions)
            with following(chosen, broker):
                for number in range(WARM_UP_BURSTS):
                    publish(broker, blocks(f"warm-{number}", rate), rate)
                    wait_until_read(chosen, broker)
                began = time.time()
                publish(broker, blocks("bench", int(rate * (seconds + WARM_UP_S))), rate)
                wait_until_read(chosen, broker)
            result = report(latencies(chosen.own_lake_dir), rate, began + WARM_UP_S)
    print(json_text.dumps(result, separators=(",", ":") if json else None, indent=None if json else 2))
    return result


@contextmanager
def following(chosen: Settings, broker: str) -> Iterator[None]:
    """A stream that follows, ready to read."""
    environment = os.environ | {"AGORA_DATA_DIR": str(chosen.data_dir)}  # noqa: TID251  (handed on to the child as it is)
    command = [sys.executable, "-m", "spark_jobs.stream", "--follow", "--refresh", "0", "--broker", broker]
    log = (chosen.data_dir / "stream.log").open("wb")
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait_for_status(chosen, process)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        log.close()


def _wait_for_status(chosen: Settings, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not ((status := read_status(status_path(chosen.data_dir))) and status.checked_at):
        if process.poll() is not None or time.monotonic() > deadline:
            raise ValueError(f"the stream did not start: {(chosen.data_dir / 'stream.log').read_text()[-500:]}")
        time.sleep(0.2)


def blocks(run_id: str, events: int) -> list[WireRecord]:
    """At least so many events as blocks of some worlds, which take turns."""
    bridges = [Bridge(run_id, number) for number in range(WORLDS)]
    logs = [run_world(world, 1 << 30) for world in worlds_of(load(SCENARIO).with_agents(AGENTS), SEED, WORLDS)]
    made: list[WireRecord] = []
    while sum(bridge.next_seq for bridge in bridges) < events:
        for bridge, log in zip(bridges, logs, strict=True):
            block = next(log)
            made += bridge.feed(block.records, block.first_seq)
    return made


def publish(broker: str, records: list[WireRecord], rate: int) -> None:
    """Send blocks, each when its events are due."""
    log = KafkaLog(broker)
    began, sent = time.monotonic(), 0
    for record in records:
        log.send(record)
        sent += int(dict(record.headers)["count"])
        ahead = began + sent / rate - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
    log.flush()
    log.close()


def wait_until_read(chosen: Settings, broker: str) -> None:
    """Wait until the stream has nothing left to read."""
    log = KafkaLog(broker)
    ends = {
        f"{topic.name}:{part}": log.end_offset(topic.name, part)
        for topic in TOPICS
        if topic.event != "labels"
        for part in range(log.partitions(topic.name))
    }
    log.close()
    deadline = time.monotonic() + START_TIMEOUT_S
    while not (status := read_status(status_path(chosen.data_dir))) or any(
        status.offsets.get(place, 0) < end for place, end in ends.items() if "alerts" not in place
    ):
        if time.monotonic() > deadline:
            raise ValueError(f"the stream did not catch up: {(chosen.data_dir / 'stream.log').read_text()[-500:]}")
        time.sleep(0.2)


def latencies(lake: Path) -> NDArray[np.float64]:
    """Per event (events, 2): seconds since 1970 at which it was published, and seconds until its row was visible."""
    visible = {table.name: commits(table) for table in (lake / "silver").iterdir()}
    parts = []
    for batch, (_, files) in commits(lake / "bronze" / "events").items():
        rows = ds.dataset([str(lake / "bronze" / "events" / file) for file in files]).to_table(columns=["topic", "timestamp", "headers"])
        for row in rows.to_pylist():
            event = row["topic"].rpartition(".")[2]
            if batch in visible.get(event, {}):
                published = row["timestamp"].timestamp()
                count = int(next(header["value"] for header in row["headers"] if header["key"] == "count"))
                parts.append(np.tile([published, visible[event][batch][0] - published], (count, 1)))
    return np.concatenate(parts)


def commits(table: Path) -> dict[int, tuple[float, list[str]]]:
    """Per batch: when its commit came to be, and its files."""
    found = {}
    for path in sorted((table / "_delta_log").glob("*.json")):
        actions = [json_text.loads(line) for line in path.read_text().splitlines()]
        for action in actions:
            if "txn" in action:
                files = [other["add"]["path"] for other in actions if "add" in other]
                found[int(action["txn"]["version"])] = (path.stat().st_mtime, files)
    return found


def report(measured: NDArray[np.float64], rate: int, since: float) -> dict[str, Any]:
    """The figures of what was published since then."""
    warm = measured[measured[:, 0] >= since]
    span = float(warm[:, 0].max() - warm[:, 0].min())
    late = warm[:, 1]
    figures = {
        "silver_mean_seconds": round(float(late.mean()), 3),
        "silver_p50_seconds": round(float(np.quantile(late, 0.5)), 3),
        "silver_p99_seconds": round(float(np.quantile(late, 0.99)), 3),
        "events": len(warm),
        "events_per_second": round(len(warm) / span),
        "asked_events_per_second": rate,
    }
    ratios = {"spark_published": round(PUBLISHED["kafka_spark_mean_seconds"] / figures["silver_mean_seconds"], 2)}
    return {"figures": figures, "peers": PUBLISHED, "ratios": ratios}
