"""Keeping tables fast: many small files become few, clustered by symbol and time, and what no table needs any more is removed.

All of it is safe beside a running stream: the rows stay what they are, appends never conflict, and a writer that replaces the same files
is waited for or left alone. It needs no JVM: Spark's own OPTIMIZE tests whether a version of the log exists and then renames its file
over it, which can overwrite a commit of the stream on a local disk (docs/decisions/0017).
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from pipelines.places import Place, remove
from spark_jobs.maintenance.active import TARGET_BYTES, ActiveFile, active_files, bins
from spark_jobs.maintenance.replacing import Superseded, check_plain, replace_files
from spark_jobs.maintenance.rewrite import rewrite
from spark_jobs.maintenance.vacuum import promised_files, stale_files
from spark_jobs.table import Table

RETAIN_HOURS = 168
UNSORTED = "in an object store files are put together, but rows keep their order"


@dataclass(frozen=True)
class Maintenance:
    """What to do. `journal` is the folder of the stream's journal; without `apply` nothing is changed, only counted."""

    lake: Place
    journal: Path
    apply: bool = False
    retain_hours: int = RETAIN_HOURS

    @property
    def lock_dir(self) -> Path:
        """The lake, or, since an object store has no locks, the folder of the stream's checkpoint."""
        return self.lake if isinstance(self.lake, Path) else self.journal.parent


class Maintained(msgspec.Struct):
    """What was done to a table, or would be. Sizes are bytes; `compacted` files became `written` ones, `removed` were no part of it.

    `note` says why something was left alone.
    """

    table: str
    files_before: int
    files_after: int
    bytes_before: int
    bytes_after: int
    compacted: int = 0
    written: int = 0
    removed: int = 0
    removed_bytes: int = 0
    seconds: float = 0.0
    note: str = ""


def maintain(work: Maintenance, tables: Iterable[Table]) -> list[Maintained]:
    """Maintain tables one after the other. Raises ValueError if another process maintains this lake, or it cannot be done from here."""
    if not work.apply:
        return [_one(work, table) for table in tables]
    if not isinstance(work.lake, Path) and not work.journal.is_dir():
        raise ValueError(
            f"{work.journal} is not here, which names the files that a stream has still to commit to {work.lake}; "
            "maintain it where the stream's checkpoints lie"
        )
    with _alone(work.lock_dir):
        return [_one(work, table) for table in tables]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / ".maintain.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(f"another process maintains this lake (lock in {folder}); wait for it, or look without --apply") from None
        yield


def _one(work: Maintenance, table: Table) -> Maintained:
    began, path = time.monotonic(), table.path(work.lake)
    delta = DeltaTable(str(path))
    before = active_files(delta, table)
    size = sum(file.size for file in before)
    found = Maintained(table.name, len(before), len(before), size, size)
    try:
        check_plain(delta, table)
        _compact(work, table, before, found)
    except (ValueError, Superseded) as error:
        found.note = str(error)
    _vacuum(work, table, found)
    if work.apply:
        after = active_files(DeltaTable(str(path)), table)
        found.files_after, found.bytes_after = len(after), sum(file.size for file in after)
    found.seconds = round(time.monotonic() - began, 2)
    return found


def _compact(work: Maintenance, table: Table, files: list[ActiveFile], found: Maintained) -> None:
    # rows are brought into order where the commit can be a link, which an object store does not have
    sorted_in = work.lake if isinstance(work.lake, Path) and table.cluster_by else None
    wanted = bins(files, sorts=sorted_in is not None)
    if not work.apply:
        found.compacted, found.written = sum(len(each) for each in wanted), len(wanted)
        found.files_after = found.files_before - found.compacted + found.written
        return
    if not wanted:
        return
    if sorted_in:
        for each in wanted:
            _replace(sorted_in, table, each)
            found.compacted, found.written = found.compacted + len(each), found.written + 1
    else:
        _compact_as_it_is(work.lake, table, found)
        found.note = UNSORTED if table.cluster_by else ""
    delta = DeltaTable(str(table.path(work.lake)))
    delta.create_checkpoint()
    delta.cleanup_metadata()


def _replace(lake: Path, table: Table, files: list[ActiveFile]) -> None:
    new = rewrite(lake, table, files)
    try:
        replace_files(lake, table, files, [new])
    except Superseded:
        (table.path(lake) / new.path).unlink()
        raise


def _compact_as_it_is(lake: Place, table: Table, found: Maintained) -> None:
    """For tables whose files delta-rs writes, and in an object store."""
    try:
        done = DeltaTable(str(table.path(lake))).optimize.compact(target_size=TARGET_BYTES)
    except CommitFailedError as error:
        raise Superseded(f"{table.name}: {error}") from error
    found.compacted, found.written = done["numFilesRemoved"], done["numFilesAdded"]


def _vacuum(work: Maintenance, table: Table, found: Maintained) -> None:
    delta = DeltaTable(str(table.path(work.lake)))
    stale = stale_files(delta, table, work.lake, work.retain_hours, promised_files(work.journal, table))
    if work.apply:
        for file in stale:
            remove(file.path)
    found.removed, found.removed_bytes = len(stale), sum(file.size for file in stale)
