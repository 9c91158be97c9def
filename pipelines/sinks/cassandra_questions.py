"""Useful questions to Cassandra; the client is `cassandra_session.connect(address, KEYSPACE)`.

Symbols are given by name or number, days as 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any

from pipelines.sinks.cassandra_session import ask
from pipelines.sinks.question import Question

Row = dict[str, Any]
PARTITION = "run_id = ? AND world_id = ? AND symbol = ? AND day = ?"
WORLD = {"run": str, "world": int}
EPOCH = datetime(1970, 1, 1)
SYMBOL_ON_DAY = WORLD | {"symbol": str, "day": str}


def partitions_of(session: Any, event: str, run: str, world: int) -> list[tuple[Any, ...]]:
    """Symbol, its name, and day of each partition of a world."""
    query = f"SELECT symbol, symbol_name, day FROM {session.keyspace}.partitions WHERE run_id = ? AND world_id = ? AND event = ?"
    return [tuple(row) for row in ask(session, query, run, world, event)]


def days_of(session: Any, event: str, run: str, world: int, symbol: str) -> tuple[int, list[Any]]:
    """The number of a symbol and the days on which it has rows. Raises ValueError with the known names."""
    there = partitions_of(session, event, run, world)
    numbers = [number for number, name, _ in there if symbol in (name, str(number))]
    if not numbers:
        known = ", ".join(sorted({name or str(number) for number, name, _ in there})) or f"none; there are no {event} of that world"
        raise ValueError(f"{symbol!r} is no symbol of world {world} of run {run}; known: {known}")
    return numbers[0], sorted(day for number, _, day in there if number == numbers[0])


def on_day(session: Any, event: str, run: str, world: int, symbol: str, day: str) -> Any:
    """All rows of a partition in order, read page by page. Raises ValueError for what is no day or no symbol."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        raise ValueError(f"day={day!r} is no day; give one like 2026-11-21") from None
    number, _ = days_of(session, event, run, world, symbol)
    return ask(session, f"SELECT * FROM {session.keyspace}.{event} WHERE {PARTITION}", run, world, number, wanted)


def ticks(session: Any, run: str, world: int, symbol: str, day: str, count: int) -> Iterator[Row]:
    """The first ticks of a symbol on a simulated day."""
    return (shown(row) for row in islice(on_day(session, "ticks", run, world, symbol, day), count))


def candles(session: Any, run: str, world: int, symbol: str, day: str, seconds: int) -> Iterator[Row]:
    """Open, high, low, close and volume of each span of simulated time in which there were trades."""
    if seconds < 1:
        raise ValueError(f"seconds={seconds} is no length of a candle; give at least 1")
    candle: Row = {}
    for trade in on_day(session, "trades", run, world, symbol, day):
        begin = start_of(trade.time, seconds)
        if candle and candle["begin"] != begin.isoformat():
            yield candle
            candle = {}
        price = trade.price
        if not candle:
            candle = {"begin": begin.isoformat(), "open": price, "high": price, "low": price, "close": price, "volume": 0, "trades": 0}
        candle |= {"high": max(candle["high"], price), "low": min(candle["low"], price), "close": price}
        candle["volume"] += trade.size
        candle["trades"] += 1
    if candle:
        yield candle


def start_of(time: datetime, seconds: int) -> datetime:
    """The start of the span of so many seconds since 1970 in which a time lies."""
    return time - (time - EPOCH) % timedelta(seconds=seconds)


def last_trades(session: Any, run: str, world: int, symbol: str, count: int) -> Iterator[Row]:
    """The last trades of a symbol, newest first; the newest day is asked first."""
    number, days = days_of(session, "trades", run, world, symbol)
    query = f"SELECT * FROM {session.keyspace}.trades WHERE {PARTITION} ORDER BY step DESC, seq DESC LIMIT ?"
    left = count
    for day in reversed(days):
        if left <= 0:
            return
        rows = ask(session, query, run, world, number, day, left).all()
        left -= len(rows)
        yield from (shown(row) for row in rows)


def trades_of(session: Any, run: str, world: int, agent: int, count: int) -> Iterator[Row]:
    """The first trades of an agent in all symbols of a world, in order. Each partition is asked by its two indices."""
    found = []
    for number, _, day in partitions_of(session, "trades", run, world):
        for role in ("buyer", "seller"):
            query = f"SELECT * FROM {session.keyspace}.trades WHERE {PARTITION} AND {role} = ? LIMIT ?"
            found.append([shown(row) for row in ask(session, query, run, world, number, day, agent, count)])
    trades = {row["seq"]: row for row in merge(*found, key=lambda row: row["seq"])}  # one with itself is found twice
    return islice(iter(trades.values()), count)


def shown(row: Any) -> Row:
    """A row with a day and a time that anybody can read."""
    return {**row._asdict(), "day": str(row.day), "time": row.time.isoformat(timespec="milliseconds")}


QUESTIONS: dict[str, Question] = {
    "ticks": Question("The first ticks of a symbol on a simulated day", ticks, SYMBOL_ON_DAY, {"count": 1000}),
    "candles": Question("Candles of a symbol on a simulated day", candles, SYMBOL_ON_DAY, {"seconds": 3600}),
    "trades": Question("The last trades of a symbol, newest first", last_trades, WORLD | {"symbol": str}, {"count": 20}),
    "agent": Question("The trades of an agent, oldest first", trades_of, WORLD | {"agent": int}, {"count": 1000}),
}
