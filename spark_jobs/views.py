"""A view per table that says what its numbers mean: TABLE_named beside TABLE, with names for ids, words for codes, and the time.

The same text serves Spark SQL and DuckDB but for what `Dialect` tells.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from pyspark.sql import SparkSession

from pipelines.events.words import WORDS
from spark_jobs.catalog import SILVER, table
from spark_jobs.table import Table

SUFFIX = "_named"
WORLDS = "silver.worlds"
NAMED = ("symbol", "topic")
"""Columns whose ids silver.worlds names; the view's column is called <column>_name."""


class Dialect(NamedTuple):
    """What differs between engines: the function that makes a timestamp of microseconds since 1970."""

    timestamp: str


SPARK = Dialect("timestamp_micros")
DUCKDB = Dialect("make_timestamp")


def view_name(of: Table) -> str:
    """silver.trades_named for silver.trades."""
    return of.name + SUFFIX


def view(of: Table, dialect: Dialect) -> str:
    """The SELECT of the table's view. Its last column, `time`, is the run's start and the simulated time since, where rows have a step."""
    ids = [name for name in NAMED if name in of.schema.names and pa.types.is_integer(of.schema.field(name).type)]
    timed = {"step", "world_id"} <= set(of.schema.names) and of.name != WORLDS
    extra = [f"{name}_names.name AS {name}_name" for name in ids]
    extra += [_word(name, words) for name, words in _codes(of).items()]
    extra += [f"{dialect.timestamp}(CAST((world.start_ns + rows.step * world.step_ns) / 1000 AS BIGINT)) AS time"] * timed
    joins = [_names(name) for name in ids] + [_WORLD] * timed
    return "\n".join([f"SELECT {', '.join(['rows.*', *extra])}", f"FROM {of.name} AS rows", *joins])


def _codes(of: Table) -> dict[str, type[IntEnum]]:
    """The columns of codes; gold's tables have no event type and so none."""
    event = next((silver.event.name for silver in SILVER if silver.name == of.name), "")
    return {column: words for (of, column), words in WORDS.items() if of == event}


def _word(column: str, words: type[IntEnum]) -> str:
    cases = " ".join(f"WHEN {int(word)} THEN '{word.name.lower()}'" for word in words)
    return f"CASE rows.{column} {cases} END AS {column}_word"


def _names(column: str) -> str:
    return (
        f"LEFT JOIN (SELECT run_id, world_id, id, min(name) AS name FROM {WORLDS} WHERE kind = '{column}' GROUP BY run_id, world_id, id) "
        f"AS {column}_names ON {column}_names.run_id = rows.run_id AND {column}_names.world_id = rows.world_id "
        f"AND {column}_names.id = rows.{column}"
    )


_WORLD = (
    f"LEFT JOIN (SELECT run_id, world_id, min(start_ns) AS start_ns, min(step_ns) AS step_ns FROM {WORLDS} GROUP BY run_id, world_id) "
    "AS world ON world.run_id = rows.run_id AND world.world_id = rows.world_id"
)


def register(session: SparkSession, lake: Path, names: Iterable[str]) -> None:
    """Make tables of a lake, and their views, known to a session by their names. They are read as they are at each question."""
    known = [table(name) for name in names]
    for one in known:
        session.sql(f"CREATE SCHEMA IF NOT EXISTS {one.layer}")
        session.sql(f"CREATE TABLE IF NOT EXISTS {one.name} USING delta LOCATION '{one.path(lake).as_posix()}'")
    for one in known if WORLDS in names else ():
        session.sql(f"CREATE VIEW IF NOT EXISTS {view_name(one)} AS {view(one, SPARK)}")
