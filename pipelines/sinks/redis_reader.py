"""The present of a world as Redis tells it, to be compared with what the log or silver says."""

from __future__ import annotations

from typing import Any, NamedTuple

from pipelines.sinks.live_world import Account, Heads, Row
from pipelines.sinks.redis_keys import WorldKeys
from pipelines.sinks.redis_present import load
from pipelines.sinks.redis_sink import connect, translated

Level = tuple[int, int]
"""(symbol, side)."""


class State(NamedTuple):
    """What a world has come to. `heads.orders_since` tells whether the levels are whole (-1)."""

    heads: Heads
    ticks: dict[int, Row]  # the last by symbol
    levels: dict[Level, dict[int, int]]  # lots by price; no entry for a side without orders
    accounts: dict[Account, Row]  # the last by agent and symbol


class RedisReader:
    """Reads worlds.

    Parameters
    ----------
    address : as of RedisSink; a user that may only read is enough.
    """

    events = ("orders", "ticks", "agents")

    def __init__(self, address: str) -> None:
        self._address, self._client = address, connect(address)

    def state(self, run_id: str, world_id: int) -> State:
        """All of a world at one moment. Raises ValueError if Redis has nothing of it, StoreUnavailable if it does not answer."""
        keys = WorldKeys(run_id, world_id)
        with translated(self._address):
            while True:
                world = load(self._client, (run_id, world_id))
                sides = [(symbol, side) for symbol in sorted(world.symbols) for side in (0, 1)]
                found = self._levels(keys, sides)
                if found["heads"] == world.heads:
                    break
        if world.heads == Heads():
            raise ValueError(f"Redis has nothing of world {world_id} of run {run_id}: it expired, or was never written")
        levels = {side: {int(price): int(lots) for price, lots in rows} for side, rows in zip(sides, found["rows"], strict=True) if rows}
        return State(world.heads, world.ticks, levels, world.accounts)

    def _levels(self, keys: WorldKeys, sides: list[Level]) -> dict[str, Any]:
        with self._client.pipeline(transaction=True) as pipe:
            pipe.hgetall(keys.heads)
            for symbol, side in sides:
                pipe.zrange(keys.levels(symbol, side), 0, -1)
            heads, *rows = pipe.execute()
        return {
            "heads": Heads(**{name: int(seq) for name, seq in heads.items()}),
            "rows": [[member.split(":") for member in members] for members in rows],
        }

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()
