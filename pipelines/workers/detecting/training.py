"""Training: candidates of many runs, each right or wrong by the truth, and a threshold chosen on runs that were not learned from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.workers.detecting.agents import AgentCounts, agent_counts
from pipelines.workers.detecting.fitting import first_forest, second_forest
from pipelines.workers.detecting.runs import WatchedRun
from spark_jobs.detection.columns import Array
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.raising import Raiser
from spark_jobs.detection.scoring import Incident, matched

MARGIN = 0.01  # of recall, that is given up for fewer false alerts
_AGENTS_MARGIN = 0.04  # where agents count: an innocent named once is named
_PLACES = np.concatenate([np.linspace(0.02, 0.98, 49), 1 - np.geomspace(0.015, 0.0005, 15)])  # thresholds that are tried


@dataclass(frozen=True)
class Seen:
    """The candidates of a run, (n, 4 + features), and its truth of the kind; hours of simulated time."""

    seed: int
    hours: float
    candidates: Array
    truth: list[Incident]


def seen(run: WatchedRun, kind: str) -> Seen:
    """What a watch makes of a run."""
    return Seen(run.seed, run.hours, candidates_of(run, kind), [episode for episode in run.truth if episode.kind == kind])


def candidates_of(run: WatchedRun, kind: str) -> Array:
    """The candidates that the detector of a kind looks at."""
    return KINDS[kind].candidates(run.public)


class Reached(NamedTuple):
    """What a model came to on runs that were not learned from; false alerts are None without clean runs."""

    precision: float
    recall: float
    agents: float
    false_per_hour: float | None

    def keeps(self, wanted: Wanted) -> bool:
        """Whether that is enough."""
        right = self.precision >= wanted.precision and self.agents >= wanted.agents
        return right and (self.false_per_hour or 0.0) <= wanted.false_per_hour

    @property
    def wrong(self) -> tuple[float, float]:
        """What of it is false: an hour of clean runs, then in the others."""
        return self.false_per_hour or 0.0, 1.0 - self.precision


def is_right(found: Seen, pairs: bool = False, series: bool = False) -> NDArray[np.bool_]:
    """For each candidate whether it began within an episode of its agent, of pairs one of both agents.

    What a manipulator did before is withdrawn as it begins, so that it is not wrong to begin there. Of a series that had begun before it
    is the last step that counts.
    """
    by_agent: dict[int, list[Incident]] = {}
    for episode in found.truth:
        for agent in episode.agents:
            by_agent.setdefault(agent, []).append(episode)
    return np.array(
        [_is_in(row, by_agent.get(int(row[0]), ()), pairs, int(row[3 if series else 2])) for row in found.candidates.tolist()], np.bool_
    )


def _is_in(row: Sequence[float], episodes: Sequence[Incident], pairs: bool, step: int) -> bool:
    together = (each for each in episodes if not pairs or row[1] in each.agents)
    return any(each.first_step <= step <= each.last_step for each in together)


class Wanted(NamedTuple):
    """What a threshold must keep to on runs that were not learned from."""

    precision: float = 0.965  # over the runs with manipulators
    false_per_hour: float = 2.0  # over those without
    agents: float = 0.0  # of the agents named, in the runs with manipulators


def trained(kind: str, features: Sequence[str], learned: Sequence[Seen], held_out: Sequence[Seen], wanted: Wanted, about: Any) -> Forest:
    """Fit a forest and choose its threshold on runs that it was not fitted to; `about` then says what it reached there.

    Held-out runs without an episode are the clean ones. Raises ValueError where nothing can be learned, or no threshold keeps to it.
    """
    runs = [found.candidates for found in learned]
    right = [is_right(found, KINDS[kind].pairs, KINDS[kind].pause > 0) for found in learned]
    if not np.concatenate(right).any():
        raise ValueError(f"no candidate of {len(learned)} runs belongs to an episode of {kind}; train on more runs")
    about = {"kind": kind, "features": list(features), **about}
    first = first_forest(runs, right, about)
    return chosen(replace(first, second=second_forest(runs, right, about)), held_out, wanted)


def chosen(forest: Forest, held_out: Sequence[Seen], wanted: Wanted) -> Forest:
    """The forest with a threshold that keeps to what is wanted: of those whose recall is within a margin of the best, the one that is
    wrong least, since the last thousandth of recall may cost much in a market of another size; among equals the one that finds most.
    """
    infiltrated, clean = ([found for found in held_out if bool(found.truth) is there] for there in (True, False))
    scores, others = ([Raiser(forest.about["kind"], 0).scores(forest, found.candidates) for found in runs] for runs in (infiltrated, clean))
    kept: list[tuple[Reached, Forest]] = []
    for threshold, sure in _tried(wanted.agents > 0.0):
        tried = replace(forest, threshold=threshold, about={**forest.about, **({"sure": sure} if sure else {})})
        reached = Reached(*precision_and_recall(tried, infiltrated, scores), false_per_hour(tried, clean, others))
        if reached.keeps(wanted):
            kept.append((reached, tried))
    if not kept:
        asked = f"a precision of {wanted.precision} with {wanted.false_per_hour} false alerts an hour"
        raise ValueError(f"no threshold keeps to {asked} on {len(held_out)} held-out runs; train on more runs, or ask for less")
    most = max(reached.recall for reached, _ in kept)
    near = [each for each in kept if each[0].recall >= most - (_AGENTS_MARGIN if wanted.agents else MARGIN)]
    reached, best = min(near, key=lambda each: (each[0].wrong, -each[0].recall, -each[1].threshold))
    return replace(best, about={**best.about, "reached": reached._asdict()})


def _tried(by_agent: bool) -> Iterator[tuple[float, float]]:
    """Thresholds, and chances of the suspects' guilt, that are tried: without agents a candidate needs its own score alone."""
    if not by_agent:
        return ((threshold, 0.0) for threshold in _PLACES.tolist())
    return ((threshold, sure) for threshold, sure in product(_PLACES[::3].tolist(), _PLACES[::3].tolist()) if sure >= threshold)


def false_per_hour(forest: Forest, clean: Sequence[Seen], scores: Sequence[Array]) -> float | None:
    """Alerts per simulated hour of runs in which nobody manipulates; None without such runs."""
    hours = sum(found.hours for found in clean)
    alerts = sum(len(alerts_of(forest, run, scored)) for run, scored in zip(clean, scores, strict=True))
    return alerts / hours if hours else None


def precision_and_recall(forest: Forest, runs: Sequence[Seen], scores: Sequence[Array]) -> tuple[float, float, float]:
    """Over all runs together, by one-to-one matching, then the share of agents named who are guilty; a precision of nothing is 0."""
    raised = hits = there = 0
    agents = AgentCounts()
    for found, scored in zip(runs, scores, strict=True):
        alerts = alerts_of(forest, found, scored)
        raised, there = raised + len(alerts), there + len(found.truth)
        hits += sum(place >= 0 for place in matched(alerts, found.truth))
        agents += agent_counts(alerts, found.truth)
    return hits / max(raised, 1), hits / max(there, 1), agents.right / max(agents.named, 1)


def alerts_of(forest: Forest, run: Seen, scores: Array) -> list[Incident]:
    """The alerts of a run whose candidates were scored."""
    return list(Raiser(forest.about["kind"], 0, sure=forest.sure).of_scored(run.candidates, scores, forest.threshold))
