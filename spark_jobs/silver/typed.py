"""What all typed silver tables share: blocks of one event type and one run in, good rows and offenders out.

The offenders keep their original coordinates and all their values, so that the two together are every event.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.events.block import Columns, Head
from pipelines.events.declarations import EVENT_TYPES, EventType
from spark_jobs.expectations import Rule, offenders
from spark_jobs.schemas import STEP_NS, arrow_schema
from spark_jobs.silver.quarantine import Offender
from spark_jobs.table import OF_RUN, ColumnDoc, Table

STATS = ("world_id", "seq", "step")
SYMBOL = "symbol"


class Accepted(NamedTuple):
    """A block that counts, and the Kafka record that it came in."""

    head: Head
    columns: Columns
    topic: str
    partition: int
    offset: int


@dataclass(frozen=True)
class TypedTable(Table):
    """A silver table of one event type, with its row rules."""

    event: EventType = EVENT_TYPES["worlds"]
    rules: tuple[Rule, ...] = ()

    def split(self, blocks: Sequence[Accepted]) -> tuple[pa.Table, list[Offender]]:
        """The rows of blocks of one run: those that keep all rules, without the partition column, and the others."""
        columns = gather(self.event, blocks)
        rows = len(columns["seq"])
        broken = offenders(self.rules, columns, rows)
        bad = np.flatnonzero(broken >= 0)
        table = pa.table([_array(columns[field.name], field.type) for field in self.stored], schema=self.stored)
        if not len(bad):
            return table, []
        kept = table.take(np.flatnonzero(broken < 0))
        return kept, [self._offender(blocks, columns, int(row), self.rules[broken[row]].reason) for row in bad]

    def _offender(self, blocks: Sequence[Accepted], columns: dict[str, Any], row: int, reason: str) -> Offender:
        ends = np.cumsum([block.head.count for block in blocks])
        block = blocks[int(np.searchsorted(ends, row, side="right"))]
        values = {column.name: _plain(columns[column.name][row]) for column in self.event.all_columns}
        return Offender(
            run_id=block.head.run_id,
            world_id=block.head.world_id,
            seq=values["seq"],
            step=values["step"],
            event=self.event.name,
            reason=reason,
            topic=block.topic,
            partition=block.partition,
            offset=block.offset,
            row=json.dumps(values, separators=(",", ":")),
        )


def typed_table(name: str, rules: tuple[Rule, ...]) -> TypedTable:
    """The silver table of an event type; clustered by symbol and time where its rows are about one."""
    event = EVENT_TYPES[name]
    told = {column.name: ColumnDoc(column.unit, column.doc) for column in event.all_columns}
    of_symbol = (SYMBOL,) if any(column.name == SYMBOL for column in event.columns) else ()
    return TypedTable(
        name=f"silver.{name}",
        schema=arrow_schema(event),
        key=("run_id", "world_id", "seq"),
        doc=event.doc,
        upstream=("bronze.events",),
        partition_by=("run_id",),
        stats=STATS + of_symbol,
        cluster_by=("world_id", *of_symbol, "seq"),
        columns=OF_RUN | {"time_ns": ColumnDoc("ns", "simulated time since the run's start")} | told,
        event=event,
        rules=rules,
    )


def gather(event: EventType, blocks: Sequence[Accepted]) -> dict[str, Any]:
    """The blocks' columns one after the other, with world_id and time_ns."""
    columns: dict[str, Any] = {column.name: _join([block.columns[column.name] for block in blocks]) for column in event.all_columns}
    worlds = np.array([block.head.world_id for block in blocks], np.int32)
    columns["world_id"] = np.repeat(worlds, [block.head.count for block in blocks])
    columns["time_ns"] = columns["step"].astype(np.int64) * STEP_NS
    return columns


def _join(parts: list[Any]) -> NDArray[Any] | list[str]:
    if isinstance(parts[0], list):
        return [text for part in parts for text in part]
    return np.concatenate(parts) if len(parts) > 1 else np.asarray(parts[0])


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    return pa.array(values, kind)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
