"""Training: candidates of many runs, each right or wrong by the truth, and a threshold chosen on runs that were not learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from pipelines.workers.detecting.runs import WatchedRun
from spark_jobs.detection.columns import Array
from spark_jobs.detection.forest import Forest, forest_of
from spark_jobs.detection.raising import Raiser
from spark_jobs.detection.scoring import Incident, matched
from spark_jobs.detection.watch import Watch

_TREES: dict[str, Any] = {"max_iter": 300, "learning_rate": 0.05, "max_leaf_nodes": 15, "l2_regularization": 1.0, "random_state": 0}
_PLACES = np.linspace(0.02, 0.98, 49)  # thresholds that are tried


@dataclass(frozen=True)
class Seen:
    """The candidates of a run, (n, 4 + features), and its truth of the kind."""

    seed: int
    candidates: Array
    truth: list[Incident]


def seen(run: WatchedRun, kind: str) -> Seen:
    """What a watch makes of a run."""
    return Seen(run.seed, Watch().feed(run.orders), [episode for episode in run.truth if episode.kind == kind])


def is_right(found: Seen) -> NDArray[np.bool_]:
    """For each candidate whether it began within an episode of its agent: what a manipulator did before is withdrawn as it begins."""
    by_agent: dict[int, list[Incident]] = {}
    for episode in found.truth:
        for agent in episode.agents:
            by_agent.setdefault(agent, []).append(episode)
    return np.array(
        [any(each.first_step <= row[2] <= each.last_step for each in by_agent.get(int(row[0]), ())) for row in found.candidates.tolist()],
        np.bool_,
    )


def trained(kind: str, features: Sequence[str], learned: Sequence[Seen], held_out: Sequence[Seen], precision: float, about: Any) -> Forest:
    """Fit a forest, and choose the threshold with the best recall of those that reach the precision on the held-out runs.

    Raises ValueError where nothing can be learned: no episodes, or no candidate among them.
    """
    rows = np.concatenate([found.candidates for found in learned])
    right = np.concatenate([is_right(found) for found in learned])
    if not right.any():
        raise ValueError(f"no candidate of {len(learned)} runs belongs to an episode of {kind}; train on more runs")
    fitted = HistGradientBoostingClassifier(**_TREES).fit(rows[:, 4:], right)
    forest = forest_of(fitted, 0.5, {"kind": kind, "features": list(features), **about})
    scores = [forest.scores(found.candidates[:, 4:]) for found in held_out]
    figures = [(*precision_and_recall(forest, held_out, scores, place), place) for place in _PLACES.tolist()]
    enough = [each for each in figures if each[0] >= precision] or [max(figures)]
    return replace(forest, threshold=max(enough, key=lambda each: each[1])[2])


def precision_and_recall(forest: Forest, runs: Sequence[Seen], scores: Sequence[Array], threshold: float) -> tuple[float, float]:
    """Over all runs together, by one-to-one matching; a precision of nothing is 0."""
    raised = hits = there = 0
    for found, scored in zip(runs, scores, strict=True):
        alerts = list(Raiser(forest, 0).of_scored(found.candidates, scored, threshold))
        raised, there = raised + len(alerts), there + len(found.truth)
        hits += sum(place >= 0 for place in matched(alerts, found.truth))
    return hits / max(raised, 1), hits / max(there, 1)
