"""The reward: what an agent's portfolio gained in the step, at the price that is now (mid, in half ticks), or with its luck left out.

Damped: every lot that changed hands counts by how far its price lay from the fundamental value before the step, whatever the value did
afterwards. What an inventory gains because the value moves is chance (the value is a martingale but for its slow reversion), and large
beside what a good action is worth; leaving it out changes what is expected by little and the noise by much. So Spooner, Fearnley, Savani
and Koukorinis, "Market making via reinforcement learning" (2018), who damp gains of inventory; here the value is known to the market.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.matching.compiled import inlined

ACCOUNT = np.dtype(
    [
        ("value", "i8"),  # twice the mark-to-market value, in ticks x lots
        ("cash", "i8"),  # ticks x lots
        ("inventory", "i8"),  # lots
        ("fair", "f8"),  # the fundamental value, in ticks
    ],
    align=True,
)
"""What an agent had when it was last looked at."""


@inlined
def value_twice(own: Any, market: Any) -> int:
    """Twice the mark-to-market value of an agent, in ticks x lots: whole numbers, because a mid may lie between two ticks."""
    return 2 * own.cash + own.inventory * market.mid_twice  # type: ignore[no-any-return]


@inlined
def gain(before: Any, now: int, unit: float) -> float:
    """Change of a value since an ACCOUNT, in units of the reward's scale; `unit` is one over the scale in half ticks x lots."""
    return (now - before.value) * unit  # type: ignore[no-any-return]


@inlined
def damped_gain(before: Any, own: Any, unit: float) -> float:
    """What the trades since an ACCOUNT were worth at the fundamental value then, fees paid; `unit` as for `gain`."""
    return 2.0 * (own.cash - before.cash + (own.inventory - before.inventory) * before.fair) * unit  # type: ignore[no-any-return]


@inlined
def note(before: Any, own: Any, now: int, fair: float) -> None:
    """Bring an ACCOUNT up to date."""
    before.value = now
    before.cash = own.cash
    before.inventory = own.inventory
    before.fair = fair
