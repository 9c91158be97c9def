"""What makers earn and risk: the spread, what they lose of it to those who know more, and what their inventory exposes them to.

Source: Huang and Stoll, "Dealer versus auction markets: a paired comparison of execution costs on NASDAQ and the NYSE", Journal of
Financial Economics 41 (1996): effective half-spread = realised half-spread + price impact, the impact being adverse selection.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.types import RECORD, RecordKind, Side


@dataclass(frozen=True)
class MakingFigures:
    """Means per lot that came in, in ticks."""

    effective: float  # how far from the mid of the step before it was traded: what passive orders earn at first
    adverse: float  # by how much the mid has moved against them after the horizon
    realised: float  # what is left

    @property
    def share_lost(self) -> float:
        """Share of the effective half-spread that adverse selection takes; nan where nothing was earned."""
        return self.adverse / self.effective if self.effective > 0 else float("nan")


def making(records: NDArray[np.void], mids: ArrayLike, horizon: int) -> MakingFigures:
    """Decompose the half-spread of one symbol from its TRADE records and its mid (ticks) at the end of every step from 0 on.

    horizon : steps after which the mid is looked at. Trades of the first step and those too near the end are left out. All zero
    without a trade. Raises ValueError for a horizon below one, or other records.
    """
    if horizon < 1:
        raise ValueError(f"horizon {horizon} is not positive; look at the mid at least one step later")
    if records.dtype != RECORD:
        raise ValueError(f"records of dtype {records.dtype} are not the log's records; pass an array of simulator.types.RECORD")
    mid = np.asarray(mids, dtype=np.float64)
    trades = records[records["kind"] == RecordKind.TRADE]
    trades = trades[(trades["step"] >= 1) & (trades["step"] + horizon < len(mid))]
    if not len(trades):
        return MakingFigures(0.0, 0.0, 0.0)
    sign, lots, step = np.where(trades["side"] == Side.BUY, 1.0, -1.0), trades["size"].astype(np.float64), trades["step"]
    effective = float((sign * (trades["price"] - mid[step - 1]) * lots).sum() / lots.sum())
    adverse = float((sign * (mid[step + horizon] - mid[step - 1]) * lots).sum() / lots.sum())
    return MakingFigures(effective, adverse, effective - adverse)


def inventory_risk(inventory: ArrayLike, mids: ArrayLike) -> float:
    """Return the deviation of what an inventory (lots, per step) gains from one step's mid (ticks) to the next, in ticks x lots.

    >>> inventory_risk([10, 10, 10], [100, 101, 100])
    10.0
    """
    held, mid = np.asarray(inventory, dtype=np.float64), np.asarray(mids, dtype=np.float64)
    return float(np.std(held[:-1] * np.diff(mid))) if len(mid) > 1 else 0.0
