"""From candidates to alerts: scored, cut at the model's threshold, and near-duplicates left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from spark_jobs.detection.columns import Array
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.scoring import Incident

_ACCOMPLICES = 8  # remembered of an agent
_OFTEN = 0.2  # as often suspects together as the agent with its most frequent accomplice: below it may be chance
_PACES = 2.0  # of a suspect's usual pauses within an episode: a longer one ends it
_NEWEST = 0.2  # weight of the newest pause in what is usual


@dataclass
class Raiser:
    """Raises the alerts of one kind in one symbol, candidates in the order in which they came up.

    Parameters
    ----------
    kind : of the candidates.
    symbol : where.
    quiet : steps that must lie between the end of what was told of an agent and the begin of what is new.
    told : agent -> begin of its last candidate above the threshold, and the latest end of one.
    accomplices : agent -> those that were suspects with it, and how often; with a pause the frequent ones count as one.
    pauses : agent -> usual steps from a candidate above the threshold to the next of an episode.
    sure : score that an agent's first candidate above the threshold must have; the later ones need no more than the threshold. Two
        thresholds name fewer innocents than one, and lose little, as with the edges of a picture (Canny, 1986).
    suspected : agents that had a candidate above the threshold.
    """

    kind: str
    symbol: int
    quiet: int = 0
    told: dict[int, tuple[int, int]] = field(default_factory=dict)
    accomplices: dict[int, dict[int, int]] = field(default_factory=dict)
    pauses: dict[int, float] = field(default_factory=dict)
    sure: float = 0.0
    suspected: set[int] = field(default_factory=set)

    @property
    def pause(self) -> int:
        """Least steps between two episodes of one suspect, see kinds; 0 where every window is one of its own."""
        return KINDS[self.kind].pause

    def of_scored(self, candidates: Array, scores: Array, threshold: float) -> Iterator[Incident]:
        """The alerts among candidates of known scores."""
        return (incident for _, incident in self.places(candidates, scores, threshold))

    def places(self, candidates: Array, scores: Array, threshold: float) -> Iterator[tuple[int, Incident]]:
        """The same, each with the place of its candidate. One that begins with its agents' last one, or too soon, tells nothing new."""
        chosen = np.flatnonzero(scores >= threshold)
        for place, row, score in zip(chosen.tolist(), candidates[chosen, :4].tolist(), scores[chosen].tolist(), strict=True):
            agent, second, first, last = map(int, row)
            suspects = frozenset([agent, second] if KINDS[self.kind].pairs else [agent])
            if not self._known(suspects) and score < self.sure:
                continue
            before = [self.told[each] for each in self._together(suspects) if each in self.told]
            quiet = self._longest_pause(suspects) if self.pause else self.quiet
            if self.pause and before:
                self._learn_pause(suspects, last - max(until for _, until in before))
            for suspect in suspects:
                self.told[suspect] = first, max(last, self.told.get(suspect, (-1, -1))[1])
            if all(first >= until + quiet and first != begun for begun, until in before):
                yield place, Incident(self.kind, suspects, self.symbol, first, last, score, last)

    def _known(self, suspects: frozenset[int]) -> bool:
        """Whether all suspects had a candidate above the threshold before; from now on they had."""
        known = suspects <= self.suspected
        self.suspected |= suspects
        return known

    def _together(self, suspects: frozenset[int]) -> set[int]:
        """The suspects and their frequent accomplices; from now on they are each other's once more."""
        together = set(suspects)
        for suspect in suspects if self.pause else ():
            known = self.accomplices.setdefault(suspect, {})
            together.update(each for each, times in known.items() if times >= _OFTEN * max(known.values()))
            for other in suspects - {suspect}:
                if other not in known and len(known) == _ACCOMPLICES:
                    del known[min(known, key=known.__getitem__)]
                known[other] = known.get(other, 0) + 1
        return together

    def _longest_pause(self, suspects: frozenset[int]) -> float:
        """Steps that may lie between two candidates of one episode."""
        usual = max((self.pauses[suspect] for suspect in suspects if suspect in self.pauses), default=None)
        return 2 * self.pause if usual is None else min(max(_PACES * usual, self.pause), 3 * self.pause)

    def _learn_pause(self, suspects: frozenset[int], steps: int) -> None:
        if 0 < steps <= 3 * self.pause:
            for suspect in suspects:
                usual = self.pauses.get(suspect, float(steps))
                self.pauses[suspect] = usual + _NEWEST * (steps - usual)


def raised(forest: Forest, symbol: int, candidates: Array) -> Iterator[Incident]:
    """The alerts of a detector in a symbol, among all its candidates (n, 4 + features); see kinds."""
    if len(candidates):
        kind = forest.about["kind"]
        yield from Raiser(kind, symbol, forest.quiet, sure=forest.sure).of_scored(
            candidates, forest.scores(candidates[:, 4:]), forest.threshold
        )
