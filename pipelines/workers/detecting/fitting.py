"""Fitting a detector's trees: first ones that judge every candidate for itself, then ones that look again at what these find possible.

What the second ones learn from are scores of runs that the first ones were not fitted to, since on their own runs these are too sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from simulator.seeding import generator
from spark_jobs.detection.columns import Array
from spark_jobs.detection.forest import Forest, forest_of
from spark_jobs.detection.history import FEATURES
from spark_jobs.detection.raising import Raiser

_TREES: dict[str, Any] = {"max_iter": 300, "learning_rate": 0.05, "max_leaf_nodes": 15, "l2_regularization": 1.0, "random_state": 0}
Right = NDArray[np.bool_]


def first_forest(rows: Array, right: Right, about: dict[str, Any]) -> Forest:
    """Trees that judge candidates (n, 4 + features), each for itself."""
    return forest_of(HistGradientBoostingClassifier(**_TREES).fit(rows[:, 4:], right), 1.0, about)


def second_forest(runs: Sequence[Array], right: Sequence[Right], about: dict[str, Any]) -> Forest | None:
    """Trees that look again at the candidates of each run, knowing those before; None where there are too few to learn that from."""
    half = generator(0, "halves").permutation(len(runs)) % 2 == 0
    rows, hits = [], []
    for side in (half, ~half):
        others = [place for place in range(len(runs)) if not side[place]]
        told = np.concatenate([right[place] for place in others]) if others else np.zeros(0, np.bool_)
        if told.all() or not told.any():
            return None
        first = first_forest(np.concatenate([runs[place] for place in others]), told, about)
        for place in np.flatnonzero(side).tolist():
            again, known = Raiser(about["kind"], 0).again(first, runs[place])
            rows.append(known)
            hits.append(right[place][again])
    if len(set(np.concatenate(hits).tolist())) < 2:
        return None
    fitted = HistGradientBoostingClassifier(**_TREES).fit(np.concatenate(rows), np.concatenate(hits))
    return forest_of(fitted, 1.0, {**about, "features": [*FEATURES, *about["features"]]})
