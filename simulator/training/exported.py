"""A policy in one file that carries where it comes from, so that it plays wherever it is copied."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from simulator.training.checkpoint import Checkpoint, Lineage
from simulator.training.policy import Policy

_LINEAGE = "lineage"


def export_checkpoint(folder: Path, file: Path, number: int = 0) -> Lineage:
    """Write a policy of a checkpoint and its lineage as one .npz; number: which one, where each learner has its own.

    Raises ValueError if there is no such policy or the file has another ending.
    """
    if file.suffix != ".npz":
        raise ValueError(f"{file} does not end in .npz; name it so, because that is what it is")
    checkpoint = Checkpoint(folder)
    if not 0 <= number < len(checkpoint.policies):
        raise ValueError(f"policy {number} is not in {folder}; it holds {len(checkpoint.policies)}, numbered from 0")
    Policy.load(checkpoint.policies[number])
    with np.load(checkpoint.policies[number], allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(file, **(arrays | {_LINEAGE: np.str_(msgspec.json.encode(checkpoint.lineage).decode())}))
    return checkpoint.lineage


def lineage_of(place: Path) -> Lineage:
    """The lineage of a checkpoint's folder or of an exported policy. Raises ValueError for anything else."""
    if not place.is_file():
        return Checkpoint(place).lineage
    Policy.load(place)
    with np.load(place, allow_pickle=False) as stored:
        if _LINEAGE not in stored.files:
            raise ValueError(f"{place} does not say what it was trained in; pass its checkpoint's folder, or export it with `agora policy`")
        return msgspec.json.decode(str(stored[_LINEAGE]), type=Lineage)


def policy_path(place: Path) -> Path:
    """The file of the policy: of a checkpoint's folder the one inside, of an exported policy itself."""
    return place if place.is_file() else Checkpoint(place).policy
