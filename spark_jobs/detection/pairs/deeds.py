"""What the detector of cartels makes of two agents' single deeds: auctions and prices that they came to together."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import numpy as np

from spark_jobs.detection.cartels import candidates
from spark_jobs.detection.columns import Array, Column, Public
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.models import model_path, read_model

FEATURES = ("deeds",)  # mean score of their ten best candidates, those that they lack counting as nothing
BEST = 10  # who was together by chance has few good ones


def of_deeds(public: Public, agents: Column) -> dict[str, Array]:
    """The feature of what was done together."""
    rows, found = candidates(public, every_pair=True), np.zeros((len(agents), len(agents)))
    scores: dict[tuple[int, int], list[float]] = defaultdict(list)
    places = np.searchsorted(agents, rows[:, :2].astype(np.int64))
    here = np.isin(rows[:, :2], agents).all(axis=1)
    for (one, two), score in zip(places[here].tolist(), _cartels().scores(rows[here, 4:]).tolist(), strict=True):
        scores[one, two].append(score)
    for (one, two), each in scores.items():
        found[one, two] = found[two, one] = sum(sorted(each)[-BEST:]) / BEST
    return {"deeds": found}


@cache
def _cartels() -> Forest:
    return read_model(model_path("cartel"), "cartel")
