"""Groups of agents that behave alike, however many there are: dense regions of the features.

HDBSCAN needs no number of groups: it keeps those that persist longest as the density that is asked for rises. Whoever lies in none of them
is put to the nearest. Sources: Campello, Moulavi and Sander, "Density-based clustering based on hierarchical density estimates", PAKDD
2013; the simplified silhouette of Hruschka, de Castro and Campello, "Evolutionary algorithms for clustering gene-expression data", ICDM
2004.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spark_jobs.clustering.by_agent import Numbers

Labels = NDArray[np.int64]
SMALLEST = 3  # agents of a group
NEIGHBOURS = 2  # agents, itself included, among whom one must lie for its place to be a dense one
FEWEST = 2 * SMALLEST  # agents below which there is nothing to tell apart
TAIL = 0.01  # of the agents, at each end of a feature, that count as if they lay at its bound
SAMPLE = 3_000  # agents that groups are found among; the time it takes grows with their square


class Groups(NamedTuple):
    """What was found among the rows of a table of features.

    labels : (rows,), the largest group is 0.
    fit : (rows,), one minus the distance to the centre of the own group by that to the next one's.
    centres : (groups, features), in units of the features. scale : (features,), their deviations.
    """

    labels: Labels
    fit: Numbers
    centres: Numbers
    scale: Numbers


def group(features: Numbers) -> Groups:
    """Group rows of features (rows, columns), NaN where an agent has none. The order of the rows does not matter."""
    whole = filled(features)
    order = np.lexsort(whole.T[::-1])  # sums, too, are the same then to the last bit
    found = _of_sorted(whole[order])
    back = np.argsort(order)
    return found._replace(labels=found.labels[back], fit=found.fit[back])


def _of_sorted(whole: Numbers) -> Groups:
    if not len(whole):
        return Groups(np.zeros(0, np.int64), np.zeros(0), np.zeros((0, whole.shape[1])), np.ones(whole.shape[1]))
    bounded = np.clip(whole, *np.quantile(whole, [TAIL, 1 - TAIL], axis=0))
    scale = np.where(bounded.std(0) > 1e-9, bounded.std(0), 1.0)
    labels = _grouped(bounded / scale)
    centres = np.stack([bounded[labels == label].mean(0) for label in range(labels.max() + 1)])
    return Groups(labels, _fit(distances(bounded, centres, scale), labels), centres, scale)


def filled(features: Numbers) -> Numbers:
    """Features with the median of the others where an agent has none, 0 where nobody has."""
    known = ~np.isnan(features)
    usual = [np.median(column[there]) if there.any() else 0.0 for column, there in zip(features.T, known.T, strict=True)]
    return np.where(known, features, np.array(usual))


def distances(rows: Numbers, centres: Numbers, scale: Numbers) -> Numbers:
    """Euclidean distances (rows, centres) of scaled features."""
    return np.asarray(np.linalg.norm((rows[:, None, :] - centres[None, :, :]) / scale, axis=2))


def _grouped(scaled: Numbers) -> Labels:
    """Labels of sorted rows, by size."""
    from sklearn.cluster import HDBSCAN  # it takes a second to load, which only this needs

    if len(scaled) < FEWEST or not np.ptp(scaled, axis=0).any():
        return np.zeros(len(scaled), np.int64)
    sample = np.unique(np.linspace(0, len(scaled) - 1, min(SAMPLE, len(scaled))).round().astype(np.int64))
    found = HDBSCAN(SMALLEST, min_samples=NEIGHBOURS, allow_single_cluster=True, copy=True).fit_predict(scaled[sample])
    if (found < 0).all():
        return np.zeros(len(scaled), np.int64)
    centres = np.stack([scaled[sample[found == label]].mean(0) for label in range(found.max() + 1)])
    labels = distances(scaled, centres, np.ones(1)).argmin(1)
    labels[sample[found >= 0]] = found[found >= 0]
    return _by_size(labels)


def _by_size(labels: Labels) -> Labels:
    order = np.argsort(-np.bincount(labels), kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return np.asarray(rank[labels])


def _fit(away: Numbers, labels: Labels) -> Numbers:
    if away.shape[1] < 2:
        return np.zeros(len(labels))
    own = away[np.arange(len(labels)), labels]
    others = away.copy()
    others[np.arange(len(labels)), labels] = np.inf
    following = others.min(1)
    return np.asarray(1.0 - np.divide(own, following, out=np.ones(len(own)), where=following > 0))
