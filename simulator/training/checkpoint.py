"""Checkpoints: one folder each, written whole or not at all, that says where it came from.

lineage.json   format version, configuration, code version, steps, hash of the event log trained on, parent checkpoint
model.zip      Stable-Baselines3's own file: networks, optimiser, counters
policy.npz     the greedy policy as arrays (simulator.training.policy)
replay.pkl     what SAC and DQN remember
model-1.zip, policy-1.npz and so on: further policies, where every learner has its own
resume.bin     generators and worlds, so that continuing equals never having stopped
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import msgspec

from simulator.training.config import TrainConfig

FORMAT_VERSION = 1
LINEAGE, MODEL, POLICY, RESUME, REPLAY = "lineage.json", "model.zip", "policy.npz", "resume.bin", "replay.pkl"


def numbered(name: str, policy: int) -> str:
    """The name of the file of a policy.

    >>> numbered("policy.npz", 0), numbered("policy.npz", 2)
    ('policy.npz', 'policy-2.npz')
    """
    stem, _, kind = name.rpartition(".")
    return f"{stem}-{policy}.{kind}" if policy else name


class Lineage(msgspec.Struct, frozen=True, kw_only=True):
    """Where a checkpoint comes from."""

    format_version: int = FORMAT_VERSION
    config: dict[str, Any]  # TrainConfig.as_dict()
    seed: int
    code_version: str
    steps: int  # environment steps trained
    log_hash: str  # of the event logs of the worlds trained in, in the order of their ids
    parent: str | None = None  # log_hash and steps of the checkpoint this one continued

    @property
    def name(self) -> str:
        """How a child names this checkpoint as its parent."""
        return f"{self.steps}-{self.log_hash}"

    def training(self) -> TrainConfig:
        """The configuration, typed."""
        return TrainConfig.from_dict(self.config)


class Checkpoint:
    """A checkpoint in a folder.

    Raises
    ------
    ValueError : the folder holds no checkpoint, or one of another format version.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.exists() and _older(folder).exists():
            _older(folder).rename(folder)
        self.folder = folder
        self.lineage = _read_lineage(folder / LINEAGE)

    @property
    def model(self) -> Path:
        """Stable-Baselines3's file."""
        return self.folder / MODEL

    @property
    def policy(self) -> Path:
        """The exported policy, the first if there are several."""
        return self.folder / POLICY

    @property
    def policies(self) -> list[Path]:
        """The exported policies, one for each learner of a market or one for all."""
        return [self.folder / numbered(POLICY, number) for number in range(self.lineage.training().policies)]

    def resume_state(self) -> bytes:
        """Generators and worlds as the learner packed them."""
        return (self.folder / RESUME).read_bytes()


class Draft:
    """A checkpoint being written beside its final place; `commit` puts it there in one move, replacing an older one.

    Used as a context manager it leaves nothing behind when it was not committed.
    """

    def __init__(self, folder: Path) -> None:
        self._final = folder
        self.folder = folder.with_name(f".{folder.name}.partial")

    def __enter__(self) -> Draft:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def commit(self, lineage: Lineage) -> None:
        """Write the lineage, flush everything to disk and move the folder into place."""
        (self.folder / LINEAGE).write_bytes(msgspec.json.format(msgspec.json.encode(lineage), indent=2))
        for path in (*self.folder.iterdir(), self.folder):
            _flush(path)
        older = _older(self._final)
        shutil.rmtree(older, ignore_errors=True)
        if self._final.exists():
            self._final.rename(older)
        self.folder.rename(self._final)
        shutil.rmtree(older, ignore_errors=True)
        _flush(self._final.parent)


def _older(folder: Path) -> Path:
    """Where a checkpoint stands between the two moves that replace it."""
    return folder.with_name(f".{folder.name}.older")


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_lineage(path: Path) -> Lineage:
    if not path.is_file():
        raise ValueError(f"no checkpoint in {path.parent}; pass a folder that `agora train` wrote")
    try:
        raw = msgspec.json.decode(path.read_bytes())
        version = raw.get("format_version") if isinstance(raw, dict) else None
        if version != FORMAT_VERSION:
            raise ValueError(
                f"checkpoint {path.parent} has format version {version} and this version reads {FORMAT_VERSION}; "
                "train again or use the version that wrote it"
            )
        return msgspec.convert(raw, Lineage)
    except msgspec.DecodeError as error:
        raise ValueError(f"checkpoint {path.parent} has a damaged lineage ({error}); use an earlier checkpoint") from error
