"""A world's checkpoint: everything needed to go on exactly where it stood, in one file that is either whole or refused.

Layout: 8 bytes magic, u32 format version, u32 length of the header, the header (JSON), the parts one after the other,
and the SHA-256 of all that. Each start of a world writes under its own epoch, so that a worker believed dead cannot
overwrite the checkpoint of the one that replaced it.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import msgspec

from pipelines.workers.durable import write_atomic

MAGIC = b"AGORACKP"
FORMAT = 1
_HEAD = struct.Struct("<8sII")
_DIGEST = 32


class BadCheckpoint(ValueError):
    """A checkpoint that is damaged, of another version, or of another run."""


class Covered(msgspec.Struct, frozen=True):
    """What is acknowledged on one topic: up to which seq, under which epoch; offset is where the world's next block may lie."""

    last_seq: int
    epoch: int
    offset: int


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a world between two blocks.

    world is World.snapshot(); sink the state of what receives its records; covered what is acknowledged per topic.
    """

    run_id: str
    world_id: int
    epoch: int
    step: int
    next_seq: int
    code_version: str
    world: bytes
    sink: bytes
    covered: dict[str, Covered] = {}


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    run_id: str
    world_id: int
    epoch: int
    step: int
    next_seq: int
    code_version: str
    covered: dict[str, Covered]
    world_size: int
    sink_size: int


def encode(checkpoint: Checkpoint) -> bytes:
    """The file's bytes."""
    names = [name for name in _Header.__struct_fields__ if not name.endswith("_size")]
    fields = {name: getattr(checkpoint, name) for name in names}
    header = msgspec.json.encode(_Header(**fields, world_size=len(checkpoint.world), sink_size=len(checkpoint.sink)))
    body = _HEAD.pack(MAGIC, FORMAT, len(header)) + header + checkpoint.world + checkpoint.sink
    return body + hashlib.sha256(body).digest()


def decode(data: bytes, origin: str) -> Checkpoint:
    """The checkpoint in data; origin names it in errors. Raises BadCheckpoint."""
    if len(data) < _HEAD.size or not data.startswith(MAGIC):
        raise BadCheckpoint(f"{origin} is not a checkpoint; remove it to start the world again from its beginning")
    _, version, header_size = _HEAD.unpack_from(data)
    if version != FORMAT:
        raise BadCheckpoint(
            f"{origin} has checkpoint format {version}, this program reads {FORMAT}; resume with the program that wrote it, "
            "or remove the file to start the world again from its beginning"
        )
    if hashlib.sha256(data[:-_DIGEST]).digest() != data[-_DIGEST:]:
        raise BadCheckpoint(f"{origin} is damaged (its checksum differs); remove it to start the world again from its beginning")
    start = _HEAD.size + header_size
    header = msgspec.json.decode(data[_HEAD.size : start], type=_Header)
    fields = {name: getattr(header, name) for name in _Header.__struct_fields__ if not name.endswith("_size")}
    middle = start + header.world_size
    return Checkpoint(**fields, world=data[start:middle], sink=data[middle : middle + header.sink_size])


class Checkpoints:
    """The checkpoints of one run's worlds, one file per world and epoch.

    Parameters
    ----------
    folder : checkpoints_dir/<run_id>.
    write : how bytes reach the disk; tests pass one that runs out of room.
    """

    def __init__(self, folder: Path, write: Callable[[BinaryIO, bytes], None] | None = None) -> None:
        self.folder = folder
        self._write = write

    def path(self, world_id: int, epoch: int) -> Path:
        """Where the checkpoint of a world's start lies."""
        return self.folder / f"world-{world_id}.epoch-{epoch}.checkpoint"

    def save(self, checkpoint: Checkpoint) -> None:
        """Store durably; older epochs of the world are dropped after that. Raises DiskFull."""
        path = self.path(checkpoint.world_id, checkpoint.epoch)
        if self._write is None:
            write_atomic(path, encode(checkpoint))
        else:
            write_atomic(path, encode(checkpoint), self._write)
        for epoch in self._epochs(checkpoint.world_id):
            if epoch < checkpoint.epoch:
                self.path(checkpoint.world_id, epoch).unlink(missing_ok=True)

    def latest(self, run_id: str, world_id: int) -> Checkpoint | None:
        """The checkpoint of the highest epoch, or None. Raises BadCheckpoint if it is damaged, foreign or of another version."""
        epochs = self._epochs(world_id)
        if not epochs:
            return None
        path = self.path(world_id, max(epochs))
        found = decode(path.read_bytes(), str(path))
        if (found.run_id, found.world_id) != (run_id, world_id):
            raise BadCheckpoint(f"{path} belongs to world {found.world_id} of run {found.run_id}, not to world {world_id} of {run_id}")
        return found

    def _epochs(self, world_id: int) -> list[int]:
        pattern = re.compile(rf"world-{world_id}\.epoch-([0-9]+)\.checkpoint")
        names = [pattern.fullmatch(path.name) for path in self.folder.glob(f"world-{world_id}.epoch-*")]
        return [int(match[1]) for match in names if match]
