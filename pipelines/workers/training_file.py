"""Training settings in a file of their own: what `agora tune` writes and `agora train --config` takes."""

from __future__ import annotations

from pathlib import Path

import yaml

from pipelines.workers.durable import write_atomic
from simulator.training.config import TrainConfig


def training_of(path: Path) -> TrainConfig:
    """Read settings from YAML or JSON; those that the file leaves out have their defaults.

    Raises ValueError for a missing or unreadable file, an unknown setting or a value that makes no sense.
    """
    if not path.is_file():
        raise ValueError(f"there is no file {path}; `agora tune` writes one, or write settings like `learning_rate: 0.001`")
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no YAML ({' '.join(str(error).split())}); correct it there") from error
    if not isinstance(found, dict):
        raise ValueError(f"{path} holds no settings by name; write lines like `learning_rate: 0.001`")
    return TrainConfig.from_dict({str(name): value for name, value in found.items()})


def write_training(path: Path, training: TrainConfig, comment: str) -> None:
    """Write all settings as YAML, with a comment on top."""
    lines = "".join(f"# {line}\n" for line in comment.splitlines())
    write_atomic(path, (lines + yaml.safe_dump(training.as_dict(), sort_keys=False)).encode())
