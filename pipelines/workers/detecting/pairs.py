"""Who belongs together: all pairs of agents of a run by falling suspicion, beside those who did act together, whatever the time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pipelines.workers.detecting.crowd import groups_of, results
from pipelines.workers.detecting.runs import WatchedRun, watched_run
from simulator.world.scenario import Scenario, from_builtins, to_builtins
from spark_jobs.detection.auctions import Pair, both
from spark_jobs.detection.cartels import candidates
from spark_jobs.detection.columns import Array
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.scoring import average_precision

BEST = 10  # candidates of a pair that count: one that was together by chance has few good ones


class Ranked(NamedTuple):
    """Pairs of a run: how suspicious each is, whether it is one, and how many there are."""

    scores: list[float]
    right: list[bool]
    pairs: int


def ranked(run: WatchedRun, forest: Forest, least: int = 100) -> Ranked:
    """The pairs of a cartel that acted together at least so often, among all; those that did so less often are neither right nor wrong."""
    together = Counter(pair for each in run.truth if each.kind == "cartel" for pair in combinations(sorted(each.agents), 2))
    wanted = {pair for pair, times in together.items() if times >= least}
    found = {pair: score for pair, score in suspicions(run, forest).items() if pair in wanted or pair not in together}
    return Ranked(list(found.values()), [pair in wanted for pair in found], len(wanted))


def suspicions(run: WatchedRun, forest: Forest) -> dict[Pair, float]:
    """The mean of each pair's BEST scores, those it lacks counting as nothing."""
    rows: Array = candidates(run.public, every_pair=True)
    scores: dict[Pair, list[float]] = defaultdict(list)
    for one, two, score in zip(*rows[:, :2].astype(np.int64).T.tolist(), forest.scores(rows[:, 4:]).tolist(), strict=True):
        scores[both(one, two)].append(score)
    return {pair: sum(sorted(each)[-BEST:]) / BEST for pair, each in scores.items()}


def pair_precision(runs: Sequence[Ranked]) -> float:
    """Average precision over the pairs of all runs; those without a candidate count as missed."""
    scores, right = [score for run in runs for score in run.scores], [hit for run in runs for hit in run.right]
    return average_precision(scores, right, sum(run.pairs for run in runs))


def ranked_runs(client: Any, scenario: Scenario, model: Path, seeds: Sequence[int], least: int) -> Iterator[Ranked]:
    """The pairs of a run of each seed, as they are done."""
    return results(client, _ranked, [(to_builtins(scenario), str(model), seed, least) for seed in seeds])


def _ranked(scenario: dict[str, Any], model: str, seed: int, least: int) -> Ranked:
    market = from_builtins(scenario)
    return ranked(watched_run(market, {"cartel": groups_of(market)}, seed), Forest.load(Path(model)), least)
