"""What an agent held: the figures that show inventory risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.metrics.profit import time_series


@dataclass(frozen=True)
class InventoryStatistics:
    """Inventory over a history; every field has the shape of one row, in lots unless it says otherwise."""

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]  # standard deviation over the steps
    greatest: NDArray[np.float64]  # largest absolute position
    final: NDArray[np.float64]
    turnover: NDArray[np.float64]  # lots that changed hands, both directions
    flat_share: NDArray[np.float64]  # share of steps without a position


def inventory_statistics(inventory: ArrayLike) -> InventoryStatistics:
    """Statistics of `inventory`, (steps, ...) signed lots.

    >>> found = inventory_statistics([0, 2, -2, 0])
    >>> float(found.greatest), float(found.turnover), float(found.flat_share)
    (2.0, 8.0, 0.5)
    """
    held = time_series(inventory)
    return InventoryStatistics(
        mean=np.asarray(held.mean(axis=0)),
        deviation=np.asarray(held.std(axis=0)),
        greatest=np.asarray(np.abs(held).max(axis=0)),
        final=np.asarray(held[-1]),
        turnover=np.asarray(np.abs(np.diff(held, axis=0)).sum(axis=0)),
        flat_share=np.asarray((held == 0.0).mean(axis=0)),
    )
