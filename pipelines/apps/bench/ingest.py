"""`agora bench ingest`: Kafka to bronze, typed silver, deduplication and quarantine, against JSON with one event a record.

The log is that of the default trading run with 100 agents, on a real broker. Both ways run in one Spark session, warm, one
after the other; CPU seconds are of the JVM, its Python workers and this process together, the broker not counted.
"""

from __future__ import annotations

import json as json_text
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pipelines.apps.bench.ingest_peer import TOPICS, TYPES, Peer
from pipelines.apps.bench.processor_time import seconds_below
from pipelines.apps.bench.publish import Chunk, as_objects, publish_log, simulated
from pipelines.broker.admin import create_topics
from pipelines.broker.producer import ProducerOptions, open_client
from pipelines.local_stack import stack
from pipelines.settings import Settings, settings
from spark_jobs import session as sessions
from spark_jobs.ingest.kafka_side import options
from spark_jobs.ingest.query import Query
from spark_jobs.stream import MARKET

WARM_UP = 3  # passes that do not count: compilers run, caches fill
PEER_WARM_UP_SHARE = 4  # of the peer's events, one in so many is in each of its warm-up passes
SHARE_OF_PEER = 2  # the peer gets one event in so many, enough to make its cost per batch small


class Pass(NamedTuple):
    """Events ingested, and CPU seconds by kind of process."""

    events: int
    cpu: dict[str, float]

    @property
    def per_cpu_second(self) -> float:
        """Events per CPU second of all processes."""
        return self.events / sum(self.cpu.values())


def run(json: bool = False, steps: int = 80_000) -> dict[str, Any]:
    """Ingest the log of `steps` steps, about 25 events each, in each pass, and a share of it as JSON.

    Examples:  [bold]agora bench ingest --json[/bold]   [bold]agora bench ingest --steps 10000[/bold]
    """
    with tempfile.TemporaryDirectory(prefix="agora-bench-") as folder:
        chosen = settings().apart(Path(folder), spark_driver_memory="3g")
        with stack.running(chosen) as broker:
            create_topics(broker, chosen.kafka_partitions, extra=list(TOPICS))
            result = measure(chosen, broker, [(first, records.copy()) for first, records in simulated(steps)])
    print(json_text.dumps(result, separators=(",", ":") if json else None, indent=None if json else 2))
    return result


def measure(chosen: Settings, broker: str, chunks: list[Chunk]) -> dict[str, Any]:
    """All figures, from a broker whose topics are there."""
    session = sessions.build(chosen, "agora-bench", quick=False)
    servers = {status.process_id for status in stack.status(chosen)}
    for number in range(WARM_UP):
        ingest_ours(session, chosen, broker, f"warm-{number}", chunks, servers)
    ours = ingest_ours(session, chosen, broker, "ours", chunks, servers)
    peer = Peer(session, chosen.data_dir / "peer")
    some = chunks[: max(1, len(chunks) // SHARE_OF_PEER)]
    for number in range(WARM_UP):
        ingest_json(session, chosen, broker, f"warm-{number}", some[: max(1, len(some) // PEER_WARM_UP_SHARE)], servers, peer)
    theirs = ingest_json(session, chosen, broker, "peer", some, servers, peer)
    session.stop()
    return {
        "figures": figures(ours),
        "peers": {f"json_per_event_{name}": value for name, value in figures(theirs).items()},
        "ratios": {"json_per_event": round(ours.per_cpu_second / theirs.per_cpu_second, 1)},
    }


def figures(one: Pass) -> dict[str, float]:
    """The rate, and where its CPU seconds went."""
    shares = {f"{kind}_cpu_seconds": round(seconds, 2) for kind, seconds in one.cpu.items()}
    return {"events_per_cpu_second": round(one.per_cpu_second), "events": one.events} | shares


def ingest_ours(session: Any, chosen: Settings, broker: str, run_id: str, chunks: list[Chunk], servers: set[int | None]) -> Pass:
    """Publish the log as a run of its own, then ingest it with the product's query."""
    publish_log(broker, run_id, chunks)
    done: list[int] = []
    query = Query(
        session,
        broker,
        MARKET.topics,
        MARKET.tables,
        chosen.lake_dir,
        chosen.checkpoints_dir / "ours",
        lambda entry, _: done.append(entry.counters.get("events", 0)),
        partitions=chosen.kafka_partitions,
    )

    def ingest() -> None:
        query.start(once=True)
        while not query.wait(1):
            pass

    cpu = measured(servers, ingest)
    if sum(done) != sum(len(records) for _, records in chunks):
        raise ValueError(f"{sum(done)} events of {run_id} were ingested, {sum(len(records) for _, records in chunks)} published")
    return Pass(sum(done), cpu)


def ingest_json(
    session: Any, chosen: Settings, broker: str, run_id: str, chunks: list[Chunk], servers: set[int | None], peer: Peer
) -> Pass:
    """The same for the peer."""
    events = publish_json(broker, run_id, chunks)
    source = options(broker, {}) | {"subscribe": ",".join(topic.name for topic in TOPICS), "startingOffsets": "earliest"}
    stream = session.readStream.format("kafka").options(**source).option("includeHeaders", "true").load()
    writer = stream.writeStream.foreachBatch(peer).option("checkpointLocation", str(chosen.checkpoints_dir / "peer"))

    def ingest() -> None:
        writer.trigger(availableNow=True).start().awaitTermination()

    return Pass(events, measured(servers, ingest))


def publish_json(broker: str, run_id: str, chunks: list[Chunk]) -> int:
    """The events of the types that the peer has tables for, one JSON object a record; how many they were."""
    client, events = open_client(broker, ProducerOptions()), 0
    for topic in TOPICS:
        client.partitions_for(topic.name)
    for name, event in as_json(run_id, chunks):
        client.send(f"bench.{name}", event, f"{run_id}/0".encode())
        events += 1
    client.flush()
    client.close()
    return events


def as_json(run_id: str, chunks: list[Chunk]) -> Iterator[tuple[str, bytes]]:
    """Type and JSON of each event, type by type within a chunk."""
    for first, records in chunks:
        for event in as_objects(first, records):
            name = str(event.pop("type"))
            if name in TYPES:
                yield name, json_text.dumps(event | {"run_id": run_id, "world_id": 0}).encode()


def measured(servers: set[int | None], work: Callable[[], None]) -> dict[str, float]:
    """CPU seconds that work takes in this process and all below it, the servers not counted."""
    before = cpu_seconds(servers)
    work()
    after = cpu_seconds(servers)
    return {kind: after[kind] - before.get(kind, 0.0) for kind in after}


def cpu_seconds(servers: set[int | None]) -> dict[str, float]:
    """CPU seconds so far by kind: jvm, driver (this process), workers."""
    found = {"jvm": 0.0, "driver": 0.0, "workers": 0.0}
    for process, seconds in seconds_below(os.getpid()).items():
        if process.pid in servers:
            continue
        kind = "driver" if process.pid == os.getpid() else "jvm" if "java" in process.name() else "workers"
        found[kind] += seconds
    return found
