"""What `agora tune` writes: training settings for `agora train --config`, or a scripted trader for `agora evaluate --tuned`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from pipelines.workers.durable import write_atomic
from simulator.traders.registry import make_trader
from simulator.training.config import TrainConfig


def training_of(path: Path) -> TrainConfig:
    """Read settings from YAML or JSON; those that the file leaves out have their defaults.

    Raises ValueError for a missing or unreadable file, an unknown setting or a value that makes no sense.
    """
    return TrainConfig.from_dict(_named(path))


def trader_of(path: Path) -> tuple[str, dict[str, Any]]:
    """Read a scripted strategy and its parameters. Raises ValueError as training_of does, and for a file of something else."""
    found = _named(path)
    name, parameters = found.get("trader"), found.get("parameters")
    if set(found) != {"trader", "parameters"} or not isinstance(name, str) or not isinstance(parameters, dict):
        raise ValueError(f"{path} names no trader with parameters; pass the best.yaml of a search of `agora tune --trader`")
    make_trader(name, parameters)
    return name, parameters


def _named(path: Path) -> dict[str, Any]:
    """Values by name from YAML or JSON."""
    if not path.is_file():
        raise ValueError(f"there is no file {path}; `agora tune` writes one, or write settings like `learning_rate: 0.001`")
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no YAML ({' '.join(str(error).split())}); correct it there") from error
    if not isinstance(found, dict):
        raise ValueError(f"{path} holds no settings by name; write lines like `learning_rate: 0.001`")
    return {str(name): value for name, value in found.items()}


def write_training(path: Path, training: TrainConfig, comment: str) -> None:
    """Write all settings as YAML, with a comment on top."""
    lines = "".join(f"# {line}\n" for line in comment.splitlines())
    write_atomic(path, (lines + yaml.safe_dump(training.as_dict(), sort_keys=False)).encode())
