"""A training from request to result, as the command line sees it: store the run, train in a process, tell what was learned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from pipelines.settings import Settings
from pipelines.workers.code_version import code_version
from pipelines.workers.job import Job
from pipelines.workers.progress import RunView
from pipelines.workers.registry import Registry, RunRecord
from pipelines.workers.run_config import to_builtins
from pipelines.workers.simulation import heard_by, shown
from pipelines.workers.supervise import Ending, Supervisor
from pipelines.workers.train_config import KIND, METRICS_WORLD, TrainResult, TrainRunConfig, train_config_of
from simulator.training.config import TrainConfig


class LearningSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a finished training came to."""

    run_id: str
    run_hash: str  # over the logs of all markets, the same however often it was resumed
    env: str
    algorithm: str
    seed: int
    steps: int
    worlds: int
    to: str
    events: dict[str, int]
    total_events: int
    seconds: float
    steps_per_second: float
    checkpoint: str  # what `agora simulate --policy` takes
    returns: list[float]
    evaluation: dict[str, dict[str, float]]  # profit per episode and seat, in currency, of trained, untrained and noise
    best_checkpoint: str = ""  # of the best evaluation while it learned; empty without any
    best_eval_score: float | None = None
    stopped_early: str = ""  # why, or empty


@dataclass(frozen=True)
class Learning:
    """One training run and what is needed to go on with it.

    Parameters
    ----------
    settings : with `broker` set to the broker's address if the run goes to Kafka.
    record : the stored run.
    """

    settings: Settings
    record: RunRecord

    @classmethod
    def begin(cls, settings: Settings, training: TrainConfig, config: TrainRunConfig, now: datetime) -> Learning:
        """Store a new run durably, before anything of it happens."""
        registry = Registry(settings.runs_dir)
        record = registry.create(
            now, kind=KIND, config=to_builtins(config), seed=training.seed, worlds=training.episodes, code_version=code_version()
        )
        return cls(settings, record)

    @classmethod
    def resume(cls, settings: Settings, run_id: str) -> Learning:
        """A training that was started before. Raises UnknownRun."""
        record = Registry(settings.runs_dir).load(run_id)
        train_config_of(record)
        return cls(settings, record)

    @property
    def config(self) -> TrainRunConfig:
        """What the run was asked to do."""
        return train_config_of(self.record)

    @property
    def training(self) -> TrainConfig:
        """What is learned, and how."""
        return TrainConfig.from_dict(self.config.training)

    @property
    def registry(self) -> Registry:
        """Where its state lies."""
        return Registry(self.settings.runs_dir)

    def train(self, view: RunView) -> Ending:
        """Train to the end in a process of its own. Raises supervise.WorkerFailed."""
        if self.registry.training_path(self.record.run_id).exists():
            return Ending.FINISHED
        job = Job(run_id=self.record.run_id, worker=0, worlds=[METRICS_WORLD], settings=self.settings.portable())
        folder = self.registry.folder(self.record.run_id)
        return Supervisor(folder, heard_by(view, folder), view.notice).run([job])

    def result(self) -> TrainResult:
        """What it came to. Raises ValueError if it has not ended."""
        path = self.registry.training_path(self.record.run_id)
        if not path.exists():
            raise ValueError(f"run {self.record.run_id} has not ended; go on with `agora train --resume {self.record.run_id}`")
        return msgspec.json.decode(path.read_bytes(), type=TrainResult)

    def summary(self, seconds: float, steps_played: int) -> LearningSummary:
        """Add up what the worlds and the learner came to."""
        result, training = self.result(), self.training
        events, worlds = dict(result.events), self.record.worlds if result.worlds is None else result.worlds
        for world_id in range(worlds):
            world = self.registry.world(self.record.run_id, world_id)
            for name, count in world.events.items() if world else ():
                events[name] = events.get(name, 0) + count
        return LearningSummary(
            run_id=self.record.run_id, run_hash=result.log_hash, env=training.env, algorithm=training.algorithm.value, seed=training.seed,
            steps=result.steps, worlds=worlds, to=self.config.to, events=events, total_events=sum(events.values()),
            seconds=round(seconds, 3), steps_per_second=round(steps_played / max(seconds, 1e-9)),
            checkpoint=shown(Path(result.checkpoint)), returns=result.returns, evaluation=result.evaluation,
            best_checkpoint=shown(Path(result.best_checkpoint)) if result.best_checkpoint else "", best_eval_score=result.best_eval_score,
            stopped_early=result.stopped_early,
        )  # fmt: skip
