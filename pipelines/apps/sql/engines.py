"""Who answers questions: Spark SQL, or DuckDB without a JVM. Both know the tables and their views by the same names."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.apps.errors import UserError
from pipelines.places import Place, folder_of
from pipelines.settings import Settings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SUFFIX, WORLDS = "_named", "silver.worlds"
"""Of the views, and what names ids in them (spark_jobs.views, which takes long to load)."""
READS = re.compile(r"^(\s|\(|--[^\n]*\n|/\*.*?\*/)*(select|with|show|describe|desc|explain|values|from|table)\b", re.IGNORECASE | re.DOTALL)


class Engine(StrEnum):
    """What answers."""

    SPARK = "spark"
    DUCKDB = "duckdb"


class Answer(NamedTuple):
    """Column names and rows."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


def check_question(text: str) -> str:
    """The text of one question without its semicolon. Raises UserError for what is none, since tables are never changed here."""
    question = text.strip().rstrip(";").strip()
    if not READS.match(question):
        first = question.split()[0] if question.split() else "an empty text"
        raise UserError(f"{first!r} is no question", "begin with SELECT or WITH; tables are never changed here")
    return question


def ask(engine: Engine, chosen: Settings, query: str, limit: int) -> Answer:
    """The answer of an engine; at most `limit` rows, or all if that is 0."""
    return (ask_duckdb if engine is Engine.DUCKDB else ask_spark)(chosen, query, limit)


def ask_spark(chosen: Settings, query: str, limit: int) -> Answer:
    """The answer of Spark SQL."""
    lake = folder_of(chosen.lake_dir, "Spark SQL", "ask DuckDB: agora sql --engine duckdb")
    names = known_tables(lake)
    from pyspark.errors import AnalysisException, ParseException

    from spark_jobs import session as sessions
    from spark_jobs.questions import changes_tables
    from spark_jobs.views import register

    session = sessions.build(chosen, "agora-sql")
    register(session, lake, asked_for(query, names))
    try:
        if changes_tables(session, query):
            raise UserError(f"{query.split()[0]!r} begins what would change a table", "ask with SELECT; tables are never changed here")
        frame = session.sql(query)
        return Answer(frame.columns, [tuple(row) for row in (frame.limit(limit) if limit else frame).collect()])
    except ParseException as error:
        raise UserError(_first_line(error)) from error
    except AnalysisException as error:
        raise _refusal(error, names) from error


def asked_for(query: str, names: dict[str, Place]) -> dict[str, Place]:
    """The tables that a question names, and what their views need, since to open one takes a while; all if it names none."""
    plain = re.sub(r"\s*\.\s*", ".", query.replace("`", "").replace('"', "")).lower()
    return {name: path for name, path in names.items() if name in plain or (name == WORLDS and SUFFIX in plain)} or names


def ask_duckdb(chosen: Settings, query: str, limit: int) -> Answer:
    """The answer of DuckDB."""
    names = known_tables(chosen.lake_dir)
    import duckdb

    with duckdb.connect() as connection:
        open_in_duckdb(connection, asked_for(query, names))
        try:
            found = connection.execute(query)
            return Answer([column[0] for column in found.description or ()], found.fetchmany(limit) if limit else found.fetchall())
        except duckdb.Error as error:
            raise _refusal(error, names) from error


def open_in_duckdb(connection: DuckDBPyConnection, names: dict[str, Place]) -> None:
    """Make tables, as they are now, and their views known to a connection."""
    from spark_jobs.catalog import table
    from spark_jobs.dataset import dataset
    from spark_jobs.views import DUCKDB, view, view_name

    for name, path in names.items():
        layer, _, plain = name.partition(".")
        connection.register(f"{layer}__{plain}", dataset(path))
        connection.execute(f'CREATE SCHEMA IF NOT EXISTS {layer}; CREATE VIEW {name} AS SELECT * FROM "{layer}__{plain}"')
    for name in names if WORLDS in names else ():
        connection.execute(f"CREATE VIEW {view_name(table(name))} AS {view(table(name), DUCKDB)}")


def known_tables(lake: Place) -> dict[str, Place]:
    """The folder of each table that exists. Raises UserError if there is none."""
    from spark_jobs.catalog import present

    found = {table.name: table.path(lake) for table in present(lake)}
    if not found:
        raise UserError(f"{lake} holds no tables yet", "fill them with `agora stream --once`")
    return found


def _refusal(error: Exception, names: dict[str, Place]) -> UserError:
    text = _first_line(error)
    if "TABLE_OR_VIEW_NOT_FOUND" in text or "does not exist" in text or "SCHEMA_NOT_FOUND" in text:
        return UserError(f"{text} The tables are {', '.join(names)}")
    return UserError(text)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].strip()
