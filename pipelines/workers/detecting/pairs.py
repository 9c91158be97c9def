"""Who belongs together: all pairs of agents of a run by falling suspicion, beside those who did act together, whatever the time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from pipelines.workers.detecting.crowd import groups_of, results, shaken, varied
from pipelines.workers.detecting.runs import WatchedRun, watched_run
from simulator.manipulators.infiltrated import joined
from simulator.manipulators.manipulator import Range
from simulator.manipulators.rings import seated
from simulator.seeding import generator
from simulator.traders.registry import VARIANTS, strategy
from simulator.world.mechanisms import RoleName
from simulator.world.scenario import Population, Scenario, from_builtins, to_builtins
from spark_jobs.detection.columns import Array
from spark_jobs.detection.forest import Forest, forest_of
from spark_jobs.detection.pairs.features import FEATURES, pairs_of
from spark_jobs.detection.pairs.ranking import KIND as MODEL
from spark_jobs.detection.pairs.ranking import scored_pairs
from spark_jobs.detection.scoring import average_precision

KIND = "cartel"
FROM = 200_000  # seeds of what is learned from begin here: those of the detector whose scores are a feature lie below
OFTEN = 5  # agreements, of which pairs are learned from; those with fewer are neither right nor wrong
STEPS = (10_000, 20_000, 6_000)  # of the runs that are learned from
BESIDE = ("sybil_reputation", "pump_and_dump", "wash_trading", "front_running", "momentum_ignition", "spoofing")
COOPERATIVE: dict[str, Range] = {
    "markup": Range(0.05, 0.3), "auctions": Range(0.002, 0.5, log=True), "swaps": Range(-0.03, 0.1), "letters": Range(-0.02, 0.06),
}  # fmt: skip
"""Numbers of the honest groups who write to each other and even out stocks, of whom more are in the runs that are learned from."""
_MEMBERS = Range(2, 5)
_WRONG = 4_000  # pairs of a run that are learned from beside those of cartels
_TREES: dict[str, Any] = {
    "max_iter": 300, "learning_rate": 0.05, "max_leaf_nodes": 15, "min_samples_leaf": 60, "max_features": 0.25, "l2_regularization": 1.0,
    "random_state": 0,
}  # fmt: skip


class Lesson(NamedTuple):
    """Pairs of a run to learn from: features (n, len(FEATURES)), and whether they are of a cartel (n,)."""

    seed: int
    features: Array
    right: NDArray[np.bool_]


class Ranked(NamedTuple):
    """Pairs of a run: how suspicious each is, whether it is one, and how many there are."""

    scores: list[float]
    right: list[bool]
    pairs: int


def ranked(run: WatchedRun, forest: Forest, least: int = 100) -> Ranked:
    """The pairs of a cartel that acted together at least so often, among all; those that did so less often are neither right nor wrong."""
    together = agreed(run)
    wanted = {pair for pair, times in together.items() if times >= least}
    agents, _, scores = scored_pairs(run.public, forest)
    pairs = list(map(tuple, agents.tolist()))
    kept = [(score, pair in wanted) for pair, score in zip(pairs, scores.tolist(), strict=True) if pair in wanted or pair not in together]
    return Ranked([score for score, _ in kept], [right for _, right in kept], len(wanted))


def agreed(run: WatchedRun) -> Counter[tuple[int, int]]:
    """How often two acted together in a cartel, the smaller number first."""
    return Counter(pair for each in run.truth if each.kind == KIND for pair in combinations(sorted(each.agents), 2))


def pair_precision(runs: Sequence[Ranked]) -> float:
    """Average precision over the pairs of all runs; those that are not looked at count as missed."""
    scores, right = [score for run in runs for score in run.scores], [hit for run in runs for hit in run.right]
    return average_precision(scores, right, sum(run.pairs for run in runs))


def ranked_runs(client: Any, scenario: Scenario, model: Path, seeds: Sequence[int], least: int) -> Iterator[Ranked]:
    """The pairs of a run of each seed, as they are done."""
    return results(client, _ranked, [(to_builtins(scenario), str(model), seed, least) for seed in seeds])


def lessons(client: Any, scenario: Scenario, seeds: Sequence[int]) -> Iterator[Lesson]:
    """Pairs of a run of each seed to learn from, as they are done."""
    return results(client, _lesson, [(to_builtins(scenario), seed) for seed in seeds])


def lesson(scenario: Scenario, seed: int) -> Lesson:
    """Pairs of a run of cartels of every form, of one kind or other beside, and of honest groups; of the other pairs a part, but all of
    agents who are of two cartels.
    """
    chance, turn = generator(seed, "pairs"), seed // 2
    market = varied(msgspec.structs.replace(scenario, steps=STEPS[turn % len(STEPS)]), seed)
    market = accompanied(shaken(market, seed) if turn % 2 else market, chance)
    groups = groups_of(market)
    forms = [KIND, *(name for name in VARIANTS if strategy(name).family == KIND)]
    beside = {str(chance.choice(BESIDE)): max(1, groups // 3)} if chance.random() < 0.5 else {}
    run = watched_run(market, {**dict.fromkeys(forms, max(1, groups // 2)), **beside}, seed, wider=seed % 2 == 0)
    agents, features = pairs_of(run.public)
    times = agreed(run)
    often = np.array([times[one, two] for one, two in agents.tolist()], np.int64)
    guilty = {agent for pair in times for agent in pair}
    of_two_cartels = np.array([one in guilty and two in guilty for one, two in agents.tolist()], np.bool_)
    drawn = chance.random(len(often)) < _WRONG / max(len(often), 1)
    kept = (often >= OFTEN) | ((often == 0) & (drawn | of_two_cartels))
    return Lesson(seed, features[kept], often[kept] > 0)


def accompanied(scenario: Scenario, chance: Any) -> Scenario:
    """The market with some more honest groups, of two to five, half of whom sell."""
    groups = [_cooperative(scenario, chance) for _ in range(int(chance.integers(0, 2 * groups_of(scenario) + 1)))]
    return joined(scenario, groups)


def _cooperative(scenario: Scenario, chance: Any) -> Population:
    members, role = _MEMBERS.at(float(chance.random())), RoleName.SELLER if chance.random() < 0.5 else RoleName.BUYER
    numbers = {name: max(0.0, found.at(float(chance.random()))) for name, found in COOPERATIVE.items()}
    often = float(chance.uniform(0.2, 1.0))
    return Population(trader="cooperative", count=int(members), parameters=numbers, activity=often, **seated(scenario, role, int(members)))


def learned(found: Sequence[Lesson], about: dict[str, Any]) -> Forest:
    """A forest fitted to the pairs of runs. Raises ValueError where none is of a cartel."""
    rows, right = np.concatenate([each.features for each in found]), np.concatenate([each.right for each in found])
    if not right.any():
        raise ValueError(f"no pair of {len(found)} runs agreed {OFTEN} times; learn from more runs")
    about = {"kind": MODEL, "features": list(FEATURES), "pairs": int(right.sum()), "others": int((~right).sum()), **about}
    return forest_of(HistGradientBoostingClassifier(**_TREES).fit(rows, right), 1.0, about)


def _lesson(scenario: dict[str, Any], seed: int) -> Lesson:
    return lesson(from_builtins(scenario), seed)


def _ranked(scenario: dict[str, Any], model: str, seed: int, least: int) -> Ranked:
    market = from_builtins(scenario)
    return ranked(watched_run(market, {KIND: groups_of(market)}, seed), Forest.load(Path(model)), least)
