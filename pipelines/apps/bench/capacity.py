"""`agora bench capacity`: what a million events cost at each hop, in seconds of processor time and in bytes, and how that grows.

One laboratory with all stores takes three runs one after another, each hop by itself: a first that warms the servers, a second, and a
third that is LARGER times as long. The costs of the second and the third make a line: its slope is the cost of a million events, its
start what each beginning costs. A hop's time is that of its own processes and that of the servers it uses meanwhile.
"""

from __future__ import annotations

import json as json_text
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from pipelines.apps.bench.processor_time import seconds_below
from pipelines.apps.chosen import stores_in
from pipelines.local_stack import stack
from pipelines.settings import Settings, settings
from pipelines.workers.command import agora
from pipelines.workers.stores import NAMES, SERVERS

SCENARIO = "balanced"  # in which there is something for every store
LARGER = 4
LOOK_S = 0.1


class Cost(NamedTuple):
    """Processor seconds of a command with all that it started, and of the servers meanwhile; seconds by the clock."""

    own: float
    servers: float
    clock: float


def run(json: bool = False, stores: str = ",".join(NAMES), steps: int = 100_000) -> dict[str, Any]:
    """Play two worlds of `steps` steps twice and of four times as many once, and take each run through every hop.

    Examples:  [bold]agora bench capacity --json[/bold]   [bold]agora bench capacity --stores redis --steps 1000[/bold]
    """
    names = stores_in(stores, NAMES)
    with tempfile.TemporaryDirectory(prefix="agora-bench-") as folder:
        chosen = settings().apart(Path(folder))
        try:
            stack.up(chosen, ("kafka", *(SERVERS[name] for name in names)))
            passes = [passed(chosen, names, seed, length) for seed, length in enumerate((steps, steps, LARGER * steps))]
        finally:
            stack.down(chosen)
    result = summary(passes[1], passes[2])
    print(json_text.dumps(result, separators=(",", ":") if json else None, indent=None if json else 2))
    return result


class Pass(NamedTuple):
    """One run through all hops: its events, the cost of each hop, and by how many bytes each place grew."""

    events: int
    costs: Mapping[str, Cost]
    grown: Mapping[str, int]


def passed(chosen: Settings, names: Iterable[str], seed: int, steps: int) -> Pass:
    """Simulate, publish, stream, fill the stores, refresh and verify one run."""
    before, costs = sizes(chosen), dict[str, Cost]()
    play = ("simulate", "--scenario", SCENARIO, "--worlds", "2", "--workers", "1", "--steps", str(steps), "--seed", str(seed), "--json")
    _, costs["simulate"] = spent(chosen, *play, "--to", "none")
    told, costs["simulate and publish"] = spent(chosen, *play)
    of_run = ("--run", told["run_id"], "--json")
    hops: dict[str, tuple[str, ...]] = {"stream": ("stream", "--once", "--refresh", "0", "--json")}
    hops |= {f"sink {name}": ("sink", name, "--once", "--json") for name in names}
    hops |= {"refresh gold": ("refresh", *of_run), "verify": ("verify", "--stores", "kafka,bronze,silver", *of_run)}
    for hop, words in hops.items():
        _, costs[hop] = spent(chosen, *words)
    after = sizes(chosen)
    return Pass(told["total_events"], costs, {place: after[place] - before.get(place, 0) for place in after})


def spent(chosen: Settings, *words: str) -> tuple[Any, Cost]:
    """Run a command: its one line of JSON, and what it cost. Raises RuntimeError if it fails."""
    began, before = time.monotonic(), _servers(chosen)
    process = subprocess.Popen(agora(*words, data_dir=chosen.data_dir), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seen: dict[psutil.Process, float] = {}
    while True:  # looked at again and again, since a process that has ended tells no more what it used
        seen |= seconds_below(process.pid)
        try:
            out, said = process.communicate(timeout=LOOK_S)
            break
        except subprocess.TimeoutExpired:
            continue
    if process.returncode:
        raise RuntimeError(f"agora {' '.join(words)} ended with {process.returncode}: {said.strip()[-500:]}")
    cost = Cost(sum(seen.values()), _servers(chosen) - before, time.monotonic() - began)
    return json_text.loads(out.splitlines()[-1]), cost


def _servers(chosen: Settings) -> float:
    """Processor seconds of all servers so far."""
    return sum(sum(seconds_below(server.process_id).values()) for server in stack.status(chosen) if server.process_id)


def sizes(chosen: Settings) -> dict[str, int]:
    """Bytes on the disk of the lake and of each server."""
    places = {"lake": chosen.own_lake_dir} | {path.name: path for path in chosen.stack_dir.iterdir() if path.is_dir()}
    return {name: sum(file.lstat().st_blocks * 512 for file in path.rglob("*") if file.is_file()) for name, path in places.items()}


def summary(smaller: Pass, larger: Pass) -> dict[str, Any]:
    """The line through both: what a million events cost, what each beginning costs, and what a whole machine of two cores can take."""
    more = (larger.events - smaller.events) / 1e6
    each: dict[str, dict[str, float]] = {}
    for hop, big in larger.costs.items():
        small = smaller.costs[hop]
        own, servers = (big.own - small.own) / more, (big.servers - small.servers) / more
        start = small.own + small.servers - (own + servers) * smaller.events / 1e6
        each[hop] = {"own_cpu_s_per_million": own, "servers_cpu_s_per_million": servers, "start_cpu_s": start, "clock_s": big.clock}
    flow = [hop for hop in each if hop != "simulate"]  # it is in the next one
    total = sum(each[hop]["own_cpu_s_per_million"] + each[hop]["servers_cpu_s_per_million"] for hop in flow)
    return {
        "figures": {"cpu_s_per_million": round(total, 1), "events_per_core_second": round(1e6 / total), "events": larger.events},
        "hops": {hop: {name: round(value, 2) for name, value in found.items()} for hop, found in each.items()},
        "bytes_per_event": {place: round(grown / larger.events, 1) for place, grown in sorted(larger.grown.items())},
    }
