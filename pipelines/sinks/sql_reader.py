"""All events that the relational database holds of a run, for comparing them with the other stores."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from sqlalchemy import select

from pipelines.events.block import Columns
from pipelines.events.declarations import Column, ColumnType, event_type
from pipelines.events.topics import CONSUMERS
from pipelines.sinks.sql_database import errors_of, made_engine
from pipelines.sinks.sql_tables import EVENT_TABLES

AT_ONCE = 10_000
WIDTHS = {ColumnType.INT: np.int32, ColumnType.LONG: np.int64, ColumnType.DOUBLE: np.float64}


class SqlReader:
    """Reads events back.

    Parameters
    ----------
    address : as of the sink.
    """

    events = CONSUMERS["sql"]

    def __init__(self, address: str) -> None:
        self.address = address

    def rows(self, event: str, run_id: str) -> Iterator[tuple[int, Columns]]:
        """World and columns, each world's together and in the order of seq, some 10,000 rows at once."""
        table, columns = EVENT_TABLES[event], event_type(event).all_columns
        asked = select(table.c.world_id, *(table.c[column.name] for column in columns))
        asked = asked.where(table.c.run_id == run_id).order_by(table.c.world_id, table.c.seq)
        engine = made_engine(self.address, writes=False)
        try:
            with errors_of(engine), engine.connect().execution_options(yield_per=AT_ONCE) as connection:
                for part in connection.execute(asked).partitions():
                    for world_id, rows in groupby(part, lambda row: int(row[0])):
                        values = list(zip(*rows, strict=True))[1:]
                        yield world_id, {column.name: _array(column, found) for column, found in zip(columns, values, strict=True)}
        finally:
            engine.dispose()

    def close(self) -> None:
        """Nothing is kept open: each reading has a connection of its own."""


def _array(column: Column, values: Sequence[Any]) -> Any:
    """A value that is NULL was no number: SQLite keeps none of those."""
    if column.type is ColumnType.STRING:
        return list(values)
    if column.type is ColumnType.DOUBLE:
        values = [math.nan if value is None else value for value in values]
    return np.array(values, WIDTHS[column.type])
