"""Who holds which place, and every decision on it, in the relational database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, func, insert, select

from pipelines.sinks.sql_database import errors_of, lock, made_engine, prepare
from pipelines.sinks.sql_tables import PROMOTIONS


class Promotion(msgspec.Struct, frozen=True, kw_only=True):
    """A decision. Its fields are those of the table promotions."""

    decision: str
    place: str
    decided: datetime
    candidate: str
    sha256: str
    opponent: str
    opponent_sha256: str
    promoted: bool
    difference: float
    low: float
    high: float
    markets: int
    verdict: str


class IncumbentChanged(Exception):
    """Another one was promoted while a candidate was judged against the one before."""


class Promotions:
    """The decisions in one database.

    Parameters
    ----------
    engine : of a database whose schema is up to date.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def incumbent(self, place: str) -> Promotion | None:
        """The decision by which the incumbent came to a place; None while nobody holds it."""
        with self._engine.connect() as connection:
            return _last(connection, place)

    def incumbents(self) -> list[Promotion]:
        """The incumbent of each place, by place."""
        with self._engine.connect() as connection:
            places = connection.execute(select(PROMOTIONS.c.place).where(PROMOTIONS.c.promoted).distinct()).scalars().all()
            return [found for found in (_last(connection, place) for place in sorted(places)) if found]

    def of(self, place: str) -> list[Promotion]:
        """All decisions on a place, the last first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(PROMOTIONS).where(PROMOTIONS.c.place == place).order_by(PROMOTIONS.c.number.desc()))
            return [_read(row) for row in rows.mappings()]

    def made(self, decision: str) -> Promotion | None:
        """A decision by its id; None if it was not made yet."""
        with self._engine.connect() as connection:
            row = connection.execute(select(PROMOTIONS).where(PROMOTIONS.c.decision == decision)).mappings().first()
            return _read(row) if row else None

    def record(self, promotion: Promotion) -> Promotion:
        """Store a decision, unless it was made meanwhile, and return the stored one.

        Raises IncumbentChanged if it would promote over another incumbent than the one that the candidate was judged against.
        """
        with self._engine.begin() as connection:
            lock(connection)
            row = connection.execute(select(PROMOTIONS).where(PROMOTIONS.c.decision == promotion.decision)).mappings().first()
            if row:
                return _read(row)
            holder = _last(connection, promotion.place)
            if (holder.sha256 if holder else "") != promotion.opponent_sha256:
                raise IncumbentChanged(f"{promotion.place} has another incumbent since {promotion.candidate} was judged; judge it again")
            number = 1 + (connection.execute(select(func.max(PROMOTIONS.c.number))).scalar() or 0)
            connection.execute(insert(PROMOTIONS).values(number=number, **msgspec.structs.asdict(promotion)))
        return promotion


@contextmanager
def open_promotions(address: str) -> Iterator[Promotions]:
    """The decisions of the database at an address, as of the sink; raises as that does."""
    engine = made_engine(address)
    try:
        with errors_of(engine):
            prepare(engine)
            yield Promotions(engine)
    finally:
        engine.dispose()


def _last(connection: Connection, place: str) -> Promotion | None:
    query = select(PROMOTIONS).where(PROMOTIONS.c.place == place, PROMOTIONS.c.promoted).order_by(PROMOTIONS.c.number.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return _read(row) if row else None


def _read(row: Any) -> Promotion:
    found = {name: row[name] for name in Promotion.__struct_fields__}
    decided: datetime = found["decided"]
    return Promotion(**(found | {"decided": decided if decided.tzinfo else decided.replace(tzinfo=UTC)}))  # SQLite keeps no zone
