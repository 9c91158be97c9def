"""Files that survive a power cut: written whole or not at all, and on the disk before the call returns."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class DiskFull(OSError):
    """No room left where a run keeps its state; what is already on disk is untouched, so that the run can be resumed."""


def full_disk(path: Path) -> DiskFull:
    """The one message of a full disk, naming the file and the next step."""
    return DiskFull(errno.ENOSPC, f"no room left on the disk to write {path}; free some room, then continue the run with --resume")


@contextmanager
def as_disk_error(path: Path) -> Iterator[None]:
    """Turn "no space left" inside the block into DiskFull, which names the file and the next step."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise full_disk(path) from error
        raise


def _write(handle: BinaryIO, data: bytes) -> None:
    handle.write(data)
    handle.flush()
    os.fsync(handle.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable (a rename or a new file is not, until its folder is synchronised)."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomic(path: Path, data: bytes, write: Callable[[BinaryIO, bytes], None] = _write) -> None:
    """Replace path by data: a reader sees the old bytes or the new ones, never a mixture, also after a crash.

    write is there for tests that run out of disk. Raises DiskFull; any other OSError passes through.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        with as_disk_error(path):
            with draft.open("wb") as handle:
                write(handle, data)
            draft.replace(path)
            sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def create_once(path: Path) -> bool:
    """Create an empty file durably; False if it is there already. Of two processes that try at once, one gets True."""
    with as_disk_error(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        except FileExistsError:
            return False
        sync_folder(path.parent)
        return True
