"""Useful questions to Redis. Symbols are given by name, or by number where market.worlds has no name for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import redis

from pipelines.sinks.question import Question
from pipelines.sinks.redis_keys import WorldKeys
from pipelines.sinks.redis_policies import PolicyCache

Row = dict[str, Any]
WORLD = {"run": str, "world": int}


def symbol_of(client: redis.Redis, keys: WorldKeys, symbol: str) -> int:
    """The number of a symbol. Raises ValueError with the known names."""
    names: Any = client.hgetall(keys.symbols)
    if symbol in names:
        return int(names[symbol])
    if symbol.isdigit():
        return int(symbol)
    known = ", ".join(sorted(names)) or "none; the world has expired or is not there"
    raise ValueError(f"{symbol!r} is no symbol of {keys.prefix}; known: {known}")


def book(client: redis.Redis, run: str, world: int, symbol: str, depth: int) -> Iterator[Row]:
    """Levels from the best on, bid beside ask: both sides are read at one moment."""
    keys = WorldKeys(run, world)
    number = symbol_of(client, keys, symbol)
    with client.pipeline(transaction=True) as pipe:
        pipe.zrange(keys.levels(number, 0), 0, depth - 1, desc=True)
        pipe.zrange(keys.levels(number, 1), 0, depth - 1)
        bids, asks = ([tuple(map(int, member.split(":"))) for member in members] for members in pipe.execute())
    for level in range(max(len(bids), len(asks))):
        bid, bid_lots = bids[level] if level < len(bids) else (None, None)
        ask, ask_lots = asks[level] if level < len(asks) else (None, None)
        yield {"level": level + 1, "bid_lots": bid_lots, "bid": bid, "ask": ask, "ask_lots": ask_lots}


def ticks(client: redis.Redis, run: str, world: int) -> Iterator[Row]:
    """The last tick of each symbol."""
    keys = WorldKeys(run, world)
    with client.pipeline(transaction=True) as pipe:
        pipe.hgetall(keys.symbols)
        pipe.hgetall(keys.ticks)
        named, found = pipe.execute()
    names = {int(number): name for name, number in named.items()}
    for number, text in sorted(found.items(), key=lambda item: int(item[0])):
        yield msgspec.json.decode(text) | {"symbol": names.get(int(number), int(number))}


def leaders(client: redis.Redis, run: str, world: int, count: int) -> Iterator[Row]:
    """The richest agents."""
    found: Any = client.zrange(WorldKeys(run, world).leaders, 0, count - 1, desc=True, withscores=True)
    for place, (agent, wealth) in enumerate(found, 1):
        yield {"place": place, "agent": int(agent), "wealth": int(wealth)}


def trades(client: redis.Redis, run: str, world: int, symbol: str, count: int) -> Iterator[Row]:
    """The last trades, newest first."""
    keys = WorldKeys(run, world)
    found: Any = client.zrange(keys.trades(symbol_of(client, keys, symbol)), 0, count - 1, desc=True)
    yield from (msgspec.json.decode(text) for text in found)


def alerts(client: redis.Redis, run: str, world: int, count: int) -> Iterator[Row]:
    """The last alerts, newest first."""
    found: Any = client.xrevrange(WorldKeys(run, world).alerts, count=count)
    for entry, fields in found:
        yield {"entry": entry} | fields


def policy(client: redis.Redis, policy: str) -> Iterator[Row]:
    """A cached policy, or nothing once it has expired."""
    found = PolicyCache(client).get(policy)
    if found is not None:
        yield found


QUESTIONS: dict[str, Question] = {
    "book": Question("Depth of a symbol now: the best bid and ask, and the levels behind", book, WORLD | {"symbol": str}, {"depth": 10}),
    "ticks": Question("The last tick of each symbol of a world", ticks, WORLD),
    "leaders": Question("The richest agents: cash, and inventory at the last price (ticks x lots)", leaders, WORLD, {"count": 10}),
    "trades": Question("The last trades of a symbol", trades, WORLD | {"symbol": str}, {"count": 20}),
    "alerts": Question("The last alerts of a world", alerts, WORLD, {"count": 20}),
    "policy": Question("A policy that was put into the cache within the hour", policy, {"policy": str}),
}
