"""Bargaining on a belief: a Gaussian over what the other one would take at most, moved by every offer.

Source: the belief of Zeng and Sycara, "Bayesian learning in negotiation", International Journal of Human-Computer Studies 48 (1998), in
the form mean += learn x (offer - mean), variance x (1 - settle) (protocol.GAME).
"""

from __future__ import annotations

from math import sqrt
from typing import Any

from simulator.bargaining.negotiators.judging import answered, elapsed, gain_of
from simulator.bargaining.negotiators.negotiator import Negotiator
from simulator.matching.compiled import inlined

CODE = 5
_GREED, _CAUTION = range(2)


@inlined
def decide(game: Any, row: Any, numbers: Any) -> tuple[int, float]:
    """Want a share of the zone that it believes in, less what it doubts, the more modest the later."""
    zone = max(gain_of(row, row.belief[row.turn]) - numbers[_CAUTION] * sqrt(row.doubt[row.turn]), 0.0)
    share = numbers[_GREED] + (0.5 - numbers[_GREED]) * elapsed(game, row)
    return answered(game, row, share * zone)


class BeliefBased(Negotiator):
    """Wants a share of the surplus that it believes there is, from `greed` at first to a half at last.

    Parameters
    ----------
    greed : share of the believed surplus that it wants at first.
    caution : deviations of its doubt by which it takes the surplus to be smaller.
    """

    code = CODE

    def __init__(self, greed: float = 0.9, caution: float = 0.0) -> None:
        """Configure the strategy. Raises ValueError for a share that is none, or negative caution."""
        if not 0.0 <= greed <= 1.0 or caution < 0.0:
            raise ValueError(f"greed {greed} is no share or caution {caution} is negative; give 0..1 and a number from 0")
        super().__init__(greed, caution)
