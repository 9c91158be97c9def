"""A search of tiny trials."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.settings import Settings
from pipelines.workers.tuning.record import PrunerName, Tuning
from tests.pipelines.workers.study.conftest import NOW, TINY, client, dask_here, settings

__all__ = ["client", "dask_here", "settings"]


def tuning_of(settings: Settings, **asked: Any) -> Tuning:
    return Tuning.begin(settings, TINY, NOW, **({"trials": 3, "evaluate": 2, "pruner": PrunerName.NONE} | asked))


@pytest.fixture
def tuning(settings: Settings) -> Tuning:
    return tuning_of(settings)
