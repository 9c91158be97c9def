"""What a sink says of itself while it runs: one JSON file, replaced whole, for whoever watches; and the lock of the one that may run."""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from pipelines.sinks.batch_writer import Figures

WINDOW_S = 10.0


class SinkStatus(msgspec.Struct):
    """How far a sink is; counts since it started, times in seconds since 1970.

    `behind` is records per "topic:partition" that it has not written yet, as of its last batch; `host` is where the process `pid` is one.
    """

    name: str
    pid: int
    state: str = "starting"  # running, waiting (for what went away), stopped
    events: int = 0
    events_per_second: float = 0.0
    batches: int = 0
    write_seconds: float = 0.0
    refused: int = 0
    retries: int = 0
    behind: dict[str, int] = {}
    trouble: str = ""
    updated_at: float = 0.0
    host: str = ""


def status_path(folder: Path, name: str) -> Path:
    """Where the status of a sink lies."""
    return folder / f"{name}.json"


class StatusFile:
    """Keeps the file up to date; `tell` is what a BatchWriter calls."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = status_path(folder, name)
        self._recent: deque[tuple[float, int]] = deque()
        self.status = SinkStatus(name, os.getpid(), host=socket.gethostname())

    def tell(self, figures: Figures) -> None:
        """The figures after a batch, or as something went away."""
        now = time.time()
        self._recent.append((now, figures.events))
        while self._recent[0][0] < now - WINDOW_S:
            self._recent.popleft()
        (begun, before), status = self._recent[0], self.status
        status.state = "waiting" if figures.trouble else "running"
        status.events, status.batches, status.refused, status.retries = figures.events, figures.batches, figures.refused, figures.retries
        status.write_seconds, status.trouble = round(figures.write_seconds, 3), figures.trouble
        status.events_per_second = round((figures.events - before) / (now - begun), 1) if now > begun else 0.0
        status.behind = {f"{topic}:{partition}": count for (topic, partition), count in figures.behind.items() if count}
        self._write(now)

    def stopped(self) -> None:
        """It has ended."""
        self.status.state, self.status.events_per_second = "stopped", 0.0
        self._write(time.time())

    def _write(self, now: float) -> None:
        self.status.updated_at = now
        temporary = self._path.with_suffix(".tmp")
        temporary.write_bytes(msgspec.json.encode(self.status))
        temporary.replace(self._path)


def read_all(folder: Path) -> list[SinkStatus]:
    """What the sinks of a data folder last said; one whose process is gone has stopped."""
    found = [msgspec.json.decode(path.read_bytes(), type=SinkStatus) for path in sorted(folder.glob("*.json"))]
    for status in found:
        if status.state != "stopped" and not held(folder, status.name):
            status.state, status.events_per_second = "stopped", 0.0
    return found


class SinkBusyError(ValueError):
    """Another process writes that store already."""


@contextmanager
def lock(folder: Path, name: str) -> Iterator[None]:
    """Be the one sink of that name of a data folder. Raises SinkBusyError at once if another process is."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read() or "?"
            raise SinkBusyError(f"process {holder} writes {name} already; wait for it, or stop it with: kill {holder}") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def held(folder: Path, name: str) -> bool:
    """Whether a process holds the lock of that sink."""
    path = folder / f"{name}.lock"
    if not path.exists():
        return False
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
