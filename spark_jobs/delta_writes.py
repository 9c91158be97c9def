"""Commits to Delta tables without a JVM, idempotent on (application, batch).

A commit names the application and the batch in the table's log itself, in the same atomic step as the files; a batch
that is already named there is not committed again. One writer per table and application.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, Field, Schema, write_deltalake
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction, CommitProperties, PostCommitHookProperties, Transaction
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from spark_jobs.ingest.files import WrittenFile
from spark_jobs.table import Table

CONFIGURATION = {"delta.checkpointInterval": "50", "delta.logRetentionDuration": "interval 7 days"}


def create(lake: Path, table: Table) -> DeltaTable:
    """The table, made empty if it is not there yet, and given the columns that came with a later version of it.

    Raises ValueError if what is there has other columns.
    """
    path = table.path(lake)
    path.mkdir(parents=True, exist_ok=True)
    if not DeltaTable.is_deltatable(str(path)):
        return DeltaTable.create(path, table.schema, mode="ignore", partition_by=list(table.partition_by), configuration=settings_of(table))
    found = DeltaTable(path)
    missing = _missing(path, table, found.schema().fields)
    if missing:
        found.alter.add_columns(missing)
    return found


def _missing(path: Path, table: Table, there: Sequence[Field]) -> list[Field]:
    """The columns that a table is to be given. Raises ValueError unless it has all others, of the types that they have here."""
    wanted = {column.name: column for column in Schema.from_arrow(table.schema).fields}
    missing = [column for name, column in wanted.items() if name not in {had.name for had in there}]
    if any(column.name not in wanted for column in there) or any(column.name not in table.added for column in missing):
        names = ", ".join(column.name for column in there)
        raise ValueError(f"{path} has the columns {names}, this version writes {', '.join(wanted)}; move it away, or use what wrote it")
    for column in there:
        if column.type != wanted[column.name].type:
            raise ValueError(
                f"column {column.name} of {path} is {column.type}, this version writes {wanted[column.name].type}; "
                "move the table away, or use what wrote it"
            )
    return missing


def settings_of(table: Table) -> dict[str, str]:
    """The properties of a table, with the columns that have bounds: readers take a bound that is missing for one that no value meets."""
    columns = {"delta.dataSkippingStatsColumns": ",".join(table.stats)} if table.stats else {}
    return CONFIGURATION | columns | table.settings


class Lake:
    """The open tables of one writer."""

    def __init__(self, folder: Path, tables: Iterable[Table], application: str) -> None:
        self.folder, self.application = folder, application
        self.tables = {table.name: table for table in tables}
        self.open = {name: create(folder, table) for name, table in self.tables.items()}

    def committed(self, name: str) -> int:
        """The last batch that the table holds, -1 if none."""
        version = self.open[name].transaction_version(self.application)
        return -1 if version is None else version

    def commit(self, name: str, batch: int, files: Sequence[WrittenFile]) -> bool:
        """Append files as one commit of that batch; False if there are none or the table holds the batch already."""
        table, delta = self.tables[name], self.open[name]
        if not files:
            return False
        if self.committed(name) >= batch:
            return False
        now = int(time.time() * 1000)
        delta.create_write_transaction(
            [add_action(file, now) for file in files],
            "append",
            table.schema,
            partition_by=list(table.partition_by),
            commit_properties=CommitProperties(app_transactions=[Transaction(self.application, batch, now)]),
            post_commithook_properties=PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False),
        )
        delta.update_incremental()
        return True


def add_action(file: WrittenFile, now_ms: int) -> AddAction:
    """What a commit says of a file."""
    stats = {"numRecords": file.rows, "minValues": file.smallest, "maxValues": file.largest, "nullCount": {}}
    return AddAction(file.path, file.size, dict(file.partition), now_ms, True, json.dumps(stats, separators=(",", ":")))


@retry(retry=retry_if_exception_type(CommitFailedError), stop=stop_after_attempt(8), wait=wait_random_exponential(0.1, max=2), reraise=True)
def merge_new(lake: Path, table: Table, rows: pa.Table) -> int:
    """Insert the rows whose key is not in the table yet; how many they were. Safe to repeat, and beside another writer doing the same."""
    if not rows.num_rows:
        return 0
    same = " and ".join(f"old.{name} = new.{name}" for name in table.key)
    merger = create(lake, table).merge(rows, same, source_alias="new", target_alias="old")
    return int(merger.when_not_matched_insert_all().execute()["num_target_rows_inserted"])


def replace_runs(lake: Path, table: Table, rows: pa.Table, runs: Iterable[str]) -> None:
    """Replace the partitions of some runs by rows, in one commit; the other runs stay. Safe to repeat."""
    names = ", ".join(f"'{run}'" for run in sorted(runs))
    if names:
        delta = create(lake, table)
        write_deltalake(delta, rows.select(table.schema.names).cast(table.schema), mode="overwrite", predicate=f"run_id in ({names})")
