"""What reaches the relational database beside the sink: runs and policies, and events that lie on no topic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from pipelines.events.block import Block
from pipelines.events.words import Names
from pipelines.sinks.sql_database import errors_of, made_engine, prepare
from pipelines.sinks.sql_sink import insert_new, table_rows
from pipelines.sinks.sql_tables import EVENT_TABLES, POLICIES, RUNS


def catalogue(address: str, runs: Iterable[Mapping[str, Any]] = (), policies: Iterable[Mapping[str, Any]] = ()) -> int:
    """Write runs and policies in one transaction; return how many.

    Parameters
    ----------
    address : as of the sink.
    runs : rows of the table `runs`; `created` as ISO 8601.
    policies : rows of the table `policies`, whose runs are known.

    Raises StoreUnavailable, and ValueError for a database of somebody else.
    """
    engine = made_engine(address)
    try:
        with errors_of(engine):
            prepare(engine)
            found = [{**run, "created": datetime.fromisoformat(run["created"]), "seed": str(run["seed"])} for run in runs]
            learned = [dict(policy) for policy in policies]
            with engine.begin() as connection:
                insert_new(connection, RUNS, found, replace=True)
                insert_new(connection, POLICIES, learned, replace=True)
            return len(found) + len(learned)
    finally:
        engine.dispose()


def lacking(address: str, runs: Iterable[Mapping[str, Any]] = (), policies: Iterable[Mapping[str, Any]] = ()) -> list[str]:
    """The ids of those runs and policies that the database lacks or has otherwise; what goes on meanwhile is not compared.

    Parameters and errors are those of `catalogue`.
    """
    engine = made_engine(address, writes=False)
    try:
        with errors_of(engine), engine.connect() as connection:
            there = {tuple(row) for row in connection.execute(select(RUNS.c.run_id, RUNS.c.kind, RUNS.c.seed, RUNS.c.worlds))}
            learned = {tuple(row) for row in connection.execute(select(POLICIES.c.policy_id, POLICIES.c.run_id, POLICIES.c.sha256))}
    finally:
        engine.dispose()
    absent = [run["run_id"] for run in runs if (run["run_id"], run["kind"], str(run["seed"]), run["worlds"]) not in there]
    return absent + [each["policy_id"] for each in policies if (each["policy_id"], each["run_id"], each["sha256"]) not in learned]


def add_events(address: str, blocks: Iterable[Block], names: Names) -> int:
    """Insert the events of blocks that no topic carries, such as made-up ones; how far the sink is does not change. Return how many."""
    engine = made_engine(address)
    try:
        with errors_of(engine):
            prepare(engine)
            count = 0
            with engine.begin() as connection:
                for block in blocks:
                    rows = list(table_rows(block, names))
                    insert_new(connection, EVENT_TABLES[block.event.name], rows)
                    count += len(rows)
            return count
    finally:
        engine.dispose()
