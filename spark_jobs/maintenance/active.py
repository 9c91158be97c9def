"""The files that a Delta table consists of now, and those among them that maintenance puts together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa
from deltalake import DeltaTable

from spark_jobs.table import Table

TARGET_BYTES = 64 << 20
"""Size that files are put together up to: enough that a table has few, little enough to sort one in memory."""
CLUSTERED = "clustered-"
"""How the name of a file begins whose rows are in the table's order."""
WORTH_SORTING = 65_536
"""Rows from which a file alone is rewritten in the table's order."""


class ActiveFile(NamedTuple):
    """A file of the table. `path` is relative to its folder, `first` is the smallest value of the column that tells time."""

    path: str
    partition: tuple[tuple[str, str], ...]
    size: int
    rows: int
    first: int

    @property
    def clustered(self) -> bool:
        """Whether maintenance wrote it."""
        return self.path.rpartition("/")[2].startswith(CLUSTERED)


def active_files(delta: DeltaTable, table: Table) -> list[ActiveFile]:
    """The files of the loaded version."""
    rows = pa.table(delta.get_add_actions(flatten=True)).to_pylist()
    return [_active(row, table) for row in rows]


def _active(row: dict[str, object], table: Table) -> ActiveFile:
    partition = tuple((name, str(row[f"partition.{name}"])) for name in table.partition_by)
    first = row.get(f"min.{table.cluster_by[-1]}") if table.cluster_by else None
    return ActiveFile(str(row["path"]), partition, int(str(row["size_bytes"])), int(str(row["num_records"] or 0)), int(str(first or 0)))


def bins(files: Iterable[ActiveFile], sorts: bool = True, target: int = TARGET_BYTES) -> list[list[ActiveFile]]:
    """The files to rewrite, each list into one file: neighbours in time of one partition, up to `target` bytes together.

    `sorts` is whether rewriting brings rows into an order, which is of use to a single large file, too. Files that are half of `target` or
    more stay as they are once their rows are in order, so that a table that grows is not written again as a whole each time.
    """
    found: list[list[ActiveFile]] = []
    candidates = (file for file in files if not (file.clustered and file.size >= target // 2))
    for file in sorted(candidates, key=lambda file: (file.partition, file.first, file.path)):
        last = found[-1] if found else []
        if last and last[0].partition == file.partition and sum(each.size for each in last) + file.size <= target:
            last.append(file)
        else:
            found.append([file])
    return [each for each in found if len(each) > 1 or (sorts and _worth_sorting(each[0]))]


def _worth_sorting(file: ActiveFile) -> bool:
    return not file.clustered and file.rows >= WORTH_SORTING
