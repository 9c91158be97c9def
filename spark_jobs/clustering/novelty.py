"""How unlike all others an agent behaves, without labels: no detector of manipulation, for honest agents may be odd as well.

Source: Liu, Ting and Zhou, "Isolation forest", ICDM 2008: what few random cuts set apart from all others is unusual.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spark_jobs.clustering.by_agent import Numbers
from spark_jobs.clustering.grouping import FEWEST, filled

_TREES, _SEED = 200, 0
_RANGE = 1.349  # quartiles of a normal distribution lie so many deviations apart


class Novelty(NamedTuple):
    """scores : (rows,), about 0.5 for what is usual, towards 1 for what is not. furthest : (rows,), the column that is oddest."""

    scores: Numbers
    furthest: NDArray[np.int64]


def novelty(features: Numbers) -> Novelty:
    """Judge rows of features (rows, columns), NaN where an agent has none. The order of the rows does not matter."""
    from sklearn.ensemble import IsolationForest  # it takes a second to load, which only this needs

    if len(features) < FEWEST:
        return Novelty(np.full(len(features), 0.5), np.zeros(len(features), np.int64))
    whole = filled(features)
    order = np.lexsort(whole.T[::-1])
    scores = np.empty(len(whole))
    scores[order] = -IsolationForest(n_estimators=_TREES, random_state=_SEED).fit(whole[order]).score_samples(whole[order])
    low, middle, high = np.quantile(whole, [0.25, 0.5, 0.75], axis=0)
    usual = np.maximum((high - low) / _RANGE, whole.std(0) * 0.1 + 1e-9)  # a column most agree in has no quartiles
    return Novelty(scores, np.abs((whole - middle) / usual).argmax(1))
