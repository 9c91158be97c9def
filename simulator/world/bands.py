"""The price band: nobody bids above it, nobody offers below it, and a market order trades no further than its edge."""

from __future__ import annotations

from typing import Any

from simulator.matching.compiled import inlined
from simulator.world.jit import both_ways
from simulator.world.layout import Row


@both_ways
def band_of(reference: int, width: int, tick: int) -> Any:
    """Return (lowest, highest) legal price (ticks) within `width` millionths of a reference price."""
    away = reference * width // 1_000_000
    low, high = reference - away, reference + away
    return low + -low % tick, high - high % tick


@inlined
def is_outside(market: Row, side: int, price: int) -> bool:
    """Say whether a bid lies above the market's band or an offer below it."""
    return bool(market.band_high != 0 and (price > market.band_high if side == 0 else price < market.band_low))


@inlined
def edge_of(market: Row, side: int) -> int:
    """Return the worst price at which an order of a side may trade."""
    edge: int = market.band_high if side == 0 else market.band_low
    return edge
