"""Who is named at all: by all candidates of an agent together, the newest ones most.

A candidate alone is often chance; who has one after the other hardly by chance. Were they independent, at least one of them would be right
with the chance 1 - Π (1 - score), the noisy-or (Pearl, "Probabilistic Reasoning in Intelligent Systems", 1988). Here -log (1 - score) of a
candidate is halved every HALF_LIFE steps, so that who trades all day is not named for what happens to everybody now and then.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

HALF_LIFE = 2_000  # steps
_NEAR = 5  # steps within which candidates begin together: the best of them counts
_MOST = 1.0 - 1e-6  # of a score


@dataclass
class Suspicion:
    """Of one kind in one symbol.

    Parameters
    ----------
    known : agent -> the sum of its candidates, when the latest one began, and what of the sum is that one's.
    """

    known: dict[int, tuple[float, int, float]] = field(default_factory=dict)

    def add(self, suspects: frozenset[int], step: int, score: float) -> float:
        """The chance that all of a candidate's suspects are guilty, with this candidate, which began at a step."""
        new = -float(np.log1p(-min(score, _MOST)))
        return 1.0 - float(np.exp(-min(self._of(suspect, step, new) for suspect in suspects)))

    def _of(self, suspect: int, step: int, new: float) -> float:
        total, begun, latest = self.known.get(suspect, (0.0, step, 0.0))
        if step <= begun + _NEAR:
            total, latest = total + max(0.0, new - latest), max(latest, new)
        else:
            total, begun, latest = total * 0.5 ** ((step - begun) / HALF_LIFE) + new, step, new
        self.known[suspect] = total, begun, latest
        return total
