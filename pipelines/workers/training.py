"""Training as a worker runs it: rollouts published as they come, checkpoints, and at the end what was learned.

A checkpoint is two parts written one after the other: what was published up to it, and then the learner's own folder, whose
lineage names the steps at which both were taken. A part without the other is left from a crash and is passed over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import structlog

from pipelines.ports import EventLog
from pipelines.workers.checkpoint import BadCheckpoint, Checkpoint, decode, encode
from pipelines.workers.code_version import code_version
from pipelines.workers.durable import write_atomic
from pipelines.workers.job import Finished, Learned, Message, Progress
from pipelines.workers.opening import MarketWorld
from pipelines.workers.reconcile.tally import tally_rows
from pipelines.workers.registry import Registry, RunRecord
from pipelines.workers.rollout_publish import KeptStreams, Streams
from pipelines.workers.train_config import METRICS_WORLD, TrainResult, train_config_of
from pipelines.workers.world_run import start_ns
from simulator.training.checkpoint import Checkpoint as LearnerCheckpoint
from simulator.training.config import TrainConfig
from simulator.training.evaluate import compare
from simulator.training.policy import Policy
from simulator.training.sb3 import Learner, Rollout
from simulator.world.world import Chunk, World

logger = structlog.get_logger(__name__)

HELD_OUT = 1_000_003
"""Added to the seed for the markets of the evaluation, which nobody was trained in."""


@dataclass
class Training:
    """One training run in one process.

    Parameters
    ----------
    record, registry : the run.
    folder : checkpoints_dir/<run_id>.
    log : where it is published; None if it is not.
    tell, should_stop : to and from the parent.
    """

    record: RunRecord
    registry: Registry
    folder: Path
    log: EventLog | None
    tell: Callable[[Message], None]
    should_stop: Callable[[], bool]
    records: int = 0
    returns: list[float] = field(default_factory=list)
    _markets: dict[int, MarketWorld] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.config = train_config_of(self.record)
        self.training = TrainConfig.from_dict(self.config.training)
        self._streams: Streams | None = None

    # what the learner's environment tells (simulator.training.vectorise.Observer)

    def began(self, world: World) -> None:
        """A market is there; its stream opens with its first records."""
        self._markets[world.world_id] = MarketWorld(world)

    def played(self, world: World, chunk: Chunk) -> None:
        """Publish records."""
        self.records += len(chunk.records)
        if self._streams:
            self._streams.publisher(self._markets[world.world_id]).write(chunk.first_seq, chunk.records, chunk.last_step)

    def ended(self, world: World) -> None:
        """Publish what is left of a market and store what it came to."""
        market = self._markets.pop(world.world_id)
        result = market.result(world.world_id)
        if self._streams:
            self._streams.publisher(market)
            self._streams.close(world.world_id, world.step)
            for event, rows in (("worlds", market.names(start_ns(self.record))), ("labels", market.labels())):
                tally = tally_rows(event, rows)
                result.events[event], result.hashes[event] = tally.count, tally.hash()
        self.registry.store_world(self.record.run_id, result)

    # the run

    def run(self) -> bool:
        """Train to the end; False if it was asked to stop before, after a checkpoint."""
        kept = LearnerCheckpoint(self.learner_folder) if (self.learner_folder / "lineage.json").exists() else None
        self._streams = self._open_streams(kept.lineage.steps if kept else None)
        learner = Learner.resume(kept, self) if kept else Learner(self.training, self)
        if kept is None:
            self._save_untrained(learner)
        for rollout in learner.rollouts():
            self._after(rollout)
            stop = self.should_stop()
            if stop or rollout.number % self.config.checkpoint_rollouts == 0:
                self._save(learner)
            if stop and rollout.number < self.training.rollouts:
                return False
        self._finish(learner)
        return True

    @property
    def learner_folder(self) -> Path:
        """Where the learner's checkpoint lies; what `agora simulate --policy` takes."""
        return self.folder / "learner"

    def _after(self, rollout: Rollout) -> None:
        mean_return = rollout.metrics.get("rollout/return")
        if mean_return is not None:
            self.returns.append(mean_return)
        self.tell(Learned(rollout.number, rollout.steps, mean_return))
        self.tell(Progress(METRICS_WORLD, rollout.steps, self.records, self.records if self._streams else 0))
        if self._streams:
            self._streams.add_metrics(metric_rows(rollout, self.training.rollout_steps))

    def _finish(self, learner: Learner) -> None:
        """Save, end the markets that still run, evaluate, store the result."""
        self._save(learner)
        log_hash = learner.lineage(code_version()).log_hash
        for market in list(self._markets.values()):
            if market.step > 0:
                self.ended(market.world)
        evaluation = self._evaluate(learner)
        events, hashes = self._finish_metrics(learner.steps, log_hash, evaluation)
        result = TrainResult(
            steps=learner.steps, rollouts=self.training.rollouts, log_hash=log_hash, checkpoint=str(self.learner_folder),
            returns=self.returns, evaluation=evaluation, events=events, hashes=hashes,
        )  # fmt: skip
        self.registry.store_training(self.record.run_id, result)
        self.tell(Finished(METRICS_WORLD))

    def _finish_metrics(self, steps: int, log_hash: str, evaluation: dict[str, dict[str, float]]) -> tuple[dict[str, int], dict[str, str]]:
        if self._streams is None:
            return {}, {}
        last, step = self.training.rollouts, self.training.rollouts * self.training.rollout_steps
        context = msgspec.json.encode({"log_hash": log_hash, "seed": self.training.seed}).decode()
        rows = [metric("checkpoint", float(steps), last, step, context)]
        rows += [
            metric(f"evaluation/{policy}/{name}", value, last, step)
            for policy, figures in evaluation.items()
            for name, value in figures.items()
        ]
        self._streams.add_metrics(rows)
        tally = self._streams.finish()
        return {"metrics": tally.count}, {"metrics": tally.hash()}

    def _evaluate(self, learner: Learner) -> dict[str, dict[str, float]]:
        """Profit of the learner, its untrained self and the noise trader in the same seats of the same new markets."""
        if not self.config.evaluate:
            return {}
        policies = {"trained": learner.policies(), "untrained": [Policy.load(self.folder / "untrained.npz")]}
        found = compare(self.training, policies, self.training.seed + HELD_OUT, self.config.evaluate)
        intervals = {name: earned.interval() for name, earned in found.items()}
        return {
            name: {"mean": earned.mean, "middle": earned.middle, "low": intervals[name][0], "high": intervals[name][1]}
            for name, earned in found.items()
        }

    # checkpoints

    def _save_untrained(self, learner: Learner) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        learner.policy().save(self.folder / "untrained.npz")
        self._save(learner)

    def _streams_path(self, steps: int) -> Path:
        return self.folder / f"streams-{steps}.checkpoint"

    def _save(self, learner: Learner) -> None:
        """Store both parts of a checkpoint, durably and in order; then drop the parts of earlier ones."""
        running = [world_id for world_id, market in self._markets.items()]
        kept = self._streams.keep(min(running, default=self.record.worlds)) if self._streams else None
        state = msgspec.msgpack.encode((self.returns, self.records, kept))
        point = Checkpoint(
            run_id=self.record.run_id, world_id=METRICS_WORLD, epoch=1, step=learner.steps, next_seq=self.records,
            code_version=code_version(), world=b"", sink=state,
        )  # fmt: skip
        write_atomic(self._streams_path(learner.steps), encode(point))
        learner.save(self.learner_folder, code_version())
        for path in self.folder.glob("streams-*.checkpoint"):
            if path != self._streams_path(learner.steps):
                path.unlink(missing_ok=True)

    def _open_streams(self, steps: int | None) -> Streams | None:
        kept: KeptStreams | None = None
        if steps is not None:
            kept = self._kept(self._streams_path(steps))
        if self.log is None:
            return None
        return Streams(self.log, self.registry, self.record.run_id, self.config.block, start_ns(self.record), kept)

    def _kept(self, path: Path) -> KeptStreams | None:
        if not path.exists():
            raise BadCheckpoint(
                f"{path} is missing beside {self.learner_folder}; remove the run's checkpoint folder to train from the start"
            )
        point = decode(path.read_bytes(), str(path))
        if point.run_id != self.record.run_id:
            raise BadCheckpoint(f"{path} belongs to run {point.run_id}, not to {self.record.run_id}; put the right one back")
        self.returns, self.records, kept = msgspec.msgpack.decode(point.sink, type=tuple[list[float], int, KeptStreams | None])
        return kept


def metric_rows(rollout: Rollout, rollout_steps: int) -> list[dict[str, Any]]:
    """Rows of training.metrics for one rollout; the step is that of the markets' clocks, counted over all episodes."""
    step = rollout.number * rollout_steps
    rows = [metric("steps", float(rollout.steps), rollout.number, step)]
    return rows + [metric(name, value, rollout.number, step) for name, value in sorted(rollout.metrics.items())]


def metric(name: str, value: float, update: int, step: int, context: str = "") -> dict[str, Any]:
    """One row of training.metrics."""
    return {"step": step, "name": name, "value": value, "update": update, "agent": -1, "context": context}
