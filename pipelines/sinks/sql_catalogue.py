"""Runs and policies in the relational database: what comes again replaces what was there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pipelines.sinks.sql_database import errors_of, made_engine, prepare
from pipelines.sinks.sql_sink import insert_new
from pipelines.sinks.sql_tables import POLICIES, RUNS


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
