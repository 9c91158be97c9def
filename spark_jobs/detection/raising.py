"""From candidates to alerts: scored, cut at the model's threshold, and near-duplicates left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spark_jobs.detection.columns import Array
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.history import LEAST, History, log_odds
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.rhythm import Rhythm, begun
from spark_jobs.detection.scoring import Incident
from spark_jobs.detection.suspicion import Suspicion

_ACCOMPLICES = 8  # remembered of an agent
_OFTEN = 0.2  # as often suspects together as the agent with its most frequent accomplice: below it may be chance
_LONGEST = 3  # least pauses, see kinds: a longer one ends an episode whatever is usual
_LONGEST_UNEVEN = 6  # the same of those who keep no beat
_LEAST_BEAT = 4  # steps: of a shorter one it is too often chance who keeps it
_STILL = 0.1  # share of the threshold that a candidate needs to keep an episode going which was told of


@dataclass
class Raiser:
    """Raises the alerts of one kind in one symbol, candidates in the order in which they came up.

    Of a kind with pauses an episode lasts until its suspects have paused longer than they do, or go on off their beat, see rhythm. A
    candidate below the threshold keeps an episode going of those without a beat, and begins none.

    Parameters
    ----------
    kind : of the candidates.
    symbol : where.
    told : agent -> begin of its last candidate above the threshold, and the latest end of one.
    accomplices : agent -> those that were suspects with it, and how often; with a pause the frequent ones count as one.
    rhythms : agent -> its pauses from a candidate to the next of an episode.
    sure : chance of its suspects' guilt that a candidate above the threshold needs besides, see suspicion. Two thresholds name fewer
        innocents than one, and lose little, as with the edges of a picture (Canny, 1986).
    suspicion : what counts for that.
    history : what a model with a second look knows of the suspects.
    """

    kind: str
    symbol: int
    told: dict[int, tuple[int, int]] = field(default_factory=dict)
    accomplices: dict[int, dict[int, int]] = field(default_factory=dict)
    rhythms: dict[int, Rhythm] = field(default_factory=dict)
    sure: float = 0.0
    suspicion: Suspicion = field(default_factory=Suspicion)
    history: History = field(default_factory=History)

    @property
    def pause(self) -> int:
        """Least steps between two episodes of one suspect, see kinds; 0 where every window is one of its own."""
        return KINDS[self.kind].pause

    @property
    def gang(self) -> int:
        """Times that others were suspects with one whom an alert names, so that it names them, too, see kinds; 0 where it does not."""
        return KINDS[self.kind].gang

    @property
    def quiet(self) -> int:
        """Steps between the end of what was told of a suspect and the begin of what is new, see kinds."""
        return KINDS[self.kind].quiet

    def least(self, threshold: float) -> float:
        """Score below which a candidate says nothing at all."""
        return _STILL * threshold if self.pause else threshold

    def scores(self, forest: Forest, candidates: Array, least: float = 0.0) -> Array:
        """Scores (n,) of the next candidates; below `least` a score may be given as 0.

        After a second look it is the chance of the mean log-odds of both: the second one alone knows those who are like the ones that it
        learned from better, and others worse.
        """
        if forest.second is None or not len(candidates):
            return forest.scores(candidates[:, 4:], least)
        again, rows = self.again(forest, candidates)
        scores = np.zeros(len(candidates))
        scores[again] = 1.0 / (1.0 + np.exp(-0.5 * (rows[:, 0] + log_odds(forest.second.scores(rows)))))
        return scores

    def again(self, forest: Forest, candidates: Array) -> tuple[NDArray[np.int64], Array]:
        """Places (m,) of the next candidates that are worth a second look, and what it sees: rows (m, history.FEATURES and theirs)."""
        first = forest.scores(candidates[:, 4:], LEAST)
        again = np.flatnonzero(first >= LEAST)
        rows = candidates[again]
        suspects = [tuple(sorted(self._suspects(row))) for row in rows[:, :2].tolist()]
        known = self.history.features(suspects, rows[:, 2].astype(np.int64).tolist(), log_odds(first[again]).tolist())
        return again, np.hstack([known, rows[:, 4:]])

    def _suspects(self, row: Sequence[float]) -> frozenset[int]:
        """Who is suspected by a candidate."""
        return frozenset(map(int, row[:2] if KINDS[self.kind].pairs else row[:1]))

    def of_scored(self, candidates: Array, scores: Array, threshold: float) -> Iterator[Incident]:
        """The alerts among candidates of known scores."""
        return (incident for _, incident in self.places(candidates, scores, threshold))

    def places(self, candidates: Array, scores: Array, threshold: float) -> Iterator[tuple[int, Incident]]:
        """The same, each with the place of its candidate. One that begins with its agents' last one, or too soon, tells nothing new."""
        chosen = np.flatnonzero(scores >= self.least(threshold))
        for place, row, score in zip(chosen.tolist(), candidates[chosen, :4].tolist(), scores[chosen].tolist(), strict=True):
            suspects, first, last = self._suspects(row), int(row[2]), int(row[3])
            tells = score >= threshold
            if tells and self.sure and self.suspicion.add(suspects, first, score) < self.sure:
                continue
            before = [self.told[each] for each in self._together(suspects) if each in self.told]
            pause = self._longest_pause(suspects) if self.pause else self.quiet
            new = all(first >= until + pause and first != begin for begin, until in before)
            if tells and not new and self._off_beat(suspects, last - max(until for _, until in before)):
                new, first = True, max(first, 1 + max(until for _, until in before))
            if tells or (not new and self._met(suspects) and self._beat(suspects) <= 1):
                self._remember(suspects, first, last, tells)
            if tells and new:
                named = self._with_accomplices(suspects, self.gang)
                yield place, Incident(self.kind, named, self.symbol, first, last, score, last)

    def _met(self, suspects: frozenset[int]) -> bool:
        """Whether suspects were so together before."""
        return all(suspects - {suspect} <= self.accomplices.get(suspect, {}).keys() for suspect in suspects)

    def _together(self, suspects: frozenset[int]) -> frozenset[int]:
        """The suspects and, of a kind with pauses, their frequent accomplices."""
        return self._with_accomplices(suspects, 1 if self.pause else 0)

    def _with_accomplices(self, suspects: frozenset[int], least: int) -> frozenset[int]:
        """The suspects and their frequent accomplices, who were suspects with one of them so many times at least; with 0 nobody else."""
        together = set(suspects)
        for suspect in suspects if least else ():
            known = self.accomplices.get(suspect, {})
            enough = max(least, _OFTEN * max(known.values(), default=0))
            together.update(each for each, times in known.items() if times >= enough)
        return frozenset(together)

    def _remember(self, suspects: frozenset[int], first: int, last: int, tells: bool) -> None:
        """A candidate belongs to an episode; if it tells of one itself, its suspects are each other's accomplices once more."""
        before = [self.told[each][1] for each in self._together(suspects) if each in self.told]
        if self.pause and before:
            self._learn_pause(suspects, last - max(before))
        for suspect in suspects:
            self.told[suspect] = first, max(last, self.told.get(suspect, (-1, -1))[1])
            if tells and (self.pause or self.gang):
                self._join(suspect, suspects - {suspect})

    def _join(self, suspect: int, others: frozenset[int]) -> None:
        known = self.accomplices.setdefault(suspect, {})
        for other in others:
            if other not in known and len(known) == _ACCOMPLICES:
                del known[min(known, key=known.__getitem__)]
            known[other] = known.get(other, 0) + 1

    def _longest_pause(self, suspects: frozenset[int]) -> float:
        """Steps that may lie between two candidates of one episode."""
        known = [self.rhythms[each] for each in suspects if each in self.rhythms]
        if not known:
            return _LONGEST * self.pause
        return min(max(self.pause, *(rhythm.longest for rhythm in known)), max(self._most(each) for each in suspects))

    def _most(self, suspect: int) -> int:
        """Steps that its pauses may take whatever is usual."""
        rhythm = self.rhythms.get(suspect)
        return self.pause * (_LONGEST_UNEVEN if rhythm and rhythm.beat == 1 else _LONGEST)

    def _off_beat(self, suspects: frozenset[int], steps: int) -> bool:
        """Whether suspects who keep a beat come back after more than one, and off it."""
        beat = self._beat(suspects)
        return self.pause > 0 and beat >= _LEAST_BEAT and steps > beat and steps % beat > 0

    def _beat(self, suspects: frozenset[int]) -> int:
        """The longest beat that any of the suspects keeps, see rhythm."""
        return max((self.rhythms[each].beat for each in suspects if each in self.rhythms), default=0)

    def _learn_pause(self, suspects: frozenset[int], steps: int) -> None:
        for suspect in suspects:
            if 0 < steps <= self._most(suspect):
                known = self.rhythms.get(suspect)
                self.rhythms[suspect] = known.after(steps) if known else begun(steps)


def raised(forest: Forest, symbol: int, candidates: Array) -> Iterator[Incident]:
    """The alerts of a detector in a symbol, among all its candidates (n, 4 + features); see kinds."""
    if len(candidates):
        kind = forest.about["kind"]
        raiser = Raiser(kind, symbol, sure=forest.sure)
        yield from raiser.of_scored(candidates, raiser.scores(forest, candidates), forest.threshold)
