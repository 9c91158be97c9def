"""The reward: what an agent's portfolio gained in the step, at the price that is now (mid, in half ticks)."""

from __future__ import annotations

from typing import Any

from simulator.matching.compiled import inlined


@inlined
def value_twice(own: Any, market: Any) -> int:
    """Twice the mark-to-market value of an agent, in ticks x lots: whole numbers, because a mid may lie between two ticks."""
    return 2 * own.cash + own.inventory * market.mid_twice  # type: ignore[no-any-return]


@inlined
def gain(before: int, now: int, unit: float) -> float:
    """Change of a value, in units of the reward's scale; `unit` is one over the scale in half ticks x lots."""
    return (now - before) * unit
