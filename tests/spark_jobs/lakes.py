"""A lake written without Spark: the tasks' own work and the driver's, with a list for Kafka."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from spark_jobs.catalog import BRONZE, LABEL_TABLES, QUARANTINE, SILVER
from spark_jobs.delta_writes import Lake
from spark_jobs.detection.forest import Forest
from spark_jobs.ingest.commit import Committer, Tasks
from spark_jobs.ingest.intake import decode_report
from spark_jobs.ingest.journal import Entry, Journal, Report
from spark_jobs.ingest.outgoing import Outgoing
from spark_jobs.ingest.task import BlockTask, Here


class Bench:
    """A committer over a folder; a second one over the same folder is the process after a restart."""

    def __init__(self, folder: Path, application: str = "test", models: Mapping[str, Forest] | None = None, partitions: int = 2) -> None:
        self.lake, self.models, self.partitions = folder / "lake", models or {}, partitions
        self.sent: list[Outgoing] = []
        self.tables = Lake(self.lake, (BRONZE, *SILVER, *LABEL_TABLES, QUARANTINE), application)
        self.committer = Committer(self.tables, Journal(folder / "journal"), self.sent.extend, partitions)

    def batch(self, number: int, *parts: Iterable[pa.RecordBatch]) -> Entry:
        """Do one batch; each part is what one task gets."""
        return self.committer.process(number, self.tasks(*parts))

    def tasks(self, *parts: Iterable[pa.RecordBatch]) -> Tasks:
        """The tasks of a batch, to be run by a committer."""

        def run(before: Entry) -> list[Report]:
            task = BlockTask(self.lake, self.lake, self.committer.journal.watches, Here(self.models), before, partitions=self.partitions)
            return [decode_report(row["report"]) for part in parts for answer in task(iter(part)) for row in answer.to_pylist()]

        return run

    def rows(self, table: str, *columns: str) -> list[Any]:
        """Rows of a table, sorted; plain values where one column is asked for."""
        layer, _, name = table.partition(".")
        found = DeltaTable(self.lake / layer / name).to_pyarrow_table(columns=list(columns))
        tuples = [tuple(row.values()) for row in found.to_pylist()]
        return sorted(row[0] if len(columns) == 1 else row for row in tuples)
