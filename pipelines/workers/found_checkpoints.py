"""Checkpoints as people name them: a folder, or the id of a run of `agora train`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from pipelines.settings import Settings
from pipelines.workers.registry import RUN_ID, Registry
from pipelines.workers.train_config import TrainResult, train_config_of
from simulator.training.judging.candidates import Candidate

LEARNER = "learner"
"""The folder of a run's checkpoints that holds the learner's last one."""


def candidates(settings: Settings, names: Sequence[str]) -> list[Candidate]:
    """Read each. Raises ValueError for one that is missing, foreign or named twice; UnknownRun for a run that is not here."""
    found = [candidate(settings, name) for name in names]
    labels = [each.label for each in found]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise ValueError(f"checkpoint {twice[0]} is named twice; name each once")
    return found


def folder_of(settings: Settings, name: str) -> Path:
    """The checkpoint's folder of a run by its id, or of a folder: itself, or that of a run, which holds it."""
    if RUN_ID.fullmatch(name):
        return settings.checkpoints_dir / name / LEARNER
    return Path(name) / LEARNER if (Path(name) / LEARNER).is_dir() else Path(name)


def candidate(settings: Settings, name: str) -> Candidate:
    """A run by its id, or a folder: the checkpoint itself, or that of a run, which holds it."""
    if RUN_ID.fullmatch(name):
        record = Registry(settings.runs_dir).load(name)
        train_config_of(record)
        return Candidate.load(folder_of(settings, name), name, returns(settings.runs_dir, name))
    folder = folder_of(settings, name)
    run = folder.resolve().parent.name
    if folder.name != LEARNER or not RUN_ID.fullmatch(run):
        return Candidate.load(folder, name)
    return Candidate.load(folder, run, returns(folder.resolve().parents[2] / "runs", run))


def returns(runs_dir: Path, run: str) -> list[float]:
    """The learning curve of a training, as far as its result is kept; empty where it has not ended or lies elsewhere."""
    path = Registry(runs_dir).training_path(run)
    return msgspec.json.decode(path.read_bytes(), type=TrainResult).returns if path.is_file() else []
