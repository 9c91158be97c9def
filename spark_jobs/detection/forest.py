"""Boosted trees as arrays: fitted by scikit-learn, kept in a file without code in it, evaluated the same everywhere.

A pickled model runs whatever it holds and only in the version that wrote it; these arrays do neither. Sums go over the trees in order.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from spark_jobs.detection.columns import Array
from spark_jobs.detection.history import FEATURES

FORMAT = 1
_ROUNDING = 1e-6  # of sums of log-odds in another order
NODE = np.dtype([("feature", "i4"), ("left", "i4"), ("right", "i4"), ("threshold", "f8"), ("value", "f8")], align=True)
"""One node: left where the feature is at most the threshold; feature -1 in a leaf, whose value counts."""


@dataclass(frozen=True)
class Forest:
    """A classifier of one kind of manipulation.

    Parameters
    ----------
    nodes : (nodes,) NODE of all trees; roots : (trees,) the first node of each; places in `left` and `right` count from there.
    base : log-odds before the first tree.
    threshold : score from which a candidate is an alert.
    second : looks again at what this one finds possible, with history.FEATURES before the others; see raising.Raiser.scores.
    about : what it is for and how it came about: kind, features, data, seeds, figures; plain data.
    """

    nodes: Array
    roots: NDArray[np.int64]
    base: float
    threshold: float
    about: dict[str, Any]
    second: Forest | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """What it looks at, in order."""
        return tuple(self.about["features"])

    @property
    def sure(self) -> float:
        """Chance of its suspects' guilt that a candidate needs besides, see raising.Raiser."""
        return float(self.about.get("sure", 0.0))

    @cached_property
    def most_to_come(self) -> NDArray[np.float64]:
        """By tree, the most that it and all later ones can add to the log-odds."""
        leaves = np.where(self.nodes["feature"] < 0, self.nodes["value"], -np.inf)
        return np.asarray(np.maximum.reduceat(leaves, self.roots)[::-1].cumsum()[::-1])

    def scores(self, rows: Array, least: float = 0.0) -> NDArray[np.float64]:
        """Chances (n,) by rows (n, features); below `least` a chance may be given as 0, which takes a fraction of the time.

        Raises ValueError for another number of features.
        """
        if rows.ndim != 2 or rows.shape[1] != len(self.features):
            raise ValueError(f"rows of shape {rows.shape} do not fit a model of {len(self.features)} features; pass (n, features)")
        odds = np.full(len(rows), self.base)
        needed = np.log(least / (1.0 - least)) - _ROUNDING if 0.0 < least < 1.0 else -np.inf
        add_trees(self.nodes, self.roots, self.most_to_come, needed, np.ascontiguousarray(rows, np.float64), odds)
        return np.asarray(1.0 / (1.0 + np.exp(-odds)))

    def save(self, path: Path) -> None:
        """Write one .npz, whole or not at all."""
        second = self.second
        base = {"base": self.base, **({"second_base": second.base} if second else {})}
        about = json.dumps({"format": FORMAT, "threshold": self.threshold, **base, **self.about})
        trees: dict[str, Any] = {"nodes": self.nodes, "roots": self.roots}
        if second:
            trees |= {"second_nodes": second.nodes, "second_roots": second.roots}
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with draft.open("wb") as file:
            np.savez_compressed(file, about=np.frombuffer(about.encode(), np.uint8), **trees)
        draft.replace(path)

    @classmethod
    def load(cls, path: Path) -> Forest:
        """Read what save wrote. Raises ValueError for a file that is missing, no model, or of another format."""
        if not path.is_file():
            raise ValueError(f"there is no model {path}; `agora detect train` makes one")
        try:
            with np.load(path, allow_pickle=False) as stored:
                trees, about = dict(stored), json.loads(stored["about"].tobytes())
            form, threshold = about.pop("format"), about.pop("threshold")
            first = cls._part(trees, about, "", threshold)
            second = cls._part(trees, about, "second_", threshold) if "second_nodes" in trees else None
        except (KeyError, ValueError, OSError, EOFError, TypeError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
            raise ValueError(f"{path} is no model of a detector ({error}); `agora detect train` makes one") from error
        if form != FORMAT or any(each.nodes.dtype != NODE for each in (first, second) if each):
            raise ValueError(f"model {path} is of another format than {FORMAT}; make it anew with `agora detect train`")
        return replace(first, second=second)

    @classmethod
    def _part(cls, trees: dict[str, Any], about: dict[str, Any], prefix: str, threshold: float) -> Forest:
        """The first or the second forest of a file."""
        base = float(about.pop(prefix + "base"))
        told = {**about, "features": [*FEATURES, *about["features"]]} if prefix else about
        return cls(trees[prefix + "nodes"], trees[prefix + "roots"], base, threshold, told)


def forest_of(model: Any, threshold: float, about: dict[str, Any]) -> Forest:
    """The trees of a fitted scikit-learn HistGradientBoostingClassifier of two classes, without categories."""
    trees = [made[0].nodes for made in model._predictors]
    nodes = np.zeros(sum(map(len, trees)), NODE)
    roots = np.cumsum([0, *map(len, trees)])[:-1].astype(np.int64)
    for root, tree in zip(roots, trees, strict=True):
        part = nodes[root : root + len(tree)]
        part["feature"] = np.where(tree["is_leaf"], -1, tree["feature_idx"])
        part["threshold"], part["value"], part["left"], part["right"] = tree["num_threshold"], tree["value"], tree["left"], tree["right"]
    return Forest(nodes, roots, float(model._baseline_prediction.item()), threshold, about)


@njit(cache=True)
def add_trees(
    nodes: Array, roots: NDArray[np.int64], most: NDArray[np.float64], needed: float, rows: Array, odds: NDArray[np.float64]
) -> None:
    """Add every tree's leaf to the log-odds of every row; one that cannot reach what is needed any more is given up."""
    for row in range(len(rows)):
        total = odds[row]
        for tree, root in enumerate(roots):
            if total + most[tree] < needed:
                total = -np.inf
                break
            at = root
            while nodes[at].feature >= 0:
                at = root + (nodes[at].left if rows[row, nodes[at].feature] <= nodes[at].threshold else nodes[at].right)
            total += nodes[at].value
        odds[row] = total
