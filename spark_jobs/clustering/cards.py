"""What makes a group different, in words: the features in which it lies furthest from all others.

A difference counts in standard deviations of the feature among all agents; below 0.8 it is not worth a word (a large effect begins there:
Cohen, "Statistical power analysis for the behavioral sciences", 1988).
"""

from __future__ import annotations

import numpy as np

from spark_jobs.clustering.by_agent import Numbers, ratio
from spark_jobs.clustering.features import FEATURES
from spark_jobs.clustering.grouping import Labels

WORDS = 5
LEAST = 0.8


def cards(features: Numbers, labels: Labels, scale: Numbers) -> dict[int, str]:
    """A card for each label, of features (rows, features) in the order of FEATURES, NaN where an agent has none."""
    return {int(label): _card(features[labels == label], features[labels != label], scale) for label in np.unique(labels)}


def _card(own: Numbers, others: Numbers, scale: Numbers) -> str:
    mine, theirs = _means(own), _means(others)
    apart = np.nan_to_num((mine - theirs) / scale)
    chosen = [place for place in np.argsort(-np.abs(apart), kind="stable")[:WORDS] if abs(apart[place]) >= LEAST]
    named = list(FEATURES.items())
    words = []
    for place in chosen:
        name, feature = named[place]
        says = feature.high if apart[place] > 0 else feature.low
        words.append(f"{says} ({name} {mine[place]:.2f}, others {theirs[place]:.2f})")
    return "; ".join(words) or "nothing sets them apart"


def _means(rows: Numbers) -> Numbers:
    """Mean of each column over those who have it, NaN where fewer than half do: it says nothing of the group then."""
    known = ~np.isnan(rows)
    count = known.sum(0)
    sums = np.where(known, rows, 0.0).sum(0)
    return ratio(sums, np.where(2 * count >= max(len(rows), 1), count, 0))
