"""Which records are kept of a training, by name."""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from pipelines.settings import Settings
from pipelines.workers.experiments.mlflow_files import MlflowFiles
from pipelines.workers.experiments.record import Recorder

MLFLOW, TENSORBOARD, WANDB = "mlflow", "tensorboard", "wandb"
NAMES = (MLFLOW, TENSORBOARD, WANDB)
"""mlflow is written without any package; the others need the extra of their name."""


def checked(names: Sequence[str], wandb_project: str = "") -> tuple[str, ...]:
    """The names, each once; a project of Weights & Biases asks for its records too.

    Raises ValueError for an unknown name, a package that is not installed, or records of wandb without a project.
    """
    chosen = tuple(dict.fromkeys((*names, *((WANDB,) if wandb_project else ()))))
    for name in chosen:
        if name not in NAMES:
            raise ValueError(f"log {name!r} is unknown; choose one of {', '.join(NAMES)}, or none")
        if name != MLFLOW and find_spec(name) is None:
            raise ValueError(f"records of {name} need a package that is not installed; install it with: pip install 'agora[{name}]'")
    if WANDB in chosen and not wandb_project:
        raise ValueError("records of wandb need a project; name it with --wandb-project")
    return chosen


def recorders(names: Sequence[str], wandb_project: str, settings: Settings) -> list[Recorder]:
    """What keeps the records of these names."""
    made: list[Recorder] = []
    for name in checked(names, wandb_project):
        if name == MLFLOW:
            made.append(MlflowFiles(mlruns(settings), lambda: time.time_ns() // 1_000_000))
        elif name == TENSORBOARD:
            from pipelines.workers.experiments.tensorboard_file import TensorboardFile

            made.append(TensorboardFile(settings.data_dir / TENSORBOARD))
        else:
            from pipelines.workers.experiments.wandb_run import WandbRun

            made.append(WandbRun(wandb_project, settings.data_dir / WANDB))
    return made


def mlruns(settings: Settings) -> Path:
    """Where the records in MLflow's format lie."""
    return settings.data_dir / "mlruns"
