"""How well agents deal with each other, and how different from each other they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.types import RECORD, DealStep, Protocol, RecordKind


@dataclass(frozen=True)
class Cooperation:
    """Shares of deals between two, each 0 where there was nothing to count."""

    agreed: float  # of the negotiations that began
    kept: float  # of the contracts that fell due
    settled: float  # of the disputes that ended

    @property
    def score(self) -> float:
        """Geometric mean of what is agreed and what is kept of that: 0 where nobody agrees or nobody keeps its word, 1 at best."""
        return sqrt(self.agreed * self.kept)


def cooperation(records: NDArray[np.void]) -> Cooperation:
    """Count NEGOTIATION records of bilateral deals (others are ignored). Raises ValueError for other records."""
    if records.dtype != RECORD:
        raise ValueError(f"records of dtype {records.dtype} are not the log's records; pass an array of simulator.types.RECORD")
    steps = records[(records["kind"] == RecordKind.NEGOTIATION) & (records["time_in_force"] == Protocol.BILATERAL)]["reason"]
    number = {step: int((steps == step).sum()) for step in DealStep}
    due = number[DealStep.DELIVERED] + number[DealStep.DEFAULTED]
    ended = number[DealStep.SETTLED] + number[DealStep.UNSETTLED]
    return Cooperation(
        agreed=number[DealStep.AGREED] / max(number[DealStep.OFFERED], 1),
        kept=number[DealStep.DELIVERED] / max(due, 1),
        settled=number[DealStep.SETTLED] / max(ended, 1),
    )


def strategy_diversity(types: Sequence[str], weights: ArrayLike | None = None) -> float:
    """Return the effective number of strategies: as many equally strong ones would be as diverse.

    weights : what each agent counts, such as its lots traded; without, each the same. 0 where nothing counts.

    Source: Hill, "Diversity and evenness: a unifying notation and its consequences", Ecology 54 (1973), of order one.

    >>> strategy_diversity(["noise", "noise", "maker", "maker"])
    2.0
    """
    heights = np.ones(len(types)) if weights is None else np.asarray(weights, dtype=np.float64)
    if len(heights) != len(types):
        raise ValueError(f"{len(heights)} weights for {len(types)} agents; pass one for each")
    total = float(heights.sum())
    if total <= 0.0:
        return 0.0
    shares = np.array([heights[np.array(types) == kind].sum() / total for kind in sorted(set(types))])
    shares = shares[shares > 0.0]
    return round(float(np.exp(-(shares * np.log(shares)).sum())), 12)
