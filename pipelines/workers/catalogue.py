"""What the stores are told of runs: the finished ones as documents, all of them and what they learned as rows of tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from pipelines.settings import Settings
from pipelines.workers.experiments.of_training import about
from pipelines.workers.lineage import result_of
from pipelines.workers.registry import Registry, RunRecord, WorldResult
from pipelines.workers.train_config import KIND, TrainResult, train_config_of
from simulator.training.checkpoint import Checkpoint

LATEST = 10_000


class Catalogue:
    """The runs of a data folder.

    Parameters
    ----------
    settings : whose runs and checkpoints.
    """

    def __init__(self, settings: Settings) -> None:
        self._registry, self._checkpoints = Registry(settings.runs_dir), settings.checkpoints_dir

    def runs(self) -> Iterator[dict[str, Any]]:
        """A document for each run that has ended: what it was asked to do, and what each of its worlds came to."""
        for record in self._records():
            worlds, result = self._worlds(record), self._result(record)
            if result or (record.kind != KIND and len(worlds) == record.worlds):
                results = [msgspec.to_builtins(world) for world in worlds]
                yield {**msgspec.to_builtins(record), "events": total(worlds), "results": results, "training": msgspec.to_builtins(result)}

    def experiments(self) -> Iterator[dict[str, Any]]:
        """A document for each training that has ended, to compare it with others: settings, where it comes from, what it reached."""
        for record, result in self._trainings():
            told = about(record)
            figures = {"score": score(result), "returns": result.returns, "evaluation": result.evaluation}
            yield {
                "run_id": record.run_id,
                "experiment": told.experiment,
                "settings": dict(told.settings),
                "tags": dict(told.tags),
                "stopped_early": result.stopped_early,
                **figures,
            }

    def run_rows(self) -> Iterator[dict[str, Any]]:
        """A row for each run, ended or not."""
        for record in self._records():
            worlds, result = self._worlds(record), self._result(record)
            figures = result.evaluation if result else worlds[0].finals if worlds else {}
            yield {
                "run_id": record.run_id,
                "kind": record.kind,
                "created": record.created,
                "seed": record.seed,
                "worlds": record.worlds,
                "worlds_done": len(worlds),
                "events": sum(result.events.values()) if result else total(worlds),
                "score": score(result) if result else None,
                "code_version": record.code_version,
                "config": record.config,
                "figures": figures,
            }

    def policy_rows(self) -> Iterator[dict[str, Any]]:
        """A row for each policy of the newest and the best checkpoint of each training that has ended."""
        for record, result in self._trainings():
            for folder in sorted(self._checkpoints.glob(f"{record.run_id}/*/lineage.json")):
                yield from policies_of(record, result, folder.parent)

    def _records(self) -> Iterator[RunRecord]:
        return (self._registry.load(run_id) for run_id in self._registry.recent(LATEST))

    def _trainings(self) -> Iterator[tuple[RunRecord, TrainResult]]:
        for record in self._records():
            result = self._result(record)
            if result:
                yield record, result

    def _result(self, record: RunRecord) -> TrainResult | None:
        return result_of(self._registry, record) if record.kind == KIND else None

    def _worlds(self, record: RunRecord) -> list[WorldResult]:
        found = (self._registry.world(record.run_id, world_id) for world_id in range(record.worlds))
        return [world for world in found if world]


def policies_of(record: RunRecord, result: TrainResult, folder: Path) -> Iterator[dict[str, Any]]:
    """The rows of a checkpoint's policies."""
    checkpoint = Checkpoint(folder)
    training = checkpoint.lineage.training()
    for number, path in enumerate(checkpoint.policies):
        if path.is_file():
            yield {
                "policy_id": f"{record.run_id}/{folder.name}/{number}",
                "run_id": record.run_id,
                "checkpoint": str(folder),
                "algorithm": training.algorithm.value,
                "env": training.env,
                "scenario": training.scenario,
                "role": str(training.role),
                "steps": checkpoint.lineage.steps,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                "score": score(result),
                "figures": {"experiment": train_config_of(record).experiment, "evaluation": result.evaluation},
            }


def score(result: TrainResult) -> float | None:
    """By what trainings are ranked: the best evaluation while it learned, otherwise the last mean return, if there is one."""
    if result.best_eval_score is not None:
        return result.best_eval_score
    return result.returns[-1] if result.returns else None


def total(worlds: list[WorldResult]) -> int:
    """Events of worlds that have ended."""
    return sum(sum(world.events.values()) for world in worlds)
