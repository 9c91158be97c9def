"""Ticks and trades in Cassandra, by symbol and simulated day. docs/stores/cassandra.md has the tables.

Rows go in unlogged batches, each within one partition, several at once; they are keyed by event identity, so what is written twice is
one row. The progress follows in one lightweight transaction on its partition, which compares the version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from cassandra import ConsistencyLevel
from cassandra.concurrent import execute_concurrent
from cassandra.query import BatchStatement, BatchType, SimpleStatement

from pipelines.events.marks import Mark
from pipelines.events.progress import Batch, Place, Progress, Refused
from pipelines.events.topics import CONSUMERS
from pipelines.ports import StoreUnavailable, Superseded
from pipelines.sinks.cassandra_rows import KEY, Partition, columns_of, partitions_of
from pipelines.sinks.cassandra_schema import KEYSPACE, migrate
from pipelines.sinks.cassandra_session import connect, translated
from pipelines.sinks.worlds import Worlds

AT_ONCE = 16
"""Batches on their way."""
ROWS = 200
"""Of a batch of statements, at most."""


class CassandraSink:
    """A Sink of ticks and trades.

    Parameters
    ----------
    address : cassandra://[user:password@]host:port[,host:port...]
    worlds : names and times; a block of a world that market.worlds does not name is refused, since it has no day.
    keyspace : made if it is not there.
    replication : of a keyspace that is made.
    """

    name = "cassandra"
    events = CONSUMERS["cassandra"]

    def __init__(self, address: str, worlds: Worlds, keyspace: str = KEYSPACE, replication: int = 1) -> None:
        self._address, self._worlds, self._keyspace, self._replication = address, worlds, keyspace, replication
        self._progress = f"{keyspace}.progress"
        self._session: Any = None
        self._prepared: dict[str, Any] = {}
        self._listed: set[Partition] = set()

    def open(self) -> Progress:
        """See Sink. Raises ValueError for a keyspace that is foreign or of another schema."""
        with self._guarded():
            if self._session is None:
                self._session = connect(self._address)
                migrate(self._session, self._keyspace, self._replication)
                self._prepare()
            self._listed.clear()
            self._session.execute(f"INSERT INTO {self._progress} (sink, version) VALUES (%s, 0) IF NOT EXISTS", (self.name,))
            query = f"SELECT version, kind, name, value FROM {self._progress} WHERE sink = %s"
            read = SimpleStatement(query, consistency_level=ConsistencyLevel.LOCAL_SERIAL)
            return progress_from(self._session.execute(read, (self.name,)))

    def write(self, batch: Batch, refuse: Callable[[Refused], None]) -> None:
        """See Sink."""
        with self._guarded():
            partitions = self._partitions(batch, refuse)
            statements = [*self._listing(partitions), *self._rows(partitions)]
            execute_concurrent(self._session, [(statement, ()) for statement in statements], concurrency=AT_ONCE)
            self._listed |= partitions.keys()
            self._advance(batch)

    def _partitions(self, batch: Batch, refuse: Callable[[Refused], None]) -> dict[Partition, list[tuple[Any, ...]]]:
        """The rows of a batch by partition; what has no day is refused."""
        found: dict[Partition, list[tuple[Any, ...]]] = {}
        for taken in batch.taken:
            head = taken.block.head
            world = self._worlds.find(head.run_id, head.world_id)
            if world is None:
                why = f"market.worlds does not name world {head.world_id} of run {head.run_id}, so its events have no day"
                refuse(Refused(taken, "unknown_world", why))
                continue
            for partition, rows in partitions_of(taken.block, world).items():
                found.setdefault(partition, []).extend(rows)
        return found

    def close(self) -> None:
        """See Sink."""
        session, self._session = self._session, None
        if session is not None:
            session.cluster.shutdown()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Translate errors; a session whose store went away or is refused is let go, so that the next `open` begins anew."""
        try:
            with translated(self._address):
                yield
        except (StoreUnavailable, ValueError):
            self.close()
            raise

    def _prepare(self) -> None:
        inserts = {event: (*KEY, *columns_of(event)) for event in self.events}
        inserts["partitions"] = ("run_id", "world_id", "event", "symbol", "day", "symbol_name")
        inserts["progress"] = ("sink", "kind", "name", "value")
        for table, columns in inserts.items():
            marks = ", ".join("?" * len(columns))
            self._prepared[table] = self._session.prepare(f"INSERT INTO {self._keyspace}.{table} ({', '.join(columns)}) VALUES ({marks})")
        self._prepared["version"] = self._session.prepare(f"UPDATE {self._progress} SET version = ? WHERE sink = ? IF version = ?")

    def _listing(self, partitions: dict[Partition, Any]) -> Iterator[Any]:
        """Statements that name the partitions not named yet, so that readers find them."""
        for each in partitions.keys() - self._listed:
            name = self._worlds.name(each.run_id, each.world_id, "symbol", each.symbol)
            yield self._prepared["partitions"].bind((each.run_id, each.world_id, each.event, each.symbol, each.date, name))

    def _rows(self, partitions: dict[Partition, list[tuple[Any, ...]]]) -> Iterator[Any]:
        for partition, rows in partitions.items():
            insert = self._prepared[partition.event]
            for first in range(0, len(rows), ROWS):
                statement = BatchStatement(BatchType.UNLOGGED)
                for row in rows[first : first + ROWS]:
                    statement.add(insert, row)
                statement.is_idempotent = True
                yield statement

    def _advance(self, batch: Batch) -> None:
        """Write the progress if the version is still the batch's."""
        transaction = BatchStatement(BatchType.LOGGED)
        transaction.add(self._prepared["version"], (batch.version + 1, self.name, batch.version))
        for (topic, partition), offset in batch.offsets.items():
            transaction.add(self._prepared["progress"], (self.name, "offset", f"{topic}/{partition}", str(offset)))
        for name, mark in batch.marks.items():
            transaction.add(self._prepared["progress"], (self.name, "mark", name, msgspec.json.encode(mark).decode()))
        answer = self._session.execute(transaction).one()
        if not answer.applied:
            raise Superseded(f"the batch follows version {batch.version}, Cassandra is at {getattr(answer, 'version', None)}: read again")


def progress_from(rows: Any) -> Progress:
    """The progress from the rows of its partition."""
    version, offsets, marks = 0, dict[Place, int](), dict[str, Mark]()
    for row in rows:
        version = row.version
        if row.kind == "offset":
            topic, _, partition = row.name.rpartition("/")
            offsets[topic, int(partition)] = int(row.value)
        elif row.kind == "mark":
            marks[row.name] = msgspec.json.decode(row.value, type=Mark)
    return Progress(version, offsets, marks)
