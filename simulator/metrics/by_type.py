"""Figures per trader type: one row per strategy, as the comparison tables and charts print them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.metrics.inventory import inventory_statistics
from simulator.metrics.profit import time_series, total_profit
from simulator.metrics.risk import max_drawdown, sharpe_ratio, value_at_risk


@dataclass(frozen=True)
class TypeFigures:
    """Means over the agents of one type; money in the unit of the values passed in."""

    type_name: str
    agents: int
    profit: float
    best_profit: float
    worst_profit: float
    sharpe: float
    drawdown: float
    value_at_risk: float
    greatest_inventory: float  # lots
    turnover: float  # lots


def figures_by_type(values: ArrayLike, inventory: ArrayLike, type_of: ArrayLike, names: Sequence[str]) -> list[TypeFigures]:
    """One row per type that has agents, in the order of `names`.

    Parameters
    ----------
    values, inventory : (steps, agents) mark-to-market value and signed lots.
    type_of : (agents,) index into `names`.

    Raises
    ------
    ValueError : the shapes disagree or an index has no name.
    """
    worth, held, types = time_series(values), time_series(inventory), np.asarray(type_of, dtype=np.int64)
    if worth.ndim != 2 or held.shape != worth.shape or types.shape != worth.shape[1:]:
        raise ValueError(
            f"values {worth.shape}, inventory {held.shape} and types {types.shape} disagree; use (steps, agents) twice and (agents,)"
        )
    if types.size and not 0 <= types.min() <= types.max() < len(names):
        raise ValueError(f"types reach from {types.min()} to {types.max()} but {len(names)} names were given; name every type")
    return [_figures(name, worth[:, types == i], held[:, types == i]) for i, name in enumerate(names) if np.any(types == i)]


def mean_by_type(figure: ArrayLike, type_of: ArrayLike, types: int) -> NDArray[np.float64]:
    """Mean of a per-agent figure (agents,) for each of `types` types; NaN for a type without agents.

    >>> mean_by_type([1.0, 3.0, 10.0], [0, 0, 2], 3).tolist()
    [2.0, nan, 10.0]
    """
    owners, values = np.asarray(type_of, dtype=np.int64), np.asarray(figure, dtype=np.float64)
    counts = np.bincount(owners, minlength=types)
    sums = np.bincount(owners, weights=values, minlength=types)
    return np.asarray(np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0))


def _figures(name: str, values: NDArray[np.float64], inventory: NDArray[np.float64]) -> TypeFigures:
    profit, held = total_profit(values), inventory_statistics(inventory)
    return TypeFigures(
        type_name=name,
        agents=values.shape[1],
        profit=float(profit.mean()),
        best_profit=float(profit.max()),
        worst_profit=float(profit.min()),
        sharpe=float(sharpe_ratio(values).mean()),
        drawdown=float(max_drawdown(values).mean()),
        value_at_risk=float(value_at_risk(values).mean()),
        greatest_inventory=float(held.greatest.mean()),
        turnover=float(held.turnover.mean()),
    )
