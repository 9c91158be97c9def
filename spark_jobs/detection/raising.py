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
    forest : what scores them; its `about` says of which kind they are.
    symbol : where.
    until : agent -> end of its last alert, as far as it was extended.
    """

    forest: Forest
    symbol: int
    until: dict[int, int] = field(default_factory=dict)

    def raised(self, candidates: Array) -> Iterator[Incident]:
        """The alerts among (n, 4 + features) candidates: agent, side, first and last step, features."""
        if len(candidates):
            yield from self.of_scored(candidates, self.forest.scores(candidates[:, 4:]), self.forest.threshold)

    def of_scored(self, candidates: Array, scores: Array, threshold: float) -> Iterator[Incident]:
        """The alerts among candidates of known scores. One that begins before the agent's last one ended tells nothing new."""
        enough = scores >= threshold
        for row, score in zip(candidates[enough, :4].tolist(), scores[enough].tolist(), strict=True):
            agent, _, first, last = map(int, row)
            before = self.until.get(agent, -1)
            self.until[agent] = max(last, before)
            if first >= before:
                yield Incident(self.forest.about["kind"], frozenset([agent]), self.symbol, first, last, score, last)
