"""From candidates to alerts: scored, cut at the model's threshold, and near-duplicates left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from spark_jobs.detection.columns import Array
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.scoring import Incident


@dataclass
class Raiser:
    """Raises the alerts of one kind in one symbol, candidates in the order in which they came up.

    Parameters
    ----------
    kind : of the candidates.
    symbol : where.
    quiet : steps that must lie between the end of what was told of an agent and the begin of what is new.
    told : agent -> begin of its last candidate above the threshold, and the latest end of one.
    """

    kind: str
    symbol: int
    quiet: int = 0
    told: dict[int, tuple[int, int]] = field(default_factory=dict)

    def of_scored(self, candidates: Array, scores: Array, threshold: float) -> Iterator[Incident]:
        """The alerts among candidates of known scores."""
        return (incident for _, incident in self.places(candidates, scores, threshold))

    def places(self, candidates: Array, scores: Array, threshold: float) -> Iterator[tuple[int, Incident]]:
        """The same, each with the place of its candidate. One that begins with its agents' last one, or too soon, tells nothing new."""
        chosen = np.flatnonzero(scores >= threshold)
        for place, row, score in zip(chosen.tolist(), candidates[chosen, :4].tolist(), scores[chosen].tolist(), strict=True):
            agent, second, first, last = map(int, row)
            suspects = frozenset([agent, second] if KINDS[self.kind].pairs else [agent])
            before = [self.told.get(suspect, (-1, -self.quiet)) for suspect in suspects]
            for suspect, (_, until) in zip(suspects, before, strict=True):
                self.told[suspect] = first, max(last, until)
            if all(first >= until + self.quiet and first != begun for begun, until in before):
                yield place, Incident(self.kind, suspects, self.symbol, first, last, score, last)


def raised(forest: Forest, symbol: int, candidates: Array) -> Iterator[Incident]:
    """The alerts of a detector in a symbol, among all its candidates (n, 4 + features); see kinds."""
    if len(candidates):
        kind = forest.about["kind"]
        yield from Raiser(kind, symbol, forest.quiet).of_scored(candidates, forest.scores(candidates[:, 4:]), forest.threshold)
