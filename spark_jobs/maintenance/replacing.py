"""The commit that replaces files of a table by others with the same rows.

delta-rs commits appends, overwrites and its own compaction, but takes no files of ours in the place of others. So this commit is written
here, as the Delta protocol says: one file of the log, under the next version's number, that must not exist yet. What others committed
meanwhile is looked at before each try: appends do not matter, a file that is gone from the table ends it.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deltalake import DeltaTable

from spark_jobs.delta_writes import add_action
from spark_jobs.ingest.files import WrittenFile
from spark_jobs.maintenance.active import ActiveFile, active_files
from spark_jobs.table import Table

ENGINE = "agora-maintain"
TRIES = 50  # a busy stream commits about once a second; each try takes some milliseconds


class Superseded(Exception):
    """Others changed the files meanwhile, as a refresh of gold does; what was to be committed is without an object."""


def check_plain(delta: DeltaTable, table: Table) -> None:
    """Raises ValueError if the table uses what this commit does not know, as deletion vectors or column mapping."""
    protocol = delta.protocol()
    features = {*(protocol.reader_features or ()), *(protocol.writer_features or ())}
    if protocol.min_reader_version > 1 or protocol.min_writer_version > 2 or features:
        used = ", ".join(sorted(features)) or f"reader {protocol.min_reader_version}, writer {protocol.min_writer_version}"
        raise ValueError(f"{table.name} uses {used}, which only Spark maintains: stop the stream, then OPTIMIZE and VACUUM it in Spark SQL")


def replace_files(lake: Path, table: Table, old: Sequence[ActiveFile], new: Sequence[WrittenFile]) -> int:
    """Commit that `new` hold the rows of `old`; the version. Raises Superseded if one of the old ones is no part of the table any more."""
    delta = DeltaTable(table.path(lake))
    for _ in range(TRIES):
        check_plain(delta, table)
        gone = {file.path for file in old} - {file.path for file in active_files(delta, table)}
        if gone:
            raise Superseded(f"{table.name}: {len(gone)} files were replaced by someone else meanwhile")
        version = delta.version() + 1
        if _put(table.path(lake) / "_delta_log", version, _lines(table, delta.version(), old, new)):
            return version
        delta.update_incremental()
    raise Superseded(f"{table.name}: {TRIES} times someone else was faster to commit; maintain it again")


def _lines(table: Table, read_version: int, old: Sequence[ActiveFile], new: Sequence[WrittenFile]) -> str:
    now = int(time.time() * 1000)
    told = {
        "timestamp": now,
        "operation": "OPTIMIZE",
        "operationParameters": {"predicate": "[]", "clusterBy": json.dumps(table.cluster_by)},
        "readVersion": read_version,
        "isolationLevel": "SnapshotIsolation",
        "isBlindAppend": False,
        "engineInfo": ENGINE,
        "operationMetrics": {"numRemovedFiles": str(len(old)), "numAddedFiles": str(len(new))},
    }
    actions = [{"commitInfo": told}, *({"remove": _remove(file, now)} for file in old), *({"add": _add(file, now)} for file in new)]
    return "".join(json.dumps(action, separators=(",", ":")) + "\n" for action in actions)


def _remove(file: ActiveFile, now: int) -> dict[str, Any]:
    return {
        "path": file.path,
        "deletionTimestamp": now,
        "dataChange": False,
        "extendedFileMetadata": True,
        "partitionValues": dict(file.partition),
        "size": file.size,
    }


def _add(file: WrittenFile, now: int) -> dict[str, Any]:
    action = add_action(file, now)
    return {
        "path": action.path,
        "partitionValues": action.partition_values,
        "size": action.size,
        "modificationTime": now,
        "dataChange": False,
        "stats": action.stats,
    }


def _put(log: Path, version: int, text: str) -> bool:
    """Write a version of the log; False if it exists. A link is made in one step, and only where nothing is."""
    temporary = log / f".{uuid.uuid4()}.tmp"
    try:
        with temporary.open("x") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        (log / f"{version:020d}.json").hardlink_to(temporary)
        return True
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
