"""Take it or leave it: one price, whatever happens."""

from __future__ import annotations

from typing import Any

from simulator.bargaining.negotiators.judging import answered
from simulator.bargaining.negotiators.negotiator import Negotiator
from simulator.matching.compiled import inlined

CODE = 3


@inlined
def decide(game: Any, row: Any, numbers: Any) -> tuple[int, float]:
    """Want the same in every round."""
    return answered(game, row, numbers[0] * row.value[row.turn])


class FixedPrice(Negotiator):
    """Always offers the price that leaves it margin x value, and takes nothing less until the last chance.

    Parameters
    ----------
    margin : what it wants, as a share of its own valuation.
    """

    code = CODE

    def __init__(self, margin: float = 0.25) -> None:
        """Configure the strategy. Raises ValueError for a negative margin."""
        if margin < 0.0:
            raise ValueError(f"margin {margin} is negative; give a share from 0")
        super().__init__(margin)
