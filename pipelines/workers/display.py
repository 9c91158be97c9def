"""What people see instead of integers: names of agents and symbols, prices and money in currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

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
    tick_value : currency per tick of price.
    lot_units : units of the good per lot.
    cash : (agents,) int64, ticks x lots: what each begins with.
    inventory : (agents, symbols) int64, lots: what each begins with.
    prices : (symbols,) int64, ticks: where each symbol begins.
    """

    agents: Sequence[str]
    symbols: Sequence[str]
    tick_value: float = 0.01
    lot_units: float = 1.0
    cash: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    inventory: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    prices: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def price(self, ticks: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.float64]:
        """Prices in currency from prices in ticks."""
        return np.round(np.asarray(ticks, np.float64) * self.tick_value, _DECIMALS)

    def quantity(self, lots: NDArray[np.int64]) -> NDArray[np.float64] | NDArray[np.int64]:
        """Quantities in units from lots; whole numbers stay whole."""
        return lots if self.lot_units == 1.0 else np.round(lots * self.lot_units, _DECIMALS)

    def money(self, amount: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.float64]:
        """Currency from ticks x lots."""
        return np.round(np.asarray(amount, np.float64) * (self.tick_value * self.lot_units), _DECIMALS)


def agent_names(types: Sequence[str]) -> list[str]:
    """Names that say what an agent does, numbered within its type.

    >>> agent_names(["market_maker", "trend_follower", "market_maker", "arbitrage"])
    ['MM_01', 'Trend_01', 'MM_02', 'Arb_01']
    """
    numbers: dict[str, int] = {}
    names = []
    for kind in types:
        numbers[kind] = numbers.get(kind, 0) + 1
        names.append(f"{short_type(kind)}_{numbers[kind]:02d}")
    return names


_SHORT = {"market_maker": "MM", "arbitrage": "Arb", "mean_reversion": "MeanRev"}


def short_type(kind: str) -> str:
    """The prefix of a trader type in names: known abbreviations, otherwise its first word with a capital.

    >>> short_type("trend_follower"), short_type("noise")
    ('Trend', 'Noise')
    """
    return _SHORT.get(kind, kind.split("_")[0].capitalize())
