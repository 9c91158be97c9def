"""Files in a table's folder that are no part of it any more: replaced ones, and what a failed try of a batch left behind.

Never among them: what readers of the last `retain_hours` may still read, and what a batch that is under way has written. Such a batch is
known by its entry in the stream's journal, or, before it has one, by the youth of its files. The journal counts however old it is: a
stream that was killed between its journal and its commits, and is started again after a month, commits files that it wrote then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from deltalake import DeltaTable

from pipelines.places import Place, size_of
from spark_jobs.ingest.journal import Journal
from spark_jobs.table import Table

YOUNG_HOURS = 1
"""For how long a file that no commit ever named is taken for one of a batch under way, however short files are retained."""


class Stale(NamedTuple):
    """A file to remove."""

    path: Place
    size: int


def stale_files(delta: DeltaTable, table: Table, lake: Place, retain_hours: int, promised: Collection[str]) -> list[Stale]:
    """The files to remove. `promised` are the paths, relative to the table's folder, that the stream's journal names."""
    replaced = set(delta.vacuum(retain_hours, dry_run=True, enforce_retention_duration=False))
    unnamed = set(delta.vacuum(max(retain_hours, YOUNG_HOURS), dry_run=True, enforce_retention_duration=False, full=True)) - replaced
    folder = table.path(lake)
    return list(_there(folder / path for path in sorted(replaced | unnamed.difference(promised))))


def _there(paths: Iterable[Place]) -> Iterator[Stale]:
    for path in paths:
        with suppress(FileNotFoundError):
            yield Stale(path, size_of(path))


def promised_files(journal: Path, table: Table) -> set[str]:
    """The files of a table that a stream's journal names: it commits those that it has not committed yet."""
    if not journal.is_dir():
        return set()
    return {file.path for entry in Journal(journal).entries() for file in entry.files if file.table == table.name}
