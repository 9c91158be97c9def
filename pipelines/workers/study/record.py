"""A study: trainings that belong together, stored before the first of them begins.

runs/<study_id>/study.json   the grid, the seeds, and the run of each combination (written once, never changed)
runs/<study_id>/stop         its presence asks the tasks to stop after a checkpoint
runs/<study_id>/lock         held by the command that works on it

Each run has its own folder beside, as if it had been trained alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from pipelines.settings import Settings
from pipelines.workers.code_version import code_version
from pipelines.workers.durable import write_atomic
from pipelines.workers.learning import Learning
from pipelines.workers.registry import Registry, new_run_id
from pipelines.workers.stored_record import latest, read_record
from pipelines.workers.study.grid import named, points
from pipelines.workers.train_config import TrainRunConfig
from simulator.training.config import TrainConfig

PREFIX = "study-"


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One training of a study."""

    run_id: str
    point: dict[str, Any]  # the settings in which it differs, by name
    seed: int

    @property
    def name(self) -> str:
        """How the view calls it."""
        return f"{named(self.point)} seed {self.seed}".strip()


class StudyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a study was asked to do."""

    study_id: str
    created: str  # ISO 8601, UTC
    code_version: str
    to: str
    grid: dict[str, list[Any]]
    seeds: list[int]
    members: list[Member]


@dataclass(frozen=True)
class Study:
    """One study and what is needed to go on with it.

    Parameters
    ----------
    settings : with `broker` set to the broker's address if its runs go to Kafka.
    record : the stored study.
    """

    settings: Settings
    record: StudyRecord

    @classmethod
    def begin(
        cls, settings: Settings, base: TrainConfig, config: TrainRunConfig, grid: Mapping[str, Sequence[Any]], seeds: int, now: datetime
    ) -> Study:
        """Store a new study and its runs, before anything of them happens. Raises ValueError for a point that makes no sense."""
        if seeds < 1:
            raise ValueError(f"{seeds} seeds is fewer than one; ask for at least one")
        trainings = [  # all are made, and so checked, before the first is stored
            (point, TrainConfig.from_dict(base.as_dict() | point | {"seed": base.seed + number}))
            for point in points(grid)
            for number in range(seeds)
        ]
        for _, training in trainings:
            training.market()
        members = [
            Member(run_id=begin_run(settings, training, config, now), point=point, seed=training.seed) for point, training in trainings
        ]
        record = StudyRecord(
            study_id=PREFIX + new_run_id(now), created=now.isoformat(), code_version=code_version(), to=config.to,
            grid={name: list(values) for name, values in grid.items()}, seeds=[base.seed + number for number in range(seeds)],
            members=members,
        )  # fmt: skip
        write_atomic(_path(settings, record.study_id), msgspec.json.format(msgspec.json.encode(record)))
        return cls(settings, record)

    @classmethod
    def resume(cls, settings: Settings, study_id: str) -> Study:
        """A study that was started before. Raises ValueError if there is none of that id, or its file is damaged."""
        path = _path(settings, study_id)
        if not is_study(settings, study_id):
            others = latest(settings.runs_dir, f"{PREFIX}*/study.json", "agora train --seeds 5")
            raise ValueError(f"study {study_id!r} is not among the studies in {settings.runs_dir}; {others}")
        return cls(settings, read_record(path, StudyRecord, "study"))

    def at(self, settings: Settings) -> Study:
        """The same study with other settings."""
        return replace(self, settings=settings)

    @property
    def folder(self) -> Path:
        """Where its own files lie."""
        return self.settings.runs_dir / self.record.study_id

    def learning(self, member: Member) -> Learning:
        """One of its trainings."""
        return Learning.resume(self.settings, member.run_id)

    def left(self) -> list[Member]:
        """The trainings that have not ended."""
        registry = Registry(self.settings.runs_dir)
        return [member for member in self.record.members if not registry.training_path(member.run_id).exists()]


def begin_run(settings: Settings, training: TrainConfig, config: TrainRunConfig, now: datetime) -> str:
    """Store a run for a training and return its id."""
    own = msgspec.structs.replace(config, training=training.as_dict())
    return Learning.begin(settings, training, own, now).record.run_id


def is_study(settings: Settings, name: str) -> bool:
    """Whether a name is that of a study here, and not of a run."""
    return name.startswith(PREFIX) and _path(settings, name).exists()


def _path(settings: Settings, study_id: str) -> Path:
    return settings.runs_dir / study_id / "study.json"
