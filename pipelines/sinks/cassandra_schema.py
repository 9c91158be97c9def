"""The tables in Cassandra, step by step: each migration is applied once and recorded; docs/stores/cassandra.md describes the tables."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

KEYSPACE = "agora"


class Migration(NamedTuple):
    """One step. Its statements may be repeated (IF NOT EXISTS), since two sinks may begin at once."""

    version: int
    doc: str
    statements: tuple[str, ...]

    @property
    def checksum(self) -> str:
        """Of its statements, by which a changed step is noticed."""
        return hashlib.blake2b("\n".join(self.statements).encode(), digest_size=8).hexdigest()


MIGRATIONS = (
    Migration(
        1,
        "ticks and trades by symbol and simulated day, the partitions of each run, progress",
        (
            """CREATE TABLE IF NOT EXISTS {keyspace}.ticks (
                run_id text, world_id int, symbol int, day date, step int, seq bigint, time timestamp,
                best_bid bigint, best_ask bigint, last int, volume int, bid_size int, ask_size int, trades int,
                PRIMARY KEY ((run_id, world_id, symbol, day), step, seq))""",
            """CREATE TABLE IF NOT EXISTS {keyspace}.trades (
                run_id text, world_id int, symbol int, day date, step int, seq bigint, time timestamp,
                price int, size int, buyer int, seller int, buy_order_id bigint, sell_order_id bigint, aggressor int,
                PRIMARY KEY ((run_id, world_id, symbol, day), step, seq))""",
            "CREATE INDEX IF NOT EXISTS trades_by_buyer ON {keyspace}.trades (buyer) USING 'sai'",
            "CREATE INDEX IF NOT EXISTS trades_by_seller ON {keyspace}.trades (seller) USING 'sai'",
            """CREATE TABLE IF NOT EXISTS {keyspace}.partitions (
                run_id text, world_id int, event text, symbol int, day date, symbol_name text,
                PRIMARY KEY ((run_id), world_id, event, symbol, day))""",
            """CREATE TABLE IF NOT EXISTS {keyspace}.progress (
                sink text, version bigint static, kind text, name text, value text,
                PRIMARY KEY ((sink), kind, name))""",
        ),
    ),
)

_RECORD = "CREATE TABLE IF NOT EXISTS {keyspace}.migrations (version int PRIMARY KEY, doc text, checksum text)"


def migrate(session: Any, keyspace: str, replication: int) -> None:
    """Bring a keyspace to the present schema. Raises ValueError for one that is foreign, newer, or was changed by others.

    A keyspace that is there already keeps its replication.
    """
    there = keyspace in session.cluster.metadata.keyspaces
    if not there:
        options = f"{{'class': 'NetworkTopologyStrategy', 'replication_factor': {replication}}}"
        session.execute(f"CREATE KEYSPACE IF NOT EXISTS {keyspace} WITH replication = {options}")
    tables = set(session.cluster.metadata.keyspaces[keyspace].tables) if there else set()
    if tables and "migrations" not in tables:
        raise ValueError(f"keyspace {keyspace} holds tables of something else ({', '.join(sorted(tables)[:5])}); name another keyspace")
    session.execute(_RECORD.format(keyspace=keyspace))
    applied = {row.version: row.checksum for row in session.execute(f"SELECT version, checksum FROM {keyspace}.migrations")}
    check_applied(keyspace, applied)
    for migration in MIGRATIONS:
        if migration.version not in applied:
            apply(session, keyspace, migration)


def check_applied(keyspace: str, applied: dict[int, str]) -> None:
    """ValueError unless every step that a keyspace has seen is one of ours, unchanged."""
    known = {migration.version: migration.checksum for migration in MIGRATIONS}
    newest = max(known)
    for version, checksum in sorted(applied.items()):
        if version not in known:
            raise ValueError(f"keyspace {keyspace} has schema {version}, this version knows up to {newest}; use a newer one")
        if checksum != known[version]:
            raise ValueError(
                f"step {version} of keyspace {keyspace} has checksum {checksum}, here {known[version]}: another version made it; "
                "name another keyspace, or drop this one: the sink fills it again from Kafka"
            )


def apply(session: Any, keyspace: str, migration: Migration) -> None:
    """Apply a step and record it."""
    for statement in migration.statements:
        session.execute(statement.format(keyspace=keyspace))
    insert = f"INSERT INTO {keyspace}.migrations (version, doc, checksum) VALUES (%s, %s, %s)"
    session.execute(insert, (migration.version, migration.doc, migration.checksum))
