"""Counting typed rows: silver and the quarantine together, in the order of their sequence numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from pipelines.events.declarations import EVENT_TYPES, ColumnType
from pipelines.workers.reconcile.blocks import Counted
from pipelines.workers.reconcile.lake import Lake
from pipelines.workers.reconcile.tally import new_tally

Columns = dict[str, Any]


def rows_in_order(lake: Lake, event: str, run_id: str, world_id: int) -> Iterator[Columns]:
    """Columns of all rows of one world, quarantined ones in their places."""
    apart = [msgspec.json.decode(text) for text in lake.quarantine(event, run_id, world_id)]
    for columns in lake.silver(event, run_id, world_id) if lake.has(f"silver.{event}") else ():
        last = int(columns["seq"][-1])
        within = [row for row in apart if row["seq"] <= last]
        apart = apart[len(within) :]
        yield merged(event, columns, within) if within else columns
    if apart:
        yield as_columns(event, apart)


def as_columns(event: str, rows: list[dict[str, Any]]) -> Columns:
    """Columns from rows."""
    kinds = {ColumnType.INT: np.int32, ColumnType.LONG: np.int64, ColumnType.DOUBLE: np.float64}
    columns: Columns = {}
    for column in EVENT_TYPES[event].all_columns:
        values = [row[column.name] for row in rows]
        columns[column.name] = values if column.type is ColumnType.STRING else np.array(values, kinds[column.type])
    return columns


def merged(event: str, columns: Columns, rows: list[dict[str, Any]]) -> Columns:
    """Columns with further rows put where their seq belongs."""
    extra = as_columns(event, rows)
    order = np.argsort(np.concatenate([columns["seq"], extra["seq"]]), kind="stable")

    def join(name: str) -> Any:
        if isinstance(columns[name], list):
            both = [*columns[name], *extra[name]]
            return [both[place] for place in order]
        return np.concatenate([columns[name], extra[name]])[order]

    return {name: join(name) for name in extra}


def count_in_silver(lake: Lake, event: str, run_id: str, world_id: int) -> Counted:
    """Count one world and type in silver and the quarantine; a doubled row is a problem, since nothing may be doubled there."""
    counted, last = Counted(new_tally(event)), -1
    for columns in rows_in_order(lake, event, run_id, world_id):
        seqs = columns["seq"]
        doubled = int(np.count_nonzero(np.diff(seqs, prepend=last) <= 0))
        if doubled:
            counted.duplicates += doubled
            counted.problems.append(f"{doubled} rows of silver.{event} have the seq of another one")
        last = int(seqs[-1])
        counted.tally.add_columns(columns)
    return counted
