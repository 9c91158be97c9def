"""Training as a worker runs it: rollouts published as they come, checkpoints, and at the end what was learned.

A checkpoint is two parts written one after the other: what was published up to it, and then the learner's own folder, whose
lineage names the steps at which both were taken. A part without the other is left from a crash and is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import structlog

from pipelines.ports import EventLog
from pipelines.workers.checkpoint import BadCheckpoint, Checkpoint, decode, encode
from pipelines.workers.code_version import code_version
from pipelines.workers.durable import write_atomic
from pipelines.workers.experiments.of_training import about, close
from pipelines.workers.experiments.record import Recorder, RunEnding, recorded
from pipelines.workers.job import Finished, Learned, Message, Progress
from pipelines.workers.metric_rows import figures_of, metric, metric_rows
from pipelines.workers.opening import MarketWorld
from pipelines.workers.reconcile.tally import tally_rows
from pipelines.workers.registry import Registry, RunRecord
from pipelines.workers.rollout_publish import KeptStreams, Streams
from pipelines.workers.train_config import METRICS_WORLD, TrainResult, train_config_of
from pipelines.workers.world_run import start_ns
from simulator.training.cadence import PROGRESS, Cadence, Watch, progress_of
from simulator.training.checkpoint import Checkpoint as LearnerCheckpoint
from simulator.training.config import TrainConfig
from simulator.training.evaluate import compare
from simulator.training.policy import Policy
from simulator.training.sb3 import Learner, Rollout
from simulator.training.versions import Versions
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
    recorders : keep what is measured for people to compare.
    """

    record: RunRecord
    registry: Registry
    folder: Path
    log: EventLog | None
    tell: Callable[[Message], None]
    should_stop: Callable[[], bool]
    recorders: Sequence[Recorder] = ()
    records: int = 0
    returns: list[float] = field(default_factory=list)
    _markets: dict[int, MarketWorld] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.config = train_config_of(self.record)
        self.training = TrainConfig.from_dict(self.config.training)
        self.versions = Versions(self.folder, self.config.keep)
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
        kept = self.versions.recovered()
        self._streams = self._open_streams(kept.lineage.steps if kept else None)
        learner = Learner.resume(kept, self) if kept else Learner(self.training, self)
        logger.info("a training begins" if kept is None else "a training goes on", steps=kept.lineage.steps if kept else 0)
        self._watch = Watch(self.training, self._cadence(), progress_of(kept.folder if kept else None))
        with recorded(self.recorders, about(self.record), learner.done):
            if kept is None:
                self._save_untrained(learner)
            finished = self._learn(learner)
            if finished:
                self._finish(learner)
            tags = {"log_hash": learner.lineage(code_version()).log_hash, "stopped_early": self._watch.progress.stopped}
            close(self.recorders, RunEnding.FINISHED if finished else RunEnding.STOPPED, self.versions, tags)
        return finished

    def _learn(self, learner: Learner) -> bool:
        """Train to the end or to the early stop; False if it was asked to stop before."""
        progress = self._watch.progress
        for rollout in learner.rollouts() if not progress.has_stopped() else ():
            self._after(rollout, learner)
            stop, over = self.should_stop(), progress.has_stopped()
            if stop or over or rollout.number % self.config.checkpoint_rollouts == 0:
                self._save(learner)
            if over:
                break
            if stop and rollout.number < self.training.rollouts:
                return False
        return True

    def _cadence(self) -> Cadence:
        config = self.config
        return Cadence(evaluate_every=config.evaluate_every, patience=config.patience, markets=max(1, config.evaluate), keep=config.keep)

    @property
    def learner_folder(self) -> Path:
        """Where the learner's checkpoint lies; what `agora simulate --policy` takes."""
        return self.versions.newest

    def _after(self, rollout: Rollout, learner: Learner) -> None:
        look = self._watch.after(rollout, learner.policies)
        if look.best:
            learner.save(self.versions.best, code_version(), self._beside())
        rollout = replace(rollout, metrics=rollout.metrics | look.metrics)
        for recorder in self.recorders:
            recorder.figures(rollout.number, {"steps": rollout.steps} | rollout.metrics)
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
        evaluation, progress = self._evaluate(learner), self._watch.progress
        figures = {f"evaluation/{policy}/{name}": value for policy, found in evaluation.items() for name, value in found.items()}
        events, hashes = self._finish_metrics(learner, log_hash, figures)
        result = TrainResult(
            steps=learner.steps, rollouts=learner.done, log_hash=log_hash, checkpoint=str(self.learner_folder),
            returns=self.returns, evaluation=evaluation, events=events, hashes=hashes, worlds=self.training.begun_after(learner.done),
            best_checkpoint=str(self.versions.best) if progress.scores else "", best_eval_score=progress.best_score,
            stopped_early=progress.stopped,
        )  # fmt: skip
        self.registry.store_training(self.record.run_id, result)
        for recorder in self.recorders:  # last, so that a life that ends before leaves nothing to be kept twice
            recorder.figures(learner.done, figures)
        self.tell(Finished(METRICS_WORLD))

    def _finish_metrics(self, learner: Learner, log_hash: str, figures: dict[str, float]) -> tuple[dict[str, int], dict[str, str]]:
        last, step, reason = learner.done, learner.done * self.training.rollout_steps, self._watch.progress.stopped
        if self._streams is None:
            return {}, {}
        context = msgspec.json.encode({"log_hash": log_hash, "seed": self.training.seed}).decode()
        rows = [metric("checkpoint", float(learner.steps), last, step, context)]
        if reason:
            rows.append(metric("stopped_early", float(learner.steps), last, step, msgspec.json.encode({"reason": reason}).decode()))
        self._streams.add_metrics(rows + [metric(name, value, last, step) for name, value in figures.items()])
        tally = self._streams.finish()
        return {"metrics": tally.count}, {"metrics": tally.hash()}

    def _evaluate(self, learner: Learner) -> dict[str, dict[str, float]]:
        """Profit of the learner, its best and its untrained self and the noise trader in the same seats of the same new markets."""
        if not self.config.evaluate:
            return {}
        policies = {"trained": learner.policies(), "untrained": [Policy.load(self.folder / "untrained.npz")]}
        if self._watch.progress.scores:
            policies["best"] = [Policy.load(path) for path in LearnerCheckpoint(self.versions.best).policies]
        return figures_of(compare(self.training, policies, self.training.seed + HELD_OUT, self.config.evaluate))

    # checkpoints

    def _beside(self) -> dict[str, bytes]:
        return {PROGRESS: self._watch.progress.encode()}

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
        learner.save(self.learner_folder, code_version(), self._beside())
        self.versions.retain()
        needed = {self._streams_path(steps) for steps in (learner.steps, *(int(path.name) for path in self.versions.older()))}
        for path in set(self.folder.glob("streams-*.checkpoint")) - needed:
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
