"""A study of tiny trainings, and a Dask of one worker in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import distributed
import pytest

from pipelines.settings import Settings
from pipelines.workers.study import train as study_train
from pipelines.workers.study.record import Study
from pipelines.workers.train_config import TrainRunConfig
from pipelines.workers.tuning import search as tuning_search
from simulator.training.config import TrainConfig

NOW = datetime(2026, 11, 21, 10, 15, tzinfo=UTC)
TINY = TrainConfig(steps=96, worlds=2, learners=1, scripted=4, episode_steps=20, rollout_steps=12, batch_size=12, epochs=1, hidden=(4,))
"""Four rollouts of twelve steps in two markets."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", results_dir=tmp_path / "results")


def study_of(settings: Settings, grid: dict[str, list[Any]], seeds: int, **config: Any) -> Study:
    asked = TrainRunConfig(**({"training": {}, "to": "none", "evaluate": 2} | config))
    return Study.begin(settings, TINY, asked, grid, seeds, NOW)


@pytest.fixture(scope="session")
def client() -> Iterator[Any]:
    options = {"processes": False, "n_workers": 1, "threads_per_worker": 2, "dashboard_address": "127.0.0.1:0"}
    with distributed.Client(**options) as made:  # type: ignore[no-untyped-call]
        yield made


@pytest.fixture
def dask_here(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Studies and searches find that Dask under every address."""

    @contextmanager
    def connected(address: str, workers: int) -> Iterator[Any]:
        yield client

    monkeypatch.setattr(study_train, "connected", connected)
    monkeypatch.setattr(tuning_search, "connected", connected)
