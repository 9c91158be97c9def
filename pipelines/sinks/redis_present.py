"""The present of a world as it lies in Redis: read back, and changed by what a batch changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

import msgspec
import redis

from pipelines.events.block import Block, rows_of
from pipelines.events.progress import Batch
from pipelines.events.words import named
from pipelines.sinks import redis_keys
from pipelines.sinks.live_book import Changes, LiveBook, Resting
from pipelines.sinks.live_world import Heads, LiveWorld, Row
from pipelines.sinks.redis_keys import WorldKeys
from pipelines.sinks.worlds import Key, Worlds

Command = tuple[Any, ...]
"""The words of a command, the key second."""


class NoNames:
    """Where nobody names ids."""

    def name(self, run_id: str, world_id: int, kind: str, number: int) -> str | None:
        """None."""
        return None


def load(client: redis.Redis, key: Key) -> LiveWorld:
    """The present as Redis has it; an empty one where it has none."""
    keys = WorldKeys(*key)
    with client.pipeline(transaction=True) as pipe:
        for name in (keys.heads, keys.ticks, keys.accounts, keys.orders):
            pipe.hgetall(name)
        heads, ticks, accounts, orders = pipe.execute()
    books: dict[int, dict[int, Resting]] = {}
    for field, text in orders.items():
        symbol, order_id = field.split(":")
        books.setdefault(int(symbol), {})[int(order_id)] = Resting(*map(int, text.split(":")))
    return LiveWorld(
        redis_keys.RECENT_TRADES,
        Heads(**{name: int(seq) for name, seq in heads.items()}),
        {symbol: LiveBook(resting) for symbol, resting in books.items()},
        {int(symbol): msgspec.json.decode(text) for symbol, text in ticks.items()},
        {account_of(field): msgspec.json.decode(text) for field, text in accounts.items()},
    )


def load_heads(client: redis.Redis, worlds: Iterable[Key]) -> list[Heads]:
    """How far the present of each world is in Redis."""
    with client.pipeline(transaction=False) as pipe:
        for key in worlds:
            pipe.hgetall(WorldKeys(*key).heads)
        return [Heads(**{name: int(seq) for name, seq in heads.items()}) for heads in pipe.execute()]


def account_of(field: str) -> tuple[int, int]:
    """Agent and symbol of a field of the accounts."""
    agent, _, symbol = field.partition(":")
    return int(agent), int(symbol)


def changes_of(key: Key, world: LiveWorld, names: Worlds | None) -> Iterator[Command]:
    """Commands that write what a batch changed of a world; each gives the final value, so that written again it is the same."""
    keys = WorldKeys(*key)
    if world.heads == Heads():
        return  # only alerts so far
    yield "HSET", keys.heads, *flat(asdict(world.heads))
    if world.changed_ticks:
        yield "HSET", keys.ticks, *flat({symbol: msgspec.json.encode(world.ticks[symbol]) for symbol in world.changed_ticks})
        known = {name: symbol for symbol in world.changed_ticks if names and (name := names.name(*key, "symbol", symbol))}
        if known:
            yield "HSET", keys.symbols, *flat(known)
    if world.changed_accounts:
        rows = {f"{agent}:{symbol}": msgspec.json.encode(world.accounts[agent, symbol]) for agent, symbol in world.changed_accounts}
        yield "HSET", keys.accounts, *flat(rows)
    if world.accounts and (world.changed_accounts or world.changed_ticks):
        yield "DEL", keys.leaders
        yield "ZADD", keys.leaders, *(item for agent, worth in world.leaders(redis_keys.LEADERS) for item in (worth, agent))
    for symbol, book in world.books.items():
        yield from _of_book(keys, symbol, book.changes())
    for symbol, trades in world.trades.items():
        yield from _of_trades(keys, key, symbol, trades, names)


def flat(pairs: Mapping[Any, Any]) -> Iterator[Any]:
    """Keys and values in turn."""
    return (item for pair in pairs.items() for item in pair)


def _of_book(keys: WorldKeys, symbol: int, changes: Changes) -> Iterator[Command]:
    if changes.resting:
        yield (
            "HSET", keys.orders,
            *flat({f"{symbol}:{order_id}": f"{side}:{price}:{left}" for order_id, (side, price, left) in changes.resting.items()}),
        )  # fmt: skip
    if changes.gone:
        yield "HDEL", keys.orders, *(f"{symbol}:{order_id}" for order_id in changes.gone)
    for side in (0, 1):
        old = [f"{price}:{lots}" for (at, price), lots in changes.before.items() if at == side and lots]
        new = [(price, f"{price}:{lots}") for (at, price), lots in changes.after.items() if at == side and lots]
        if old:
            yield "ZREM", keys.levels(symbol, side), *old
        if new:
            yield "ZADD", keys.levels(symbol, side), *(item for pair in new for item in pair)


def _of_trades(keys: WorldKeys, key: Key, symbol: int, trades: Iterable[Row], names: Worlds | None) -> Iterator[Command]:
    run_id, world_id = key
    rows: list[Any] = []
    for trade in trades:
        words = named("trades", {"run_id": run_id, "world_id": world_id} | trade, names or NoNames())
        rows += trade["seq"], msgspec.json.encode({name: words[name] for name in trade})
    yield "ZADD", keys.trades(symbol), *rows
    yield "ZREMRANGEBYRANK", keys.trades(symbol), 0, -redis_keys.RECENT_TRADES - 1


def progress_of(batch: Batch) -> Iterator[Command]:
    """Commands that write the progress that a batch makes."""
    yield "HSET", redis_keys.PROGRESS, "version", batch.version + 1
    if batch.offsets:
        yield "HSET", redis_keys.OFFSETS, *flat({f"{topic}/{partition}": at for (topic, partition), at in batch.offsets.items()})
    if batch.marks:
        yield "HSET", redis_keys.MARKS, *flat({name: msgspec.json.encode(mark) for name, mark in batch.marks.items()})


def alerts_by_world(blocks: Iterable[Block]) -> dict[Key, dict[str, Row]]:
    """The alerts of blocks by world and alert_id, in the order in which they first came."""
    found: dict[Key, dict[str, Row]] = {}
    for block in blocks:
        if block.event.name == "alerts":
            own = found.setdefault((block.head.run_id, block.head.world_id), {})
            for row in rows_of(block):
                own.setdefault(row["alert_id"], row)
    return found


def new_alerts(key: Key, alerts: Iterable[Row], names: Worlds | None, number: int) -> Iterator[Command]:
    """Commands that add alerts not added before; an entry's id is a number that rises with each batch, and the alert's place in it."""
    keys = WorldKeys(*key)
    for place, row in enumerate(alerts):
        words = named("alerts", row, names or NoNames())
        yield (
            "XADD", keys.alerts, f"{number}-{place + 1}",
            *flat({name: value for name, value in words.items() if name not in ("run_id", "world_id", "seq")}),
        )  # fmt: skip
        yield "ZADD", keys.alert_ids, number, row["alert_id"]
    yield "XTRIM", keys.alerts, "MAXLEN", redis_keys.ALERTS
    yield "ZREMRANGEBYRANK", keys.alert_ids, 0, -redis_keys.ALERT_IDS - 1
