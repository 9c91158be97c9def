"""What a table of the lake is: its name, columns, key, where its rows come from and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, overload

import pyarrow as pa

from pipelines.places import Place


class ColumnDoc(NamedTuple):
    """Unit and meaning of a column."""

    unit: str
    meaning: str


OF_RUN = {"run_id": ColumnDoc("text", "the run"), "world_id": ColumnDoc("id", "the world within the run")}
AT_KAFKA = {
    "topic": ColumnDoc("text", "Kafka topic"),
    "partition": ColumnDoc("number", "partition of the topic"),
    "offset": ColumnDoc("records", "place in the partition"),
}


@dataclass(frozen=True)
class Table:
    """One Delta table.

    `name` is layer.table; `schema` its columns in order, partition columns included; `key` what identifies a row;
    `upstream` the tables and topics its rows are made from; `transform` the pure function that makes them.
    `stats` are the columns whose smallest and largest value each file tells, so that readers skip files; empty where delta-rs
    writes the files, which tells them of all columns. `cluster_by` is the order of the rows after maintenance. `columns` says
    what each column means.
    """

    name: str
    schema: pa.Schema
    key: tuple[str, ...]
    doc: str
    upstream: tuple[str, ...] = ()
    partition_by: tuple[str, ...] = ()
    stats: tuple[str, ...] = ()
    cluster_by: tuple[str, ...] = ()
    columns: Mapping[str, ColumnDoc] = field(default_factory=dict)
    transform: Callable[..., Any] | None = None
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def layer(self) -> str:
        """bronze, silver or gold."""
        return self.name.partition(".")[0]

    @overload
    def path(self, lake: Path) -> Path: ...

    @overload
    def path(self, lake: Place) -> Place: ...

    def path(self, lake: Place) -> Place:
        """The table's folder: <lake>/<layer>/<table>."""
        layer, _, table = self.name.partition(".")
        return lake / layer / table

    @property
    def stored(self) -> pa.Schema:
        """The columns that lie in the files: all but the partition columns."""
        return pa.schema([column for column in self.schema if column.name not in self.partition_by])
