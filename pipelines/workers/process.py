"""What a process that plays worlds opens: the run, its checkpoints, the log on the broker, the clock."""

from __future__ import annotations

import time
from collections.abc import Callable

from pipelines.broker.contract import agree
from pipelines.broker.kafka_log import KafkaLog
from pipelines.kafka_access import Principal, access
from pipelines.ports import Clock, EventLog
from pipelines.settings import Settings
from pipelines.workers.checkpoint import Checkpoints
from pipelines.workers.job import Message
from pipelines.workers.opening import open_world
from pipelines.workers.registry import Registry
from pipelines.workers.run_config import config_of
from pipelines.workers.world_run import Worker


class WallClock:
    """The Clock of a real process: its zero is arbitrary, it never goes back."""

    def now_ns(self) -> int:
        """Nanoseconds since that zero."""
        return time.monotonic_ns()

    def sleep(self, seconds: float) -> None:
        """Block."""
        time.sleep(seconds)


def open_worker(
    settings: Settings,
    run_id: str,
    clock: Clock,
    tell: Callable[[Message], None],
    should_stop: Callable[[], bool],
    watch: Callable[[EventLog], EventLog] = lambda log: log,
) -> Worker:
    """Open what the worlds of a run share in this process; watch may wrap the log of a run that is published.

    Raises pipelines.events.evolution.Breaking if this process, which may be another program than the one that began the run, declares
    other events than the topics were published with.
    """
    registry = Registry(settings.runs_dir)
    record = registry.load(run_id)
    config = config_of(record)
    log = watch(KafkaLog(access(settings, settings.broker, Principal.WORKER))) if config.to == "kafka" else None
    if log is not None:
        agree(log)
    return Worker(
        record=record,
        config=config,
        registry=registry,
        checkpoints=Checkpoints(settings.checkpoints_dir / run_id),
        logs=settings.results_dir / "logs",
        log=log,
        open_world=open_world,
        clock=clock,
        tell=tell,
        should_stop=should_stop,
    )
