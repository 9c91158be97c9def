"""What a table of the lake is: its name, columns, key, where its rows come from and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa


@dataclass(frozen=True)
class Table:
    """One Delta table.

    `name` is layer.table; `schema` its columns in order, partition columns included; `key` what identifies a row;
    `upstream` the tables and topics its rows are made from; `transform` the pure function that makes them.
    `added` are the columns that came with a later version: a table of before gets them, and its rows have null there.
    `stats` are the columns whose smallest and largest value each file tells, so that readers skip files.
    """

    name: str
    schema: pa.Schema
    key: tuple[str, ...]
    doc: str
    upstream: tuple[str, ...] = ()
    partition_by: tuple[str, ...] = ()
    stats: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    transform: Callable[..., Any] | None = None
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def layer(self) -> str:
        """bronze, silver or gold."""
        return self.name.partition(".")[0]

    def path(self, lake: Path) -> Path:
        """The table's folder: <lake>/<layer>/<table>."""
        layer, _, table = self.name.partition(".")
        return lake / layer / table

    @property
    def stored(self) -> pa.Schema:
        """The columns that lie in the files: all but the partition columns."""
        return pa.schema([column for column in self.schema if column.name not in self.partition_by])
