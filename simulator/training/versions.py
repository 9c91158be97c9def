"""The checkpoints of one training: the newest, the best, and some older ones to fall back on.

learner/            the newest, from which the training goes on
best/               the one whose evaluation was the best so far
versions/<steps>/   older ones, after so many environment steps
"""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import msgspec

from simulator.training.checkpoint import MODEL, Checkpoint, numbered
from simulator.training.policy import Policy

NEWEST, BEST, VERSIONS = "learner", "best", "versions"


class Versions:
    """The checkpoints under a folder.

    Parameters
    ----------
    folder : where they lie.
    keep : how many older ones stay.
    """

    def __init__(self, folder: Path, keep: int = 0) -> None:
        self.folder, self.keep = folder, keep

    @property
    def newest(self) -> Path:
        """Where the newest is written."""
        return self.folder / NEWEST

    @property
    def best(self) -> Path:
        """Where the best is written."""
        return self.folder / BEST

    def older(self) -> list[Path]:
        """The others, newest first."""
        found = [path for path in (self.folder / VERSIONS).glob("*") if path.name.isdigit()]
        return sorted(found, key=lambda path: int(path.name), reverse=True)

    def retain(self) -> list[Path]:
        """Keep the newest as a version as well and drop the oldest beyond `keep`; returns those dropped. Takes no room of its own."""
        if self.keep and self.newest.exists():
            place = self.folder / VERSIONS / str(Checkpoint(self.newest).lineage.steps)
            draft = place.with_name(f".{place.name}.partial")
            shutil.rmtree(draft, ignore_errors=True)
            shutil.copytree(self.newest, draft, copy_function=os.link)
            shutil.rmtree(place, ignore_errors=True)
            draft.rename(place)
        dropped = self.older()[self.keep :]
        for path in dropped:
            shutil.rmtree(path)
        return dropped

    def recovered(self) -> Checkpoint | None:
        """The newest checkpoint that can be read whole; None if there never was one.

        Raises ValueError if there are some and each is damaged.
        """
        damage = ""
        for path in (self.newest, *self.older(), self.best):
            if not path.exists() and path != self.newest:
                continue
            try:
                return checked(path)
            except ValueError as error:
                damage = damage or str(error) if path.exists() else damage
        if damage:
            raise ValueError(f"no checkpoint under {self.folder} is whole ({damage}); remove the folder to train from the start")
        return None


def checked(folder: Path) -> Checkpoint:
    """The checkpoint of a folder. Raises ValueError for one that is not there or not whole."""
    checkpoint = Checkpoint(folder)
    try:
        for number, policy in enumerate(checkpoint.policies):
            _check_zip(folder / numbered(MODEL, number))
            Policy.load(policy)
        msgspec.msgpack.decode(checkpoint.resume_state())
    except (OSError, zipfile.BadZipFile, KeyError, EOFError, msgspec.DecodeError, ValueError) as error:
        raise ValueError(f"checkpoint {folder} is damaged ({error}); use an earlier one") from error
    return checkpoint


def _check_zip(path: Path) -> None:
    with zipfile.ZipFile(path) as stored:
        bad = stored.testzip()
    if bad:
        raise ValueError(f"{bad} in {path.name} is damaged")
