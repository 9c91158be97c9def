"""Concession for concession: what the other one gives way, it gives back.

Source: the relative and absolute tit-for-tat of Faratin, Sierra and Jennings (1998), after Axelrod, "The evolution of cooperation" (1984).
"""

from __future__ import annotations

from typing import Any

from simulator.bargaining.negotiators.judging import answered, gain_of
from simulator.bargaining.negotiators.negotiator import Negotiator
from simulator.matching.compiled import inlined

CODE = 2
_MARGIN, _RECIPROCITY = range(2)


@inlined
def decide(game: Any, row: Any, numbers: Any) -> tuple[int, float]:
    """Begin with the margin; then give way by what the other one did, times the reciprocity, but never below nothing."""
    other = 1 - row.turn
    wanted = numbers[_MARGIN] * row.value[row.turn]
    if row.before[row.turn] != 0.0:
        wanted = gain_of(row, row.before[row.turn])
        if row.earlier[other] != 0.0:
            wanted -= numbers[_RECIPROCITY] * max(gain_of(row, row.before[other]) - gain_of(row, row.earlier[other]), 0.0)
    return answered(game, row, max(wanted, 0.0))


class TitForTat(Negotiator):
    """Gives way by as much as the other one did since its offer before.

    Parameters
    ----------
    margin : what it wants at first, as a share of its own valuation.
    reciprocity : how much of a concession it returns; 1 is all of it.
    """

    code = CODE

    def __init__(self, margin: float = 0.5, reciprocity: float = 1.0) -> None:
        """Configure the strategy. Raises ValueError for negative numbers."""
        if margin < 0.0 or reciprocity < 0.0:
            raise ValueError(f"margin {margin} or reciprocity {reciprocity} is negative; give numbers from 0")
        super().__init__(margin, reciprocity)
