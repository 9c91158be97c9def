"""All ticks or trades of a run as Cassandra has them, world by world in the order of seq, to be compared with what the simulator made."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any

import numpy as np
from cassandra import InvalidRequest

from pipelines.events.block import Columns
from pipelines.events.declarations import event_type
from pipelines.events.topics import CONSUMERS
from pipelines.sinks.cassandra_rows import Partition
from pipelines.sinks.cassandra_schema import KEYSPACE
from pipelines.sinks.cassandra_session import ask, connect, translated

PIECE = 10_000


class CassandraReader:
    """Reads runs. A world's partitions, each in order, are merged.

    Parameters
    ----------
    address : as of CassandraSink; a user that may only read is enough.
    """

    events = CONSUMERS["cassandra"]

    def __init__(self, address: str, keyspace: str = KEYSPACE) -> None:
        self._address, self._keyspace = address, keyspace
        with translated(address):
            self._session: Any = connect(address, keyspace)

    def rows(self, event: str, run_id: str) -> Iterator[tuple[int, Columns]]:
        """World and columns, in pieces of at most 10,000 rows."""
        names = [column.name for column in event_type(event).all_columns]
        with translated(self._address):
            for world_id, own in groupby(self.partitions(event, run_id), key=lambda partition: partition.world_id):
                rows = heapq.merge(*(self._of(partition, names) for partition in own))
                while piece := list(islice(rows, PIECE)):
                    yield world_id, {name: np.array(values) for name, values in zip(names, zip(*piece, strict=True), strict=True)}

    def partitions(self, event: str, run_id: str) -> list[Partition]:
        """The partitions of an event type of a run, by world."""
        query = f"SELECT world_id, event, symbol, day FROM {self._keyspace}.partitions WHERE run_id = ?"
        found = ask(self._session, query, run_id)
        return [Partition(run_id, row.world_id, event, row.symbol, row.day.days_from_epoch) for row in found if row.event == event]

    def _of(self, partition: Partition, names: list[str]) -> Iterator[tuple[int, ...]]:
        run_id, world_id, event, symbol, _ = partition
        key = "run_id = ? AND world_id = ? AND symbol = ? AND day = ?"
        query = f"SELECT {', '.join(names)} FROM {self._keyspace}.{event} WHERE {key}"  # seq comes first, by which rows are merged
        yield from ask(self._session, query, run_id, world_id, symbol, partition.date)

    def close(self) -> None:
        """Let go of the connections."""
        self._session.cluster.shutdown()


def open_keyspace(address: str) -> Any:
    """A session on the product's keyspace, for questions. Raises ValueError if nothing was ever written there."""
    try:
        with translated(address):
            return connect(address, KEYSPACE)
    except InvalidRequest:
        raise ValueError(f"Cassandra has no keyspace {KEYSPACE!r} yet; fill it with `agora sink cassandra --once`") from None
