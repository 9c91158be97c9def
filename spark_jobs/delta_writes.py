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

from pipelines.places import Place, is_table
from spark_jobs.ingest.files import WrittenFile
from spark_jobs.table import Table

CONFIGURATION = {"delta.checkpointInterval": "50", "delta.logRetentionDuration": "interval 7 days"}


def create(lake: Place, table: Table) -> DeltaTable:
    """The table, made empty if it is not there yet. Columns that this version has beyond those that are there are added behind them.

    Rows of before hold null there. Raises ValueError if what is there has other columns otherwise.
    """
    path = table.path(lake)
    if isinstance(path, Path):
        path.mkdir(parents=True, exist_ok=True)
    if not is_table(path):
        columns, partitions = commented(table), list(table.partition_by)
        return DeltaTable.create(str(path), columns, "ignore", partitions, description=table.doc, configuration=settings_of(table))
    found = DeltaTable(str(path))
    there, wanted = _plain(found.schema()), _plain(commented(table))
    if there != wanted[: len(there)]:
        raise ValueError(f"{path} has the columns {_shown(there)}; this version writes {_shown(wanted)}; move it away")
    if len(there) < len(wanted):
        found.alter.add_columns(commented(table).fields[len(there) :])
        found = DeltaTable(str(path))
    return found


def commented(table: Table) -> Schema:
    """The table's columns as Delta keeps them, with what they mean."""
    plain = Schema.from_arrow(table.schema).fields
    return Schema([Field(field.name, field.type, nullable=True, metadata=_comment(table, field.name)) for field in plain])


def _comment(table: Table, column: str) -> dict[str, str]:
    told = table.columns.get(column)
    return {"comment": f"{told.meaning} ({told.unit})"} if told else {}


def _plain(schema: Schema) -> list[tuple[str, str]]:
    return [(field.name, field.type.to_json()) for field in schema.fields]


def _shown(columns: list[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {kind.strip(chr(34))}" for name, kind in columns)


def settings_of(table: Table) -> dict[str, str]:
    """The properties of a table, with the columns that have bounds: readers take a bound that is missing for one that no value meets."""
    columns = {"delta.dataSkippingStatsColumns": ",".join(table.stats)} if table.stats else {}
    return CONFIGURATION | columns | table.settings


class Lake:
    """The open tables of one writer."""

    def __init__(self, folder: Place, tables: Iterable[Table], application: str) -> None:
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


again = retry(
    retry=retry_if_exception_type(CommitFailedError), stop=stop_after_attempt(8), wait=wait_random_exponential(0.1, max=2), reraise=True
)
"""Once more when another writer, as maintenance is, has changed the same files meanwhile."""


@again
def merge_new(lake: Place, table: Table, rows: pa.Table) -> int:
    """Insert the rows whose key is not in the table yet; how many they were. Safe to repeat, and beside another writer doing the same."""
    if not rows.num_rows:
        return 0
    same = " and ".join(f"old.{name} = new.{name}" for name in table.key)
    merger = create(lake, table).merge(rows, same, source_alias="new", target_alias="old")
    return int(merger.when_not_matched_insert_all().execute()["num_target_rows_inserted"])


@again
def replace_runs(lake: Place, table: Table, rows: pa.Table, runs: Iterable[str]) -> None:
    """Replace the partitions of some runs by rows, in one commit; the other runs stay. Safe to repeat."""
    names = ", ".join(f"'{run}'" for run in sorted(runs))
    if names:
        delta = create(lake, table)
        write_deltalake(delta, rows.select(table.schema.names).cast(table.schema), mode="overwrite", predicate=f"run_id in ({names})")
