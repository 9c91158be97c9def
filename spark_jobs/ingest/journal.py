"""What the stream knows after each batch, kept by batch id: written before anything of the batch is committed.

A batch that is repeated finds its entry and commits what it says, so the second try does the same as the first, however
far that came. The entry of the batch before holds the marks that a batch starts from.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from pipelines.events.marks import Mark
from spark_jobs.detection.ewma import EwmaState
from spark_jobs.ingest.durable import write_durably
from spark_jobs.ingest.files import WrittenFile
from spark_jobs.ingest.watch_files import WatchAt, kept_places, sweep

KEPT = 10  # entries; only the last two are ever needed, the others help whoever looks into a fault
SWEEP = 50  # batches between two looks for files of watches that no entry names


class Refused(msgspec.Struct, frozen=True):
    """A record that could not be taken, as it was received, and why."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]
    reason: str
    detail: str


class Report(msgspec.Struct):
    """What one task made of its part of a batch. Marks, detectors and watches are those that it touched."""

    files: list[WrittenFile] = []
    marks: dict[str, Mark] = {}
    detectors: dict[str, EwmaState] = {}
    watches: dict[str, WatchAt] = {}
    offsets: dict[str, int] = {}
    counters: dict[str, int] = {}
    refused: list[Refused] = []
    alerts: list[dict[str, Any]] = []
    raised: list[dict[str, Any]] = []


class Entry(Report):
    """A whole batch: its tasks' reports put together, with all marks, detectors and watches as they are after it.

    `offsets` is the next offset per "topic:partition". `alerts` were read from market.alerts in this batch, `raised`
    are new and go there. `totals` are the counters since the beginning.
    """

    batch: int = -1
    application: str = ""
    totals: dict[str, int] = {}

    def rows(self) -> dict[str, int]:
        """Rows per table in this batch."""
        found: dict[str, int] = {}
        for file in self.files:
            found[file.table] = found.get(file.table, 0) + file.rows
        return found

    def runs(self) -> set[str]:
        """The runs that this batch touched."""
        return {file.partition["run_id"] for file in self.files if "run_id" in file.partition}


def combine(before: Entry, batch: int, application: str, reports: Iterable[Report]) -> Entry:
    """The entry of a batch from the one before and its tasks' reports. Raises ValueError if two tasks judged one world and topic."""
    entry = Entry(
        batch=batch,
        application=application,
        marks=dict(before.marks),
        detectors=dict(before.detectors),
        watches={},
        offsets=dict(before.offsets),
        totals=dict(before.totals),
        files=[],
        counters={},
        refused=[],
        alerts=[],
        raised=[],
    )
    touched: set[str] = set()
    reports = list(reports)
    for report in reports:
        twice = touched & report.marks.keys()
        if twice:
            raise ValueError(f"blocks of {', '.join(sorted(twice))} came in on two partitions; a world's blocks belong on one")
        touched |= report.marks.keys()
        _add(entry, report)
    entry.watches = kept_places(before.watches, (report.watches for report in reports), batch)
    rows = {f"rows:{table}": count for table, count in entry.rows().items()}
    for name, count in (entry.counters | rows).items():
        entry.totals[name] = entry.totals.get(name, 0) + count
    return entry


def _add(entry: Entry, report: Report) -> None:
    entry.marks.update(report.marks)
    entry.detectors.update(report.detectors)
    entry.offsets.update(report.offsets)
    entry.files += report.files
    entry.refused += report.refused
    entry.alerts += report.alerts
    entry.raised += report.raised
    for name, count in report.counters.items():
        entry.counters[name] = entry.counters.get(name, 0) + count


class Journal:
    """The entries of one stream in a folder of its own, and beside them the files of its watches."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.watches = folder / "watches"
        folder.mkdir(parents=True, exist_ok=True)

    def read(self, batch: int) -> Entry | None:
        """The entry of a batch, or None."""
        try:
            return msgspec.msgpack.decode(self._path(batch).read_bytes(), type=Entry)
        except FileNotFoundError:
            return None

    def before(self, batch: int) -> Entry:
        """The entry that a batch starts from. Raises ValueError when it is gone."""
        if batch == 0:
            return Entry()
        entry = self.read(batch - 1)
        if entry is None:
            raise ValueError(
                f"{self._path(batch - 1)} is missing, so it is unknown what batch {batch} may count; "
                "restore the folder, or remove the lake and its checkpoints to read everything again"
            )
        return entry

    def write(self, entry: Entry) -> None:
        """Make the entry durable, then forget old ones."""
        write_durably(self._path(entry.batch), msgspec.msgpack.encode(entry))
        self._path(entry.batch - KEPT).unlink(missing_ok=True)
        if entry.batch % SWEEP == 0:
            kept = [self.read(batch) for batch in range(entry.batch - KEPT + 1, entry.batch + 1)]
            sweep(self.watches, (place.file for each in kept if each for place in each.watches.values()))

    def last(self) -> Entry | None:
        """The newest entry."""
        batches = [int(path.stem) for path in self.folder.glob("*.msgpack")]
        return self.read(max(batches)) if batches else None

    def entries(self) -> list[Entry]:
        """All entries that are still kept."""
        return [entry for path in self.folder.glob("*.msgpack") if (entry := self.read(int(path.stem)))]

    def _path(self, batch: int) -> Path:
        return self.folder / f"{batch:010d}.msgpack"
