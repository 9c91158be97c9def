"""Pairs of agents by how likely they are of a cartel, each with what makes the two stand out."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spark_jobs.detection.columns import Array, Column, Public
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.models import SHIPPED
from spark_jobs.detection.pairs.features import FEATURES, pairs_of

KIND = "cartel_pairs"
SHIPPED_MODEL = SHIPPED / f"{KIND}.npz"
_NOTHING, _ENOUGH = -8.0, 2.0  # log-odds of a common third from which on, and up to which it counts
_KNOWN = 8.0  # log-odds more for two whose deeds the detector of cartels is sure of; less for members of two cartels
_SURE = 1e-12
_REASONS = 3


class Suspects(NamedTuple):
    """Two agents, the smaller number first; score: log-odds, to be compared within a model.

    reasons : features by which they stand out most, each with its number and the share of pairs in which it is smaller.
    """

    agents: tuple[int, int]
    score: float
    reasons: list[tuple[str, float, float]]


class Scored(NamedTuple):
    """agents: (n, 2), the smaller number first; features: (n, len(FEATURES)); scores: (n,) log-odds."""

    agents: Column
    features: Array
    scores: NDArray[np.float64]


def read_pairs_model(path: Path | None = None) -> Forest:
    """A model of pairs, or the one that comes with the product. Raises ValueError for one that is missing, or of something else."""
    place = path or SHIPPED_MODEL
    forest = Forest.load(place)
    if forest.about.get("kind") != KIND or forest.features != FEATURES:
        raise ValueError(f"{place} is no model of what this version computes of pairs; make one: agora detect pairs --learn 200 --out FILE")
    return forest


def scored_pairs(public: Public, forest: Forest) -> Scored:
    """Every pair of agents with its score."""
    agents, features = pairs_of(public)
    known = _KNOWN * features[:, FEATURES.index("deeds")]
    return Scored(agents, features, in_company(agents, forest.scores(features)) + known)


def most_suspicious(public: Public, forest: Forest, most: int) -> list[Suspects]:
    """The pairs with the highest scores, and what makes them stand out."""
    found = scored_pairs(public, forest)
    places = np.argsort(-found.scores, kind="stable")[:most].tolist()
    agents = found.agents.tolist()
    return [Suspects((agents[at][0], agents[at][1]), float(found.scores[at]), reasons(found.features, at)) for at in places]


def reasons(rows: Array, place: int) -> list[tuple[str, float, float]]:
    """The features by which a pair stands out most among all."""
    below = (rows < rows[place]).mean(axis=0)
    return [(FEATURES[at], float(rows[place, at]), float(below[at])) for at in np.argsort(-below, kind="stable")[:_REASONS].tolist()]


def in_company(agents: Column, chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds (n,) of chances (n,) of pairs (n, 2), higher the more both are suspected with the same third agent."""
    if not len(chances):
        return chances
    known, place = np.unique(agents, return_inverse=True)
    one, two = place.reshape(-1, 2).T
    sure = np.clip(chances, _SURE, 1.0 - _SURE)
    own = np.log(sure / (1.0 - sure))
    odds = np.full((len(known), len(known)), -np.inf)
    odds[one, two] = odds[two, one] = own
    third = np.full(len(chances), -np.inf)
    for each in odds:
        third = np.maximum(third, np.minimum(each[one], each[two]))
    return np.asarray(own + np.clip(third, _NOTHING, _ENOUGH) - _NOTHING)
