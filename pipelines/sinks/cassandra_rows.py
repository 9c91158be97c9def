"""Events as rows of Cassandra: which partition they belong to and what is bound for each column."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from cassandra.util import Date

from pipelines.events.block import Block
from pipelines.events.declarations import event_type
from pipelines.sinks.worlds import World

DAY_NS = 86_400_000_000_000
KEY = ("run_id", "world_id", "symbol", "day", "time")
"""What a row has beside the columns of its event; the symbol is one of those."""


class Partition(NamedTuple):
    """A partition of the table of an event type. `day` counts from 1970-01-01."""

    run_id: str
    world_id: int
    event: str
    symbol: int
    day: int

    @property
    def date(self) -> Date:
        """The day as Cassandra has it."""
        return Date(self.day)


def columns_of(event: str) -> tuple[str, ...]:
    """The columns of an event type but for the symbol, which is part of the key."""
    return tuple(column.name for column in event_type(event).all_columns if column.name != "symbol")


def partitions_of(block: Block, world: World) -> dict[Partition, list[tuple[Any, ...]]]:
    """The events of a block by partition, as values for KEY and columns_of."""
    event, head = block.event.name, block.head
    times = world.start_ns + np.asarray(block.columns["step"], np.int64) * world.step_ns
    days, milliseconds = (times // DAY_NS).tolist(), (times // 1_000_000).tolist()
    symbols = np.asarray(block.columns["symbol"]).tolist()
    values = zip(*(np.asarray(block.columns[name]).tolist() for name in columns_of(event)), strict=True)
    found: dict[Partition, list[tuple[Any, ...]]] = {}
    dates: dict[int, Date] = {}
    for symbol, day, time, row in zip(symbols, days, milliseconds, values, strict=True):
        date = dates.get(day) or dates.setdefault(day, Date(day))
        own = found.setdefault(Partition(head.run_id, head.world_id, event, symbol, day), [])
        own.append((head.run_id, head.world_id, symbol, date, time, *row))
    return found
