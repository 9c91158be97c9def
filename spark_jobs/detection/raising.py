"""From candidates to alerts: scored, cut at the model's threshold, and near-duplicates left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from spark_jobs.detection.columns import Array
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.scoring import Incident


@dataclass
class Raiser:
    """Raises the alerts of one kind in one symbol, candidates in the order in which they ended.

    Parameters
    ----------
    kind : of the candidates.
    symbol : where.
    told : agent -> begin of its last candidate above the threshold, and the latest end of one.
    """

    kind: str
    symbol: int
    told: dict[int, tuple[int, int]] = field(default_factory=dict)

    def of_scored(self, candidates: Array, scores: Array, threshold: float) -> Iterator[Incident]:
        """The alerts among candidates of known scores. One that begins with the agent's last one, or within it, tells nothing new."""
        enough = scores >= threshold
        for row, score in zip(candidates[enough, :4].tolist(), scores[enough].tolist(), strict=True):
            agent, _, first, last = map(int, row)
            begun, until = self.told.get(agent, (-1, -1))
            self.told[agent] = first, max(last, until)
            if first >= until and first != begun:
                yield Incident(self.kind, frozenset([agent]), self.symbol, first, last, score, last)


def raised(forest: Forest, symbol: int, candidates: Array) -> Iterator[Incident]:
    """The alerts of a detector in a symbol, among all its (n, 4 + features) candidates: agent, side, first and last step, features."""
    if len(candidates):
        yield from Raiser(forest.about["kind"], symbol).of_scored(candidates, forest.scores(candidates[:, 4:]), forest.threshold)
