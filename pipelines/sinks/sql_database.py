"""The relational database: SQLite in one file, or PostgreSQL; brought to this program's schema when it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError, ProgrammingError

from pipelines.ports import StoreUnavailable
from pipelines.sinks.sql_tables import metadata

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
LOCK_KEY = 4_702_111_234_474_983_745  # of PostgreSQL's advisory lock; any number that nobody else takes
BUSY_SECONDS = 5
DENIED = ("password authentication failed", "no pg_hba.conf entry", "permission denied", "no password supplied")
LACKING = ("no such table", "no such column", "does not exist")


def made_engine(address: str, *, writes: bool = True) -> Engine:
    """An engine; nothing is sent yet. A SQLite writer takes its lock when a transaction begins.

    Raises ValueError for an address that is none.
    """
    try:
        url = make_url(address)
        if url.drivername in ("postgres", "postgresql"):
            url = url.set(drivername="postgresql+psycopg")
        if url.get_backend_name() not in ("sqlite", "postgresql"):
            raise ValueError(
                f"a {url.get_backend_name()} database is none of sqlite and postgresql; set AGORA_DATABASE_URL to one of those"
            )
        options: dict[str, Any] = {"timeout": BUSY_SECONDS} if url.get_backend_name() == "sqlite" else {"connect_timeout": BUSY_SECONDS}
        engine = create_engine(url, connect_args=options)
    except (ArgumentError, NoSuchModuleError) as error:
        raise ValueError(
            f"the address of the database is no sqlite:////folder/agora.db or postgresql://user:password@host:port/name "
            f"({type(error).__name__}); set AGORA_DATABASE_URL"
        ) from None
    if engine.dialect.name == "sqlite":
        _tune_sqlite(engine, writes)
    return engine


def open_connection(address: str) -> Connection:
    """A connection that only reads, for questions."""
    return made_engine(address, writes=False).connect()


def _tune_sqlite(engine: Engine, writes: bool) -> None:
    if engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, record: object) -> None:
        connection.isolation_level = None  # transactions begin where SQLAlchemy says so
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def lock(connection: Connection) -> None:
    """Let one process at a time change the schema; SQLite has taken its lock already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})


def prepare(engine: Engine) -> None:
    """Bring the schema up to date. Raises ValueError for a database that is somebody else's, or of a later version of this program."""
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    with engine.begin() as connection:
        lock(connection)
        revision = MigrationContext.configure(connection).get_current_revision()
        if revision == scripts.get_current_head():
            return
        _refuse_foreign(connection, revision, {script.revision for script in scripts.walk_revisions()})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _refuse_foreign(connection: Connection, revision: str | None, known: set[str]) -> None:
    another = "set AGORA_DATABASE_URL to another database"
    if revision is not None and revision not in known:
        raise ValueError(
            f"the database {place(connection.engine)} has revision {revision!r}, which this program does not know: "
            f"use the later version that wrote it, or {another}"
        )
    taken = sorted(set(metadata.tables).intersection(inspect(connection).get_table_names()))
    if revision is None and taken:
        raise ValueError(f"the database {place(connection.engine)} holds a table {taken[0]!r} that is not this product's; {another}")


@contextmanager
def errors_of(engine: Engine) -> Iterator[None]:
    """Say in this product's words what is wrong with the database; errors of the program pass."""
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).strip().partition("\n")[0][:300]
        if any(words in said for words in DENIED):
            raise ValueError(
                f"the database {place(engine)} refuses the user: {said}; set AGORA_DATABASE_URL to one that may write"
            ) from None
        if isinstance(error, OperationalError | ProgrammingError) and any(words in said for words in LACKING):
            raise ValueError(
                f"the database {place(engine)} lacks what it had: {said}; restore it from a copy, or begin with an empty one"
            ) from error
        if "file is not a database" in said:
            raise ValueError(f"{place(engine)} is no SQLite database; set AGORA_DATABASE_URL to another file") from None
        if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError):
            raise StoreUnavailable(
                f"the database {place(engine)} does not answer, or not now: {said}; see `agora stack status`, or set AGORA_DATABASE_URL"
            ) from error
        raise


def place(engine: Engine) -> str:
    """Where the database is, without user and password."""
    url = engine.url
    return url.database or ":memory:" if url.get_backend_name() == "sqlite" else f"{url.host}:{url.port or 5432}/{url.database}"
