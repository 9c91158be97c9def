"""Agents of one window in two dimensions: by the groups that were found, and by the strategies behind them.

Source: t-SNE, van der Maaten and Hinton, "Visualizing data using t-SNE", Journal of Machine Learning Research 9 (2008).
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.manifold import TSNE

from pipelines.workers.clustering.runs import Grouped
from spark_jobs.clustering.grouping import filled
from spark_jobs.gold.agent_clusters import matrix

MARKERS = "os^"


def draw(run: Grouped, path: Path) -> Path:
    """Draw the last window of a run."""
    *_, rows = run.windows()
    features = filled(matrix(run.features)[rows])
    scaled = (features - features.mean(0)) / np.where(features.std(0) > 0, features.std(0), 1.0)
    places = TSNE(perplexity=min(12.0, (len(rows) - 1) / 3), init="pca", random_state=0).fit_transform(scaled)
    figure = Figure(figsize=(13, 6.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    clusters = run.clusters.column("cluster").to_numpy()[rows]
    _scatter(left, places, np.array([f"group {number}" for number in clusters]), "found, without knowing how many there are")
    _scatter(right, places, run.types[rows], "the strategies behind them")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    return path


def _scatter(axes: Axes, places: NDArray[np.float64], names: NDArray[np.str_], title: str) -> None:
    colours = mpl.colormaps["tab10"]
    kinds = sorted(set(names.tolist()), key=lambda name: (-int(np.sum(names == name)), name))
    for number, name in enumerate(kinds):
        chosen = names == name
        marker = MARKERS[number // 10 % len(MARKERS)]
        axes.scatter(
            places[chosen, 0],
            places[chosen, 1],
            s=26,
            color=colours(number % 10),
            marker=marker,
            label=f"{name} ({chosen.sum()})",
            alpha=0.8,
        )
    axes.set_title(title)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.02), ncols=4, frameon=False, fontsize=8)
