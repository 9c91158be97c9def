"""How well groups agree with the strategies behind them, and whether the features would suffice for who knew those.

Sources: Hubert and Arabie, "Comparing partitions", Journal of Classification 2 (1985); Rosenberg and Hirschberg, "V-measure", EMNLP 2007;
Geurts, Ernst and Wehenkel, "Extremely randomized trees", Machine Learning 63 (2006).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, v_measure_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from pipelines.workers.clustering.runs import Grouped
from spark_jobs.clustering.grouping import filled
from spark_jobs.gold import strategy_switches
from spark_jobs.gold.agent_clusters import matrix

FOLDS = 5


class Agreement(NamedTuple):
    """Groups against strategies, 1 where they are the same: adjusted Rand index, normalised mutual information, V-measure, matched F1.

    groups, strategies : how many there are.
    """

    ari: float
    nmi: float
    v: float
    f1: float
    groups: float
    strategies: float


def agreement(types: NDArray[np.str_], clusters: NDArray[np.int64]) -> Agreement:
    """Of one window."""
    ari, nmi, v = (float(score(types, clusters)) for score in (adjusted_rand_score, normalized_mutual_info_score, v_measure_score))
    return Agreement(ari, nmi, v, matched_f1(types, clusters), len(np.unique(clusters)), len(np.unique(types)))


def matched_f1(types: NDArray[np.str_], clusters: NDArray[np.int64]) -> float:
    """Mean F1 of the strategies, each matched to one group so that it is largest; 0 for one without a group."""
    table = confusion(types, clusters)[0]
    f1 = 2 * table / (table.sum(1, keepdims=True) + table.sum(0))
    rows, columns = linear_sum_assignment(-f1)
    return float(f1[rows, columns].sum() / len(table))


def confusion(types: NDArray[np.str_], clusters: NDArray[np.int64]) -> tuple[NDArray[np.float64], list[str], list[int]]:
    """Agents by strategy and group, (strategies, groups), with the names of both."""
    kinds, kind = np.unique(types, return_inverse=True)
    groups, group = np.unique(clusters, return_inverse=True)
    table = np.zeros((len(kinds), len(groups)))
    np.add.at(table, (kind, group), 1)
    return table, kinds.tolist(), groups.tolist()


def confused(runs: Sequence[Grouped], least: float = 0.01) -> dict[str, dict[str, float]]:
    """For each strategy the share of its agents in groups that another one has most agents of, by that one; small shares are left out."""
    found: dict[str, dict[str, float]] = {}
    counts = Counter(str(kind) for run in runs for kind in run.types)
    for run in runs:
        clusters = run.clusters.column("cluster").to_numpy()
        for rows in run.windows():
            table, kinds, _ = confusion(run.types[rows], clusters[rows])
            for row, kind in enumerate(kinds):
                for column, most in enumerate(table.argmax(0)):
                    if most != row and table[row, column]:
                        others = found.setdefault(kind, {})
                        others[kinds[most]] = others.get(kinds[most], 0.0) + table[row, column] / counts[kind]
    shares = {kind: {other: round(float(share), 3) for other, share in others.items() if share >= least} for kind, others in found.items()}
    return {kind: dict(sorted(others.items())) for kind, others in sorted(shares.items()) if others}


def scores(runs: Sequence[Grouped]) -> list[Agreement]:
    """Of each run, the mean of its windows."""
    found = []
    for run in runs:
        clusters = run.clusters.column("cluster").to_numpy()
        parts = [agreement(run.types[rows], clusters[rows]) for rows in run.windows()]
        found.append(Agreement(*np.mean(parts, axis=0).tolist()))
    return found


def kmeans_given(runs: Sequence[Grouped]) -> float:
    """Mean adjusted Rand index of K-means on the same features, told how many strategies there are."""
    found = []
    for run in runs:
        table = matrix(run.features)
        for rows in run.windows():
            features = filled(table[rows])
            scaled = (features - features.mean(0)) / np.where(features.std(0) > 0, features.std(0), 1.0)
            labels = KMeans(len(np.unique(run.types[rows])), n_init=4, random_state=0).fit_predict(scaled)
            found.append(adjusted_rand_score(run.types[rows], labels))
    return float(np.mean(found))


def supervised(runs: Sequence[Grouped]) -> float | None:
    """Accuracy of trees that learn the strategies on other runs; None where there are fewer than two runs."""
    if len(runs) < 2:
        return None
    features = np.nan_to_num(np.concatenate([matrix(run.features) for run in runs]), nan=-10.0)
    types, run = np.concatenate([run.types for run in runs]), np.repeat(np.arange(len(runs)), [len(run.types) for run in runs])
    trees, folds = ExtraTreesClassifier(300, random_state=0), GroupKFold(min(FOLDS, len(runs)))
    return float(np.mean(cross_val_predict(trees, features, types, groups=run, cv=folds) == types))


def kept(runs: Sequence[Grouped]) -> float | None:
    """Share of the agents with the same group number in the window after; None without one."""
    same: list[bool] = []
    for run in runs:
        rows = run.clusters.select(["symbol", "agent", "window", "cluster"]).to_pylist()
        cluster = {(row["symbol"], row["agent"], row["window"]): row["cluster"] for row in rows}
        later = ((number, cluster.get((symbol, agent, window + 1))) for (symbol, agent, window), number in cluster.items())
        same += [number == after for number, after in later if after is not None]
    return float(np.mean(same)) if same else None


def switches_per_hour(runs: Sequence[Grouped]) -> float:
    """Alerts of changed strategies, all of them wrong here: nobody changes his."""
    whole = {("", 0, symbol): 2**31 for run in runs for symbol in set(run.clusters.column("symbol").to_pylist())}
    return sum(len(strategy_switches.found(run.clusters, whole)) for run in runs) / sum(run.hours for run in runs)
