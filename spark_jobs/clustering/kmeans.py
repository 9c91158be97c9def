"""Groups of agents that behave alike: K-means on standardised features, the number of groups by silhouette.

scikit-learn and not pyspark.ml: the features are one short row per agent, Spark has already done what is large.
Sources: Lloyd (1982); k-means++ (Arthur and Vassilvitskii, 2007); silhouette (Rousseeuw, 1987).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SEED = 20261121
MOST_GROUPS = 8
SAMPLE = 2_000  # agents that a silhouette is measured on; it is quadratic


class Groups(NamedTuple):
    """Which group each row is in (the largest group is 0), and how well the groups stand apart, -1 to 1."""

    labels: NDArray[np.int64]  # (rows,)
    silhouette: float


def group(features: NDArray[np.float64]) -> Groups:
    """Group rows of features (rows, columns). The same rows in the same order always give the same groups."""
    from sklearn.preprocessing import StandardScaler  # these take a second to load, which only this table needs

    distinct = len(np.unique(features, axis=0))
    if distinct < 3:
        return Groups(np.zeros(len(features), np.int64), 0.0)
    scaled = StandardScaler().fit_transform(features)
    tried = [_fit(scaled, k) for k in range(2, min(MOST_GROUPS, distinct - 1) + 1)]
    best = max(tried, key=lambda groups: groups.silhouette)
    return Groups(_by_size(best.labels), best.silhouette)


def _fit(scaled: NDArray[np.float64], k: int) -> Groups:
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    labels = KMeans(k, n_init=4, random_state=SEED).fit_predict(scaled)
    sample = min(SAMPLE, len(scaled))
    return Groups(labels.astype(np.int64), float(silhouette_score(scaled, labels, sample_size=sample, random_state=SEED)))


def _by_size(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    order = np.argsort(-np.bincount(labels), kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return np.asarray(rank[labels])
