"""The names of everything kept in Redis, and how much of it is kept and for how long. docs/stores/redis.md describes what lies there."""

from __future__ import annotations

from pipelines.events.vocabulary import Side

SCHEMA = "1"
"""Of the keys and values below; a database of another one is refused."""

PROGRESS = "agora:sink:redis"
OFFSETS = "agora:sink:redis:offsets"
MARKS = "agora:sink:redis:marks"

KEPT_SECONDS = 24 * 60 * 60
"""After the last write to a world, all of it expires."""

POLICY_SECONDS = 3600
RECENT_TRADES = 200
"""Of each symbol."""
LEADERS = 100
"""Of each world."""
ALERTS = 1000
"""Of each world, in its stream."""
ALERT_IDS = 100_000
"""Of each world, by which a repeated alert is known."""


def policy(policy_id: str) -> str:
    """The key of a cached policy."""
    return f"agent_policy:{policy_id}"


class WorldKeys:
    """The keys of one world."""

    def __init__(self, run_id: str, world_id: int) -> None:
        self.prefix = f"agora:{run_id}:{world_id}"
        self.heads = f"{self.prefix}:heads"
        self.symbols = f"{self.prefix}:symbols"
        self.ticks = f"{self.prefix}:ticks"
        self.orders = f"{self.prefix}:orders"
        self.accounts = f"{self.prefix}:accounts"
        self.leaders = f"{self.prefix}:leaders"
        self.alerts = f"{self.prefix}:alerts"
        self.alert_ids = f"{self.prefix}:alerts:ids"

    def levels(self, symbol: int, side: int) -> str:
        """Where a side of a book lies."""
        return f"{self.prefix}:{'bids' if side == Side.BUY else 'asks'}:{symbol}"

    def trades(self, symbol: int) -> str:
        """Where the recent trades of a symbol lie."""
        return f"{self.prefix}:trades:{symbol}"

    def all(self, symbols: set[int]) -> list[str]:
        """Every key of a world of these symbols."""
        single = [self.heads, self.symbols, self.ticks, self.orders, self.accounts, self.leaders, self.alerts, self.alert_ids]
        of_symbols = [key for symbol in sorted(symbols) for key in (self.levels(symbol, 0), self.levels(symbol, 1), self.trades(symbol))]
        return single + of_symbols
