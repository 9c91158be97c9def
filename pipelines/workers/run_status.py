"""What a run says of itself while it is played: one JSON file in its folder, replaced whole, for whoever watches."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil

from pipelines.workers.durable import write_atomic

EVERY_S = 1.0
NEWEST = 100  # runs that are looked at


class RunStatus(msgspec.Struct, frozen=True):
    """When the worlds of a run last moved (seconds since 1970), how many steps they had played together, and who said so."""

    steps: int
    moved_at: float
    pid: int
    host: str

    @property
    def goes_on(self) -> bool:
        """Whether that process of this machine is there."""
        return psutil.pid_exists(self.pid)


class RunStatusFile:
    """Keeps the file up to date; `tell` is called with the steps so far whenever a world has moved.

    Parameters
    ----------
    folder : that of the run.
    clock : seconds since 1970.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock, self._told = folder / "status.json", clock, 0.0

    def tell(self, steps: int) -> None:
        """The worlds have moved; written down at most once a second. Raises DiskFull."""
        now = self._clock()
        if now - self._told < EVERY_S:
            return
        self._told = now
        write_atomic(self._path, msgspec.json.encode(RunStatus(steps, now, os.getpid(), socket.gethostname())))


def newest_here(runs_dir: Path) -> RunStatus | None:
    """What the newest run that is or was played on this machine last said; containers share the folder, and each has its own run."""
    for folder in sorted(runs_dir.glob("*-*-*"), reverse=True)[:NEWEST]:
        path = folder / "status.json"
        if path.exists():
            status = msgspec.json.decode(path.read_bytes(), type=RunStatus)
            if status.host == socket.gethostname():
                return status
    return None
