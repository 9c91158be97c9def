"""What a lake holds, from the tables' logs alone: no row is read."""

from __future__ import annotations

import msgspec
from deltalake import DeltaTable

from pipelines.places import Place
from spark_jobs.maintenance.active import active_files
from spark_jobs.table import Table

UPKEEP = ("OPTIMIZE", "VACUUM START", "VACUUM END", "SET TBLPROPERTIES", "ADD COLUMN")
"""Operations that change no row."""
LOOKED_BACK = 50  # commits


class TableFacts(msgspec.Struct, frozen=True):
    """A table's size and age. `changed_at` is when its rows changed last, seconds since 1970."""

    table: str
    layer: str
    doc: str
    rows: int
    files: int
    bytes: int
    version: int
    changed_at: float


def facts(lake: Place, table: Table) -> TableFacts:
    """The facts of a table that exists."""
    delta = DeltaTable(str(table.path(lake)))
    files = active_files(delta, table)
    return TableFacts(
        table=table.name,
        layer=table.layer,
        doc=table.doc,
        rows=sum(file.rows for file in files),
        files=len(files),
        bytes=sum(file.size for file in files),
        version=delta.version(),
        changed_at=_changed_at(delta),
    )


def _changed_at(delta: DeltaTable) -> float:
    commits = delta.history(LOOKED_BACK)
    changes = [commit for commit in commits if commit.get("operation") not in UPKEEP]
    return float((changes or commits)[0]["timestamp"]) / 1000
