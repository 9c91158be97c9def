"""`agora top`: the whole flow at one glance, from the topics to every store."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import msgspec
import psutil
import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table

from pipelines.apps.demo_meter import Meter, Rate
from pipelines.apps.grid import table_console
from pipelines.kafka_access import Principal
from pipelines.local_stack import stack
from pipelines.local_stack.stack import ServerStatus, broker
from pipelines.settings import Settings, settings
from pipelines.sinks.status import read_all
from pipelines.workers.progress import short_count
from spark_jobs.ingest.status import read_status, status_path

app = typer.Typer(add_completion=False)
EVERY_S = 1.0
MEASURED_S = 3.0  # what --once looks at before it answers
QUIET_S = 30.0  # a stream that said nothing for so long has stopped


class Hop(NamedTuple):
    """One part of the flow. `behind` is records that wait before it, `memory_mib` of its process; None where it cannot be known."""

    name: str
    state: str
    events: int
    events_per_second: float
    behind: int | None
    memory_mib: int | None
    trouble: str = ""


class Sight(NamedTuple):
    """What is seen at one moment."""

    hops: list[Hop]
    servers: list[ServerStatus]
    alerts: dict[str, int]
    steps: dict[str, int]


@app.command()
def top(
    once: Annotated[bool, typer.Option("--once", help=f"Look for {MEASURED_S:.0f} seconds, then print and stop.")] = False,
    json: Annotated[bool, typer.Option("--json", help="With --once: one compact line of JSON.")] = False,
) -> None:
    """Watch events a second at each hop, what waits before it, memory, and alerts, until Ctrl-C.

    Examples:  [bold]agora top[/bold]   [bold]agora top --once --json[/bold]
    """
    config = settings()
    meter = Meter(broker(config, Principal.VIEWER))
    meter.start()
    watch = Watch(config, meter)
    try:
        if not once:
            follow(watch)
            return
        until = time.monotonic() + MEASURED_S
        while time.monotonic() < until:
            sight = watch.look()
            time.sleep(EVERY_S / 2)
        print(msgspec.json.encode(as_plain(sight)).decode()) if json else table_console().print(drawn(sight))
    finally:
        meter.stop()


def follow(watch: Watch) -> None:
    """Draw anew every second."""
    with Live(drawn(watch.look()), console=Console(), screen=False, auto_refresh=False) as live:
        while True:
            time.sleep(EVERY_S)
            live.update(drawn(watch.look()), refresh=True)


class Watch:
    """Looks at the topics, the stream, the sinks and the servers.

    Parameters
    ----------
    config : whose data folder.
    meter : counts what is published since it started, alerts among it.
    """

    def __init__(self, config: Settings, meter: Meter) -> None:
        self.config, self.meter, self._published = config, meter, Rate()

    def look(self) -> Sight:
        """As of now."""
        self._published.note(self.meter.total, time.monotonic())
        published = Hop("workers -> Kafka", "since now", self.meter.total, self._published.per_second(), None, None)
        return Sight(
            [published, *self._stream(), *self._sinks()], stack.status(self.config), dict(self.meter.alerts), dict(self.meter.steps)
        )

    def _stream(self) -> list[Hop]:
        status = read_status(status_path(self.config.data_dir))
        if status is None:
            return []
        running = time.time() - status.updated_at < QUIET_S and (status.host != socket.gethostname() or psutil.pid_exists(status.pid))
        state, rate = (status.state, status.events_per_second) if running else ("stopped", 0.0)
        memory = memory_mib(status.host, status.pid) if running else None
        return [Hop("Kafka -> silver", state, status.events, rate, sum(status.lag.values()), memory, status.error)]

    def _sinks(self) -> list[Hop]:
        return [
            Hop(
                name=f"Kafka -> {sink.name}",
                state=sink.state,
                events=sink.events,
                events_per_second=sink.events_per_second,
                behind=sum(sink.behind.values()),
                memory_mib=None if sink.state == "stopped" else memory_mib(sink.host, sink.pid),
                trouble=sink.trouble,
            )
            for sink in read_all(self.config.sinks_dir)
        ]


def memory_mib(host: str, pid: int) -> int | None:
    """Resident memory of a process and its descendants; None if it is gone, or one of another machine or container."""
    if host != socket.gethostname():
        return None
    try:
        process = psutil.Process(pid)
        return sum(each.memory_info().rss for each in [process, *process.children(recursive=True)]) >> 20
    except psutil.Error:
        return None


def as_plain(sight: Sight) -> dict[str, Any]:
    """For JSON."""
    return {"hops": [hop._asdict() for hop in sight.hops], "servers": sight.servers, "alerts": sight.alerts, "steps": sight.steps}


def drawn(sight: Sight) -> RenderableType:
    """The picture."""
    return Group(_hops(sight.hops), "", _servers(sight.servers), "", _rest(sight))


def _right(table: Table, *places: int) -> Table:
    for place in places:
        table.columns[place].justify = "right"
    return table


def _hops(hops: Sequence[Hop]) -> Table:
    table = _right(Table("hop", "state", "events", "a second", "behind", "MiB", "", box=None, pad_edge=False), 2, 3, 4, 5)
    for hop in hops:
        behind = "" if hop.behind is None else f"{hop.behind:,}"
        memory = "" if hop.memory_mib is None else f"{hop.memory_mib:,}"
        table.add_row(hop.name, hop.state, f"{hop.events:,}", short_count(hop.events_per_second), behind, memory, hop.trouble)
    return table


def _servers(servers: Sequence[ServerStatus]) -> Table:
    table = _right(Table("server", "state", "MiB", "address", box=None, pad_edge=False), 2)
    for server in servers:
        table.add_row(server.name, server.state, f"{server.memory_mib:,}" if server.memory_mib else "", server.address)
    return table


def _rest(sight: Sight) -> str:
    alerts = "  ".join(f"{kind} {count:,}" for kind, count in sorted(sight.alerts.items())) or "none since this began"
    steps = "  ".join(f"{run} step {step:,}" for run, step in sight.steps.items()) or "no world moved since this began"
    return f"alerts   {alerts}\nworlds   {steps}"
