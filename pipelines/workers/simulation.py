"""A simulation from request to result: store the run, play its worlds in processes, add up what they came to."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from pipelines.events.from_simulator import warm_up
from pipelines.settings import Settings
from pipelines.workers.code_version import code_version
from pipelines.workers.finals import joined
from pipelines.workers.job import Job, Message, Notice, share_worlds
from pipelines.workers.opening import combined_hash, compile_traders
from pipelines.workers.progress import RunView
from pipelines.workers.registry import Registry, RunRecord, WorldResult
from pipelines.workers.run_config import SimulateConfig, config_of, to_builtins
from pipelines.workers.run_status import RunStatusFile
from pipelines.workers.supervise import Ending, Supervisor


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a finished run came to."""

    run_id: str
    run_hash: str  # the same for any number of workers
    scenario: str
    seed: int
    agents: int
    worlds: int
    steps: int
    to: str
    events: dict[str, int]  # event type -> number, over all worlds
    total_events: int
    seconds: float  # of this call; a resumed run counts only what it still played
    agent_steps_per_second: float
    events_per_second: float
    profit: dict[str, dict[str, float]]  # trader type -> figures in currency, over all worlds
    roles: dict[str, dict[str, float]] = {}  # role -> figures over all worlds: money in currency, the rest in lots
    files: list[str] = []


@dataclass(frozen=True)
class Simulation:
    """One run and what is needed to play it.

    Parameters
    ----------
    settings : with `broker` set to the broker's address if the run goes to Kafka.
    record : the stored run.
    """

    settings: Settings
    record: RunRecord

    @classmethod
    def begin(cls, settings: Settings, config: SimulateConfig, *, seed: int, worlds: int, now: datetime) -> Simulation:
        """Store a new run durably, before anything of it happens."""
        if worlds < 1:
            raise ValueError(f"{worlds} worlds is fewer than one; ask for at least one")
        registry = Registry(settings.runs_dir)
        record = registry.create(now, kind="simulate", config=to_builtins(config), seed=seed, worlds=worlds, code_version=code_version())
        return cls(settings, record)

    @classmethod
    def resume(cls, settings: Settings, run_id: str) -> Simulation:
        """A run that was started before. Raises UnknownRun."""
        record = Registry(settings.runs_dir).load(run_id)
        config_of(record)
        return cls(settings, record)

    @property
    def config(self) -> SimulateConfig:
        """What the run was asked to do."""
        return config_of(self.record)

    @property
    def registry(self) -> Registry:
        """Where its state lies."""
        return Registry(self.settings.runs_dir)

    def left(self) -> list[int]:
        """The worlds that have not ended."""
        return self.registry.unfinished(self.record)

    def play(self, workers: int, view: RunView) -> Ending:
        """Play what is left in that many processes. Raises supervise.WorkerFailed."""
        dumped = self.settings.portable()
        shares = share_worlds(self.left(), workers)
        threading.Thread(target=self._warm_up, daemon=True, name="warm-up").start()  # while the workers start
        jobs = [Job(run_id=self.record.run_id, worker=number, worlds=share, settings=dumped) for number, share in enumerate(shares)]
        folder = self.registry.folder(self.record.run_id)
        return Supervisor(folder, heard_by(view, folder), view.notice).run(jobs)

    def _warm_up(self) -> None:
        """Compile what the workers need after what they compile themselves."""
        with suppress(ValueError):  # a worker meets it too, and its word ends the run
            compile_traders(self.config, self.record.seed)
        if self.config.to == "kafka":
            warm_up()

    def results(self) -> list[WorldResult]:
        """What the worlds came to, in order. Raises ValueError if one has not ended."""
        found = [self.registry.world(self.record.run_id, world_id) for world_id in range(self.record.worlds)]
        if None in found:
            raise ValueError(f"worlds {self.left()} of run {self.record.run_id} have not ended; go on with --resume {self.record.run_id}")
        return [result for result in found if result is not None]

    def draw(self) -> list[Path]:
        """Draw the charts of a run that wrote CSV files; the files that there are."""
        if self.config.to != "csv":
            return []
        from pipelines.workers.charts import draw_charts  # matplotlib takes a second to import

        logs, charts = self.settings.results_dir / "logs", self.settings.results_dir / "charts"
        drawn = []
        for world_id in range(self.record.worlds):
            inside = "" if world_id == 0 else f"world-{world_id}"
            drawn += sorted((logs / inside).glob("*.csv")) + draw_charts(logs / inside, charts / inside, self.config.steps)
        return drawn

    def summary(self, seconds: float, steps_played: int, records_played: int, files: list[Path]) -> Summary:
        """Add up the worlds."""
        results = self.results()
        events: dict[str, int] = {}
        for result in results:
            for name, count in result.events.items():
                events[name] = events.get(name, 0) + count
        agents = sum(int(figures["agents"]) for figures in results[0].finals.values())
        return Summary(
            run_id=self.record.run_id, run_hash=combined_hash([result.world_hash for result in results]),
            scenario=str(self.config.scenario.get("name", "")), seed=self.record.seed, agents=agents, worlds=self.record.worlds,
            steps=self.config.steps, to=self.config.to, events=events, total_events=sum(events.values()), seconds=round(seconds, 3),
            agent_steps_per_second=round(steps_played * agents / max(seconds, 1e-9)),
            events_per_second=round(records_played / max(seconds, 1e-9)),
            profit=joined(result.finals for result in results), roles=joined(result.roles for result in results),
            files=[shown(path) for path in files],
        )  # fmt: skip


def heard_by(view: RunView, folder: Path) -> Callable[[Message], None]:
    """What to do with workers' messages: notices are shown, the rest moves the bar, and is told in the run's folder."""
    status = RunStatusFile(folder)

    def listen(message: Message) -> None:
        if isinstance(message, Notice):
            view.notice(message.line)
        else:
            view.listen(message)
            status.tell(view.steps)

    return listen


def shown(path: Path) -> str:
    """A path as short as it can be told."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
