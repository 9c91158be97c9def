"""All events that the relational database holds of a run, for comparing them with the other stores."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import select

from pipelines.events.block import Columns, columns_of
from pipelines.events.declarations import event_type
from pipelines.events.topics import CONSUMERS
from pipelines.sinks.sql_database import errors_of, made_engine
from pipelines.sinks.sql_tables import EVENT_TABLES

AT_ONCE = 10_000


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
        table, declared = EVENT_TABLES[event], event_type(event)
        names = [column.name for column in declared.all_columns]
        asked = select(table.c.world_id, *(table.c[name] for name in names))
        asked = asked.where(table.c.run_id == run_id).order_by(table.c.world_id, table.c.seq)
        engine = made_engine(self.address, writes=False)
        try:
            with errors_of(engine), engine.connect().execution_options(yield_per=AT_ONCE) as connection:
                for part in connection.execute(asked).partitions():
                    for world_id, rows in groupby(part, lambda row: int(row[0])):
                        yield world_id, columns_of(declared, dict(zip(names, list(zip(*rows, strict=True))[1:], strict=True)))
        finally:
            engine.dispose()

    def close(self) -> None:
        """Nothing is kept open: each reading has a connection of its own."""
