"""Concessions by the clock: Boulware, linear and conceder.

Source: Faratin, Sierra and Jennings, "Negotiation decision functions for autonomous agents", Robotics and Autonomous Systems 24 (1998).
"""

from __future__ import annotations

from typing import Any

from simulator.bargaining.negotiators.judging import answered, elapsed
from simulator.bargaining.negotiators.negotiator import Negotiator
from simulator.matching.compiled import inlined

CODE = 1
_MARGIN, _EXPONENT = range(2)


@inlined
def decide(game: Any, row: Any, numbers: Any) -> tuple[int, float]:
    """Want margin x own value at first, nothing at last; the exponent says how fast that falls."""
    best = numbers[_MARGIN] * row.value[row.turn]
    return answered(game, row, best * (1.0 - elapsed(game, row) ** (1.0 / numbers[_EXPONENT])))


class TimeDependent(Negotiator):
    """Wants margin x value x (1 - time ^ (1 / exponent)) above its reservation price, where time goes from 0 to 1.

    Parameters
    ----------
    exponent : below 1 it holds out (Boulware), 1 concedes evenly, above 1 it concedes at once (conceder).
    margin : what it wants at first, as a share of its own valuation.
    """

    code = CODE

    def __init__(self, exponent: float = 1.0, margin: float = 0.5) -> None:
        """Configure the strategy. Raises ValueError for an exponent that is not positive, or a negative margin."""
        if exponent <= 0.0 or margin < 0.0:
            raise ValueError(f"exponent {exponent} or margin {margin} is too small; give an exponent above 0 and a margin from 0")
        super().__init__(margin, exponent)
