"""`agora metrics`: the figures of every process of a data folder for Prometheus, at one address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Annotated

import typer
from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pipelines.apps.demo_meter import Meter
from pipelines.apps.stream import stop_on_signals
from pipelines.apps.top import Sight, Watch
from pipelines.kafka_access import Principal
from pipelines.local_stack import ports
from pipelines.local_stack.stack import broker
from pipelines.settings import settings
from pipelines.sinks.status import SinkStatus, read_all

app = typer.Typer(add_completion=False)
UP = ("running", "external")


@app.command()
def metrics(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Where it listens; 0: a free port.")] = 9464,
    host: Annotated[str, typer.Option("--host", help="On which address; 0.0.0.0: on all, in a container.")] = ports.HOST,
    once: Annotated[bool, typer.Option("--once", help="Print the figures as they are, and stop.")] = False,
) -> None:
    """Serve what every process says of itself: events and rates, lag, time of batches, retries, dead letters, memory, alerts.

    Examples:  [bold]agora metrics[/bold]   [bold]agora metrics --port 0[/bold]   [bold]agora metrics --once[/bold]
    """
    config = settings()
    meter = Meter(broker(config, Principal.VIEWER))
    meter.start()
    registry = CollectorRegistry()
    registry.register(Figures(Watch(config, meter)))
    try:
        if once:
            print(generate_latest(registry).decode(), end="")
            return
        server, _ = start_http_server(port or ports.free_port(), host, registry)
        print(f"http://{host}:{server.server_port}/metrics", flush=True)
        wait(stop_on_signals())
        server.shutdown()
    finally:
        meter.stop()


def wait(stop: threading.Event) -> None:
    """Until told to stop."""
    while not stop.wait(1):
        pass


class Figures(Collector):
    """Makes the figures anew at each question."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def collect(self) -> Iterator[Metric]:
        """See Collector."""
        sight = self._watch.look()
        yield from hops(sight)
        yield from sinks(read_all(self._watch.config.sinks_dir))
        up = GaugeMetricFamily("agora_server_up", "Whether a server answers.", labels=["server"])
        memory = GaugeMetricFamily("agora_server_memory_bytes", "Resident memory of a local server's processes.", labels=["server"])
        for server in sight.servers:
            up.add_metric([server.name], float(server.state in UP))
            memory.add_metric([server.name], server.memory_mib * 2.0**20)
        alerts = CounterMetricFamily("agora_alerts", "Alerts raised since this exporter began.", labels=["kind"])
        for kind, count in sight.alerts.items():
            alerts.add_metric([kind], count)
        published = CounterMetricFamily("agora_published_events", "Events published since this exporter began.", labels=["event"])
        for event, count in dict(self._watch.meter.events).items():
            published.add_metric([event], count)
        yield from (up, memory, alerts, published)


def hops(sight: Sight) -> Iterator[Metric]:
    """What the parts of the flow have in common."""
    events = CounterMetricFamily("agora_hop_events", "Events that a part took, since it or this exporter began.", labels=["hop"])
    rate = GaugeMetricFamily("agora_hop_events_per_second", "Over the last seconds.", labels=["hop"])
    behind = GaugeMetricFamily("agora_hop_lag_records", "Records on the topics that it has not taken.", labels=["hop"])
    memory = GaugeMetricFamily("agora_hop_memory_bytes", "Resident memory of its processes.", labels=["hop"])
    running = GaugeMetricFamily("agora_hop_running", "1 while it goes on, 0 while it waits or is stopped.", labels=["hop"])
    for hop in sight.hops:
        events.add_metric([hop.name], hop.events)
        rate.add_metric([hop.name], hop.events_per_second)
        running.add_metric([hop.name], float(hop.state not in ("stopped", "waiting")))
        if hop.behind is not None:
            behind.add_metric([hop.name], hop.behind)
        if hop.memory_mib is not None:
            memory.add_metric([hop.name], hop.memory_mib * 2.0**20)
    yield from (events, rate, behind, memory, running)


def sinks(found: list[SinkStatus]) -> Iterator[Metric]:
    """What sinks alone have; counts since each of them started."""
    batches = CounterMetricFamily("agora_sink_batches", "Batches written.", labels=["store"])
    seconds = CounterMetricFamily("agora_sink_write_seconds", "Time spent writing.", labels=["store"])
    refused = CounterMetricFamily("agora_sink_dead_letters", "Records set aside.", labels=["store"])
    retries = CounterMetricFamily("agora_sink_retries", "Times that it waited for what went away.", labels=["store"])
    for sink in found:
        for family, value in ((batches, sink.batches), (seconds, sink.write_seconds), (refused, sink.refused), (retries, sink.retries)):
            family.add_metric([sink.name], value)
    yield from (batches, seconds, refused, retries)
