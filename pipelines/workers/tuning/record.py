"""A search: what was asked for, stored before its first trial, and its trials in a journal that several processes may write.

runs/<tuning_id>/tuning.json      the request (written once, never changed)
runs/<tuning_id>/trials.journal   Optuna's journal of the trials
runs/<tuning_id>/best.yaml        settings of the best trial so far, for `agora train --config`; of a scripted trader, for a scenario
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from pipelines.settings import Settings
from pipelines.workers.code_version import code_version
from pipelines.workers.durable import write_atomic
from pipelines.workers.registry import new_run_id
from pipelines.workers.stored_record import latest, read_record
from pipelines.workers.tuning.space import SPACES, Axis, equal_budget, trader_space
from simulator.training.config import TrainConfig

PREFIX = "tune-"


class SamplerName(StrEnum):
    """How the next trial is chosen."""

    TPE = "tpe"
    RANDOM = "random"


class PrunerName(StrEnum):
    """When a trial is given up."""

    MEDIAN = "median"
    HYPERBAND = "hyperband"
    NONE = "none"


class TuningRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a search was asked to do. Raises ValueError for values that make no sense."""

    tuning_id: str
    created: str  # ISO 8601, UTC
    code_version: str
    base: dict[str, Any]  # simulator.training.config.TrainConfig, as plain data; steps are those of each trial
    trader: str = ""  # the strategy that is tuned; empty: the algorithm of base
    trials: int = 20
    evaluate: int = 20  # unseen markets that judge a learner; a scripted trader plays as many as its steps are
    sampler: SamplerName = SamplerName.TPE
    pruner: PrunerName = PrunerName.MEDIAN

    def __post_init__(self) -> None:
        for name in ("trials", "evaluate"):
            if getattr(self, name) < 1:
                raise ValueError(f"{getattr(self, name)} {name} is fewer than one; ask for at least one")


@dataclass(frozen=True)
class Tuning:
    """One search.

    Parameters
    ----------
    settings : where it lies.
    record : the stored search.
    """

    settings: Settings
    record: TuningRecord

    @classmethod
    def begin(cls, settings: Settings, base: TrainConfig, now: datetime, **asked: Any) -> Tuning:
        """Store a new search durably. asked: further fields of TuningRecord. Raises ValueError for what cannot be searched."""
        base.market()
        whole = replace(base, steps=equal_budget(base, base.steps))
        record = TuningRecord(
            tuning_id=PREFIX + new_run_id(now), created=now.isoformat(), code_version=code_version(), base=whole.as_dict(), **asked
        )
        made = cls(settings, record)
        _ = made.space  # an unknown trader is refused here
        write_atomic(made.folder / "tuning.json", msgspec.json.format(msgspec.json.encode(record)))
        return made

    @classmethod
    def resume(cls, settings: Settings, tuning_id: str) -> Tuning:
        """A search that was started before. Raises ValueError if there is none of that id, or its file is damaged."""
        path = settings.runs_dir / tuning_id / "tuning.json"
        if not (tuning_id.startswith(PREFIX) and path.exists()):
            others = latest(settings.runs_dir, f"{PREFIX}*/tuning.json", "agora tune")
            raise ValueError(f"search {tuning_id!r} is not among those in {settings.runs_dir}; {others}")
        return cls(settings, read_record(path, TuningRecord, "search"))

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.settings.runs_dir / self.record.tuning_id

    @property
    def base(self) -> TrainConfig:
        """The settings that the trials share."""
        return TrainConfig.from_dict(self.record.base)

    @property
    def space(self) -> tuple[Axis, ...]:
        """What is searched."""
        return trader_space(self.record.trader) if self.record.trader else SPACES[self.base.algorithm]

    @property
    def what(self) -> str:
        """Who is tuned."""
        return self.record.trader or self.base.algorithm.value

    @property
    def budget(self) -> int:
        """Environment steps of all trials together, none pruned."""
        return self.record.trials * self.base.steps
