"""What people see instead of integers: names of agents and symbols, prices and money in currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_DECIMALS = 6


@dataclass(frozen=True)
class Display:
    """How a world's integers read.

    Parameters
    ----------
    agents : name of each agent, by id, like MM_01.
    symbols : name of each symbol, by id.
    tick_values : currency per tick of each symbol's price.
    trades : (agents,) int64: the symbol that each agent trades, in whose ticks its money counts.
    cash : (agents,) int64, ticks x lots: what each begins with.
    inventory : (agents, symbols) int64, lots: what each begins with.
    prices : (symbols,) int64, ticks: where each symbol begins.
    beyond : what happens beside trading: some of the names in csv_beyond.COLUMNS.
    """

    agents: Sequence[str]
    symbols: Sequence[str]
    tick_values: Sequence[float]
    trades: NDArray[np.int64]
    cash: NDArray[np.int64]
    inventory: NDArray[np.int64]
    prices: NDArray[np.int64]
    beyond: Sequence[str] = ()

    def price(self, ticks: NDArray[Any], symbol: NDArray[Any] | int = 0) -> NDArray[np.float64]:
        """Prices in currency from prices in ticks of the given symbols."""
        price: NDArray[np.float64] = np.round(ticks * np.asarray(self.tick_values, np.float64)[symbol], _DECIMALS)
        return price

    def money(self, amount: NDArray[Any]) -> NDArray[np.float64]:
        """(..., agents) currency from ticks x lots of each agent."""
        money: NDArray[np.float64] = np.round(amount * np.asarray(self.tick_values, np.float64)[self.trades], _DECIMALS)
        return money


def agent_names(types: Sequence[str]) -> list[str]:
    """Names that say what an agent does, numbered among those with the same prefix.

    >>> agent_names(["market_maker", "trend_follower", "market_maker", "arbitrage"])
    ['MM_01', 'Trend_01', 'MM_02', 'Arb_01']
    """
    numbers: dict[str, int] = {}
    names = []
    for kind in types:
        prefix = short_type(kind)
        numbers[prefix] = numbers.get(prefix, 0) + 1
        names.append(f"{prefix}_{numbers[prefix]:02d}")
    return names


_SHORT = {
    "market_maker": "MM", "arbitrage": "Arb", "trend_follower": "Trend", "trend_momentum": "TrendMom", "mean_reversion": "MeanRev",
    "statistical_arbitrage": "StatArb", "random_trader": "Random", "splitter": "Splitter",
}  # fmt: skip


def short_type(kind: str) -> str:
    """The prefix of a trader type in names: a known abbreviation, or its words in one; of module:Class the class.

    >>> short_type("trend_follower"), short_type("noise"), short_type("my.module:Spread_Lover")
    ('Trend', 'Noise', 'SpreadLover')
    """
    words = kind.rpartition(":")[2].split("_")
    return _SHORT.get(kind) or "".join(word[:1].upper() + word[1:] for word in words)
