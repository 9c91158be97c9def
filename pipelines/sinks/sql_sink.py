"""The negotiation log and the metrics of trainings in a relational database, each batch in one transaction with its progress."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, IntegrityError

from pipelines.events.block import Block, rows_of
from pipelines.events.marks import Mark
from pipelines.events.progress import Batch, Progress, Refused, Taken
from pipelines.events.topics import CONSUMERS
from pipelines.events.words import Names, named
from pipelines.ports import Superseded
from pipelines.sinks.sql_database import errors_of, made_engine, prepare
from pipelines.sinks.sql_tables import EVENT_TABLES, MARKS, OFFSETS, PROGRESS
from pipelines.sinks.worlds import Worlds

Row = dict[str, Any]


class SqlSink:
    """The sink of negotiations and metrics.

    Parameters
    ----------
    address : sqlite:////folder/agora.db or postgresql://user:password@host:port/name.
    worlds : where names of ids are looked up.
    """

    name = "sql"
    events = CONSUMERS["sql"]

    def __init__(self, address: str, worlds: Worlds) -> None:
        self.address, self._worlds = address, worlds
        self._engine: Engine | None = None

    def open(self) -> Progress:
        """See Sink.open. Raises ValueError for a database of somebody else or of a later version of this program."""
        self.close()
        self._engine = engine = made_engine(self.address)
        with errors_of(engine):
            prepare(engine)
            with engine.begin() as connection:
                return read_progress(connection, self.name)

    def write(self, batch: Batch, refuse: Callable[[Refused], None]) -> None:
        """See Sink.write."""
        if self._engine is None:
            raise ValueError("the sink is closed; call open() first")
        with errors_of(self._engine), self._engine.begin() as connection:
            raise_version(connection, self.name, batch.version)
            for event, table in EVENT_TABLES.items():
                self._insert(connection, table, [taken for taken in batch.taken if taken.block.event.name == event], refuse)
            write_places(connection, self.name, batch)

    def close(self) -> None:
        """See Sink.close."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _insert(self, connection: Connection, table: Table, batch: Sequence[Taken], refuse: Callable[[Refused], None]) -> None:
        """Insert all blocks at once, or one by one if one of them is not taken."""
        try:
            with connection.begin_nested():
                insert_new(connection, table, [row for taken in batch for row in table_rows(taken.block, self._worlds)])
        except (DataError, IntegrityError) as error:
            if len(batch) == 1:
                refuse(Refused(batch[0], "refused", str(error.orig).strip()[:300]))
                return
            for taken in batch:
                self._insert(connection, table, [taken], refuse)


def table_rows(block: Block, names: Names) -> Iterator[Row]:
    """The rows of a block as its table has them."""
    started = {"started": started_by_id(block.head.run_id)}
    for row in rows_of(block):
        if block.event.name == "metrics":
            yield row | started | {"value": None if math.isnan(row["value"]) else row["value"]}
        else:
            told = named(block.event.name, row, names)
            symbol = {"symbol_name": told["symbol"] if isinstance(told["symbol"], str) else None}
            yield row | started | symbol | {f"{column}_name": str(told[column]) for column in ("protocol", "kind")}


def started_by_id(run_id: str) -> datetime:
    """When a run started, by its id; 1970-01-01 where the id tells of no time.

    >>> started_by_id("20261121-101500-a1b2").isoformat()
    '2026-11-21T10:15:00+00:00'
    """
    try:
        return datetime.strptime(run_id[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)


def insert_new(connection: Connection, table: Table, rows: Sequence[Row], replace: bool = False) -> None:
    """Insert rows; those whose key is there already stay as they are, or are replaced."""
    if not rows:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    inserted = dialect.insert(table)
    if replace:
        others = {column.name: inserted.excluded[column.name] for column in table.columns if not column.primary_key}
        inserted = inserted.on_conflict_do_update(index_elements=list(table.primary_key), set_=others)
    else:
        inserted = inserted.on_conflict_do_nothing()
    connection.execute(inserted, list(rows))


def read_progress(connection: Connection, consumer: str) -> Progress:
    """How far a consumer is; its row is made if there is none."""
    insert_new(connection, PROGRESS, [{"consumer": consumer, "version": 0}])
    version = connection.execute(select(PROGRESS.c.version).where(PROGRESS.c.consumer == consumer)).scalar_one()
    offsets = connection.execute(select(OFFSETS.c.topic, OFFSETS.c.partition, OFFSETS.c.next_offset).where(OFFSETS.c.consumer == consumer))
    marks = connection.execute(select(MARKS.c.name, MARKS.c.mark).where(MARKS.c.consumer == consumer))
    return Progress(
        version,
        {(topic, partition): offset for topic, partition, offset in offsets},
        {name: msgspec.json.decode(mark, type=Mark) for name, mark in marks},
    )


def raise_version(connection: Connection, consumer: str, version: int) -> None:
    """Raise the version by one, and hold it until the transaction ends. Raises Superseded if it is not the one given."""
    row = PROGRESS.c.consumer == bindparam("of"), PROGRESS.c.version == bindparam("was")
    changed = connection.execute(update(PROGRESS).where(*row).values(version=version + 1), {"of": consumer, "was": version})
    if changed.rowcount != 1:
        has = connection.execute(select(PROGRESS.c.version).where(PROGRESS.c.consumer == consumer)).scalar()
        raise Superseded(f"the batch follows version {version}, the store has {has}")


def write_places(connection: Connection, consumer: str, batch: Batch) -> None:
    """Write the offsets and marks that a batch changes."""
    offsets = [
        {"consumer": consumer, "topic": topic, "partition": partition, "next_offset": offset}
        for (topic, partition), offset in batch.offsets.items()
    ]
    marks = [{"consumer": consumer, "name": name, "mark": msgspec.json.encode(mark).decode()} for name, mark in batch.marks.items()]
    insert_new(connection, OFFSETS, offsets, replace=True)
    insert_new(connection, MARKS, marks, replace=True)
