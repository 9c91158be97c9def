"""What a model thought of the earlier candidates of the same suspects.

Who manipulated before does it again, and most who look like it once never do: a second model that knows of the earlier candidates is right
more often than one that judges each for itself. It looks at those candidates only that the first one finds possible, and so learns from the
hard ones (a cascade: Viola and Jones, "Rapid object detection using a boosted cascade of simple features", 2001).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spark_jobs.detection.columns import Array

LEAST = 0.02  # score of the first model from which a candidate is worth a second look
FEATURES = (
    "odds",  # log-odds of the first model
    "earlier",  # candidates before that were worth a second look, those that begin together counting as one
    "earlier_odds",  # mean of their log-odds, the newest weighing a tenth at least
)
_NEAR = 5  # steps within which candidates begin together
_NEWEST = 0.1
_NOTHING = -6.0  # log-odds of who has no earlier candidate: less than any has


@dataclass
class History:
    """The suspects of one kind in one symbol.

    Parameters
    ----------
    known : suspects -> earlier candidates, the mean of their log-odds, when the latest one began and its log-odds.
    """

    known: dict[tuple[int, ...], tuple[int, float, int, float]] = field(default_factory=dict)

    def features(self, suspects: list[tuple[int, ...]], begun: list[int], odds: list[float]) -> NDArray[np.float64]:
        """FEATURES (n, 3) of candidates that were worth a second look, in the order in which they came up; they are known from then on."""
        rows = np.empty((len(odds), len(FEATURES)))
        for place, (who, step, sure) in enumerate(zip(suspects, begun, odds, strict=True)):
            rows[place] = self._next(who, step, sure)
        return rows

    def _next(self, suspects: tuple[int, ...], step: int, odds: float) -> tuple[float, float, float]:
        earlier, usual, begun, best = self.known.get(suspects, (0, _NOTHING, step, odds))
        if step > begun + _NEAR:
            earlier += 1
            usual = best if earlier == 1 else usual + (best - usual) * max(_NEWEST, 1.0 / earlier)
            begun, best = step, odds
        self.known[suspects] = earlier, usual, begun, max(best, odds)
        return odds, earlier, usual


def log_odds(scores: Array) -> Array:
    """Of chances between 0 and 1."""
    return np.asarray(np.log(scores / np.maximum(1.0 - scores, 1e-12)))
