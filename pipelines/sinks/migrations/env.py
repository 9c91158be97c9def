"""Alembic's entry: with the connection that the sink hands over, otherwise on the database that the settings name."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from pipelines.sinks.sql_tables import metadata


def migrate(connection: Connection) -> None:
    """Bring the database to the wanted revision."""
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    """Run the migrations."""
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate(given)
        return
    from pipelines.local_stack.stack import database_url
    from pipelines.settings import settings
    from pipelines.sinks.sql_database import lock, made_engine

    address = database_url(settings())
    if context.is_offline_mode():
        context.configure(url=address, target_metadata=metadata, literal_binds=True)
        with context.begin_transaction():
            context.run_migrations()
        return
    engine = made_engine(address)
    with engine.begin() as connection:
        lock(connection)
        migrate(connection)
    engine.dispose()


main()
