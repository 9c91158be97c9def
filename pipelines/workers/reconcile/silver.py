"""Counting typed rows: silver and the quarantine together, in the order of their sequence numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import numpy as np

from pipelines.events.block import Columns, columns_of_rows
from pipelines.events.declarations import event_type
from pipelines.workers.reconcile.blocks import Counted, nothing
from pipelines.workers.reconcile.lake import Lake


def rows_in_order(lake: Lake, event: str, run_id: str) -> Iterator[tuple[int, Columns]]:
    """World and columns of all rows of a run, each world's together and in the order of seq, quarantined ones in their places."""
    apart: dict[int, list[dict[str, Any]]] = {}
    for world_id, text in lake.quarantine(event, run_id):
        apart.setdefault(world_id, []).append(msgspec.json.decode(text))
    before: int | None = None
    for world_id, columns in lake.silver(event, run_id) if lake.has(f"silver.{event}") else ():
        if before is not None and before != world_id and apart.get(before):
            yield before, columns_of_rows(event_type(event), apart.pop(before))
        before, waiting = world_id, apart.get(world_id, [])
        within = [row for row in waiting if row["seq"] <= int(columns["seq"][-1])]
        if within:
            apart[world_id] = waiting[len(within) :]
        yield world_id, merged(event, columns, within) if within else columns
    yield from ((world_id, columns_of_rows(event_type(event), rows)) for world_id, rows in sorted(apart.items()) if rows)


def merged(event: str, columns: Columns, rows: list[dict[str, Any]]) -> Columns:
    """Columns with further rows put where their seq belongs."""
    extra = columns_of_rows(event_type(event), rows)
    order = np.argsort(np.concatenate([columns["seq"], extra["seq"]]), kind="stable")

    def join(name: str) -> Any:
        if isinstance(columns[name], list):
            both = [*columns[name], *extra[name]]
            return [both[place] for place in order]
        return np.concatenate([columns[name], extra[name]])[order]

    return {name: join(name) for name in extra}


def count_in_silver(lake: Lake, event: str, run_id: str) -> dict[int, Counted]:
    """Count one type of each world in silver and the quarantine."""
    return count_rows(event, rows_in_order(lake, event, run_id), f"silver.{event}")


def count_rows(event: str, rows: Iterable[tuple[int, Columns]], place: str) -> dict[int, Counted]:
    """Count one type of each world in rows ordered by seq; a doubled one is a problem, since nothing may be doubled there."""
    found: dict[int, Counted] = {}
    last: dict[int, int] = {}
    for world_id, columns in rows:
        counted, seqs = found.setdefault(world_id, nothing(event)), columns["seq"]
        doubled = int(np.count_nonzero(np.diff(seqs, prepend=last.get(world_id, -1)) <= 0))
        if doubled:
            counted.duplicates += doubled
            counted.problems.append(f"{doubled} rows of {place} have the seq of another one")
        last[world_id] = int(seqs[-1])
        counted.tally.add_columns(columns)
    return found
