"""agora metrics: what Prometheus reads."""

from __future__ import annotations

from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from pipelines.apps.metrics import Figures
from pipelines.sinks.batch_writer import Figures as SinkFigures
from pipelines.sinks.status import StatusFile, lock
from tests.pipelines.apps.test_top import seen


def figures(folder: Path) -> dict[tuple[str, str], float]:
    """Value by name and label."""
    registry = CollectorRegistry()
    registry.register(Figures(seen(folder)))
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {(each.name, next(iter(each.labels.values()), "")): each.value for family in families for each in family.samples}


def test_every_process_has_its_figures_at_one_address(tmp_path: Path) -> None:
    with lock(tmp_path / "sinks", "redis"):
        sink = SinkFigures(events=800, batches=3, refused=2, retries=1, write_seconds=1.5, behind={("market.ticks", 0): 7})
        StatusFile(tmp_path / "sinks", "redis").tell(sink)
        found = figures(tmp_path)
    assert found["agora_hop_events_total", "Kafka -> redis"] == 800
    assert found["agora_hop_lag_records", "Kafka -> redis"] == 7
    assert found["agora_hop_running", "Kafka -> redis"] == 1
    assert found["agora_hop_memory_bytes", "Kafka -> redis"] > 0
    assert found["agora_sink_dead_letters_total", "redis"] == 2 and found["agora_sink_retries_total", "redis"] == 1
    assert found["agora_sink_write_seconds_total", "redis"] == 1.5 and found["agora_sink_batches_total", "redis"] == 3
    assert found["agora_server_up", "kafka"] == 0
    assert found["agora_alerts_total", "spoofing"] == 2 and found["agora_published_events_total", "ticks"] == 1000


def test_a_sink_that_waits_or_has_stopped_does_not_run(tmp_path: Path) -> None:
    StatusFile(tmp_path / "sinks", "redis").tell(SinkFigures(events=800, trouble="nobody answers"))
    assert figures(tmp_path)["agora_hop_running", "Kafka -> redis"] == 0
    with lock(tmp_path / "sinks", "redis"):
        assert figures(tmp_path)["agora_hop_running", "Kafka -> redis"] == 0
