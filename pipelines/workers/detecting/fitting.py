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
MOST = 1_000_000
"""Wrong candidates that trees are fitted to: several gigabytes with all of a hundred runs, and no better for it."""
Right = NDArray[np.bool_]


def first_forest(runs: Sequence[Array], right: Sequence[Right], about: dict[str, Any]) -> Forest:
    """Trees that judge the candidates (n, 4 + features) of runs, each for itself."""
    return _fitted([rows[:, 4:] for rows in runs], right, about)


def second_forest(runs: Sequence[Array], right: Sequence[Right], about: dict[str, Any]) -> Forest | None:
    """Trees that look again at the candidates of each run, knowing those before; None where there are too few to learn that from."""
    half = generator(0, "halves").permutation(len(runs)) % 2 == 0
    again: list[tuple[Array, Right]] = []
    for side in (half, ~half):
        others = np.flatnonzero(~side).tolist()
        if not _both([right[place] for place in others]):
            return None
        first = first_forest([runs[place] for place in others], [right[place] for place in others], about)
        for place in np.flatnonzero(side).tolist():
            worth, known = Raiser(about["kind"], 0).again(first, runs[place])
            again.append((known, right[place][worth]))
    rows, hits = zip(*again, strict=True)
    return _fitted(rows, hits, {**about, "features": [*FEATURES, *about["features"]]}) if _both(hits) else None


def _both(right: Sequence[Right]) -> bool:
    """Whether there are right ones and wrong ones."""
    return len(set(np.concatenate([np.zeros(0, np.bool_), *right]).tolist())) == 2


def _fitted(runs: Sequence[Array], right: Sequence[Right], about: dict[str, Any]) -> Forest:
    """Trees fitted to rows; of more wrong ones than MOST a share is drawn, and each weighs for those that were left out."""
    share = min(1.0, MOST / max(1, sum(int((~each).sum()) for each in right)))
    chance = generator(0, "thinned")
    kept = [each | (chance.random(len(each)) < share) for each in right]
    hits = np.concatenate([each[mask] for each, mask in zip(right, kept, strict=True)])
    rows = np.concatenate([each[mask] for each, mask in zip(runs, kept, strict=True)])
    model = HistGradientBoostingClassifier(**_TREES).fit(rows, hits, np.where(hits, 1.0, 1.0 / share))
    return forest_of(model, 1.0, about)
