"""What a stream says of itself while it runs: one JSON file, replaced whole, for whoever watches."""

from __future__ import annotations

import json
import os
import socket
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from spark_jobs.ingest.journal import Entry

WINDOW_S = 10.0


class Status(msgspec.Struct):
    """How far a stream is. Offsets are per "topic:partition", lag is records per topic, times are seconds since 1970.

    `checked_at` is when `ends`, the ends of all partitions, were asked for; `host` is where the process `pid` is one.
    """

    pid: int
    mode: str
    state: str = "starting"
    batch: int = -1
    rows: dict[str, int] = {}
    totals: dict[str, int] = {}
    offsets: dict[str, int] = {}
    ends: dict[str, int] = {}
    lag: dict[str, int] = {}
    events: int = 0
    events_per_second: float = 0.0
    batch_seconds: float = 0.0
    checked_at: float = 0.0
    updated_at: float = 0.0
    error: str = ""
    host: str = ""

    @property
    def caught_up(self) -> bool:
        """Whether nothing was left to read when the ends were last asked for."""
        return self.checked_at > 0 and not any(self.lag.values())


class StatusFile:
    """Keeps the file up to date."""

    def __init__(self, path: Path, mode: str) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.status = Status(pid=os.getpid(), mode=mode, host=socket.gethostname())
        self.recent: deque[tuple[float, int]] = deque()

    def resume(self, entry: Entry | None) -> None:
        """Begin where the journal ends."""
        if entry is not None:
            self._take(entry)

    def batch_done(self, entry: Entry, seconds: float) -> None:
        """A batch is committed."""
        self._take(entry)
        self.status.batch_seconds = round(seconds, 3)
        self.recent.append((time.time(), entry.counters.get("events", 0)))
        self.write("running")

    def ends_read(self, ends: Mapping[str, int]) -> None:
        """The ends of all partitions as of now."""
        self.status.ends, self.status.checked_at = dict(ends), time.time()
        self.write(self.status.state)

    def write(self, state: str, error: str = "") -> None:
        """Replace the file."""
        status = self.status
        status.state, status.error, status.updated_at = state, error, time.time()
        status.lag = lag(status.offsets, status.ends)
        status.events_per_second = self._rate()
        temporary = self.path.with_suffix(".tmp")
        temporary.write_bytes(msgspec.json.encode(status))
        temporary.replace(self.path)

    def _take(self, entry: Entry) -> None:
        status = self.status
        status.batch, status.offsets, status.totals = entry.batch, entry.offsets, entry.totals
        status.rows = {name.removeprefix("rows:"): rows for name, rows in entry.totals.items() if name.startswith("rows:")}
        status.events = entry.totals.get("events", 0)

    def _rate(self) -> float:
        now = time.time()
        while self.recent and self.recent[0][0] < now - WINDOW_S:
            self.recent.popleft()
        return round(sum(events for _, events in self.recent) / WINDOW_S, 1)


def lag(offsets: Mapping[str, int], ends: Mapping[str, int]) -> dict[str, int]:
    """Records per topic that lie before the ends and are not read yet."""
    behind: dict[str, int] = {}
    for place, end in ends.items():
        topic = place.rpartition(":")[0]
        behind[topic] = behind.get(topic, 0) + max(0, end - offsets.get(place, 0))
    return behind


def status_path(data_dir: Path, stream: str = "market") -> Path:
    """Where a stream says how far it is."""
    return data_dir / "stream" / ("status.json" if stream == "market" else f"{stream}.json")


def read_status(path: Path) -> Status | None:
    """What a stream said last, or None. Other fields than this version's are passed over."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Status)
    except FileNotFoundError:
        return None


def as_plain(status: Status) -> dict[str, Any]:
    """The result of a stream as one plain dictionary."""
    plain: dict[str, Any] = json.loads(msgspec.json.encode(status))
    return plain
