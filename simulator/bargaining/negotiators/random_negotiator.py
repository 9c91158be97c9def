"""Chance alone: for tests, and as the floor that every strategy must clear."""

from __future__ import annotations

from typing import Any

from simulator.bargaining.negotiators.judging import ACCEPT, COUNTER, WALK_AWAY, uniform
from simulator.bargaining.negotiators.negotiator import Negotiator
from simulator.matching.compiled import inlined

CODE = 4
_ACCEPTS, _WALKS = range(2)


@inlined
def decide(game: Any, row: Any, numbers: Any) -> tuple[int, float]:
    """Accept, walk away, or name any legal price."""
    draw = uniform(row)
    if draw < numbers[_ACCEPTS] and row.standing >= 0:
        return ACCEPT, 0.0
    if draw >= 1.0 - numbers[_WALKS]:
        return WALK_AWAY, 0.0
    return COUNTER, game.low + (game.high - game.low) * uniform(row)


class RandomNegotiator(Negotiator):
    """Accepts or walks away by chance, and otherwise offers any legal price, each as likely; its valuation does not matter to it.

    Parameters
    ----------
    accepts : chance of accepting a standing offer.
    walks : chance of walking away.
    """

    code = CODE

    def __init__(self, accepts: float = 0.2, walks: float = 0.02) -> None:
        """Configure the strategy. Raises ValueError for chances that are none, or above one together."""
        if accepts < 0.0 or walks < 0.0 or accepts + walks > 1.0:
            raise ValueError(f"chances {accepts} and {walks} are negative or above 1 together; lower one")
        super().__init__(accepts, walks)
