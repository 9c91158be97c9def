"""`agora bench sinks`: events a second from Kafka into each store, beside the same writes one by one; and how long a run takes to verify.

Servers and broker are real and share the machine with the sink. Each sink reads the log of a really simulated run from the broker, judges,
decodes and writes it; the time is from its start to its end, connections and tables included. One by one is what a sink does that
writes each event and its progress before it takes the next. Times real time is how much faster a sink catches up than two worlds that
play in real time publish.
"""

from __future__ import annotations

import json as json_text
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from pipelines.apps.chosen import stores_in
from pipelines.broker.kafka_log import KafkaLog
from pipelines.events.block import Block
from pipelines.events.codec import decode
from pipelines.events.declarations import event_type
from pipelines.events.progress import Batch, Refused, Taken
from pipelines.local_stack import stack
from pipelines.ports import Sink
from pipelines.settings import Settings, settings
from pipelines.sinks.batch_writer import BatchWriter
from pipelines.workers.command import agora
from pipelines.workers.pace import STEP_SECONDS
from pipelines.workers.stores import NAMES, SERVERS, open_sink

SCENARIOS = {"mongodb": "balanced", "sql": "balanced"}
"""In which there is something for a store; `trading` for the others."""
LONGER = {"mongodb": 4}
"""Times as many steps, for a store that takes few events of each: its server's code must have been compiled."""
ONE_BY_ONE = 400  # events
VERIFY_STEPS = 420_000  # of both worlds together: about 10 million events


def run(json: bool = False, stores: str = ",".join(NAMES), steps: int = 20_000, verify: bool = True) -> dict[str, Any]:
    """Fill each store from two worlds of `steps` steps; then verify a run of 1e7 events on Kafka, in bronze and in silver.

    Examples:  [bold]agora bench sinks --json[/bold]   [bold]agora bench sinks --stores redis,cassandra --no-verify[/bold]
    """
    names = stores_in(stores, NAMES)
    found: dict[str, Any] = {"figures": {}, "peers": {}, "ratios": {}, "events": {}}
    for name in names:
        with tempfile.TemporaryDirectory(prefix="agora-bench-") as folder:
            measure(settings().apart(Path(folder)), name, steps, found)
    if verify:
        with tempfile.TemporaryDirectory(prefix="agora-bench-") as folder:
            found["figures"] |= verified(settings().apart(Path(folder)))
    print(json_text.dumps(found, separators=(",", ":") if json else None, indent=None if json else 2))
    return found


def measure(config: Settings, name: str, steps: int, found: dict[str, Any]) -> None:
    """All figures of one store."""
    stack.up(config, ("kafka", SERVERS[name]))
    length = steps * LONGER.get(name, 1)
    try:
        call(config, "simulate", "--scenario", SCENARIOS.get(name, "trading"), "--worlds", "2", "--steps", str(length))
        log = KafkaLog(stack.broker_address(config))
        try:
            begun = time.monotonic()
            done = BatchWriter(log, open_sink(config, name, log), threading.Event()).run(once=True)
            rate = done.events / (time.monotonic() - begun)
            alone = one_by_one(open_sink(config, name, log), log)
        finally:
            log.close()
    finally:
        stack.down(config)
    found["figures"][name], found["events"][name] = round(rate), done.events
    found["figures"][f"{name}_times_real_time"] = round(rate * length * STEP_SECONDS / done.events)
    found["peers"][f"{name}_one_by_one"], found["ratios"][name] = round(alone), round(rate / alone, 1)


def one_by_one(sink: Sink, log: KafkaLog) -> float:
    """Events a second when each is a batch of its own."""
    version, events = sink.open().version, list(islice(singles(sink.events, log), ONE_BY_ONE))
    begun = time.monotonic()
    for number, taken in enumerate(events):
        sink.write(Batch(version + number, [taken], {}, {}), refuse)
    rate = len(events) / (time.monotonic() - begun)
    sink.close()
    return rate


def singles(events: Sequence[str], log: KafkaLog) -> Iterator[Taken]:
    """The first events of each type as blocks of one, of a run that the store does not know yet."""
    for name in events:
        topic = event_type(name).topic.name
        for record in islice(log.read(topic, 0), 0, max(1, ONE_BY_ONE // 100)):
            block = decode(record.value, record.headers)
            yield from (Taken(single(block, place), record) for place in range(min(block.head.count, ONE_BY_ONE // len(events))))


def single(block: Block, place: int) -> Block:
    """One event of a block."""
    columns = {name: values[place : place + 1] for name, values in block.columns.items()}
    seq = int(columns["seq"][0])
    return Block(block.event, msgspec.structs.replace(block.head, prev_seq=seq - 1, first_seq=seq, last_seq=seq, count=1), columns)


def refuse(refused: Refused) -> None:
    """Nothing of a simulated run is refused."""
    raise ValueError(f"{refused.reason}: {refused.detail}")


def verified(config: Settings) -> dict[str, float]:
    """Seconds of `agora verify` over about 1e7 events, as if they were exactly so many."""
    stack.up(config)
    try:
        events = call(config, "simulate", "--worlds", "2", "--steps", str(VERIFY_STEPS // 2))["total_events"]
        call(config, "stream", "--once", "--refresh", "0")
        begun = time.monotonic()
        call(config, "verify")
        taken = time.monotonic() - begun
    finally:
        stack.down(config)
    return {"verify_seconds_1e7": round(taken * 1e7 / events, 1), "verify_events": events}


def call(config: Settings, *words: str) -> Any:
    """Run a command with that data folder; its one line of JSON."""
    command = agora(*words, "--json", data_dir=config.data_dir)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"agora {' '.join(words)} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return json_text.loads(done.stdout.splitlines()[-1])
