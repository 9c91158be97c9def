"""Changes of strategy that are planted: from some window on an agent of each strategy behaves as one of the next strategy did.

Features of real agents change places; everything after them is the product's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipelines.workers.clustering.runs import Grouped
from spark_jobs.clustering.features import FEATURES
from spark_jobs.gold import agent_clusters, strategy_switches
from spark_jobs.gold.agent_clusters import matrix
from spark_jobs.gold.agent_features import STEPS


class Found(NamedTuple):
    """Changes that were planted, alerts that were raised, and those that are right: of such an agent, in the window of its change."""

    planted: int
    raised: int
    right: int


def found(runs: Sequence[Grouped]) -> Found:
    """Over all runs of four windows and more, in one symbol; the change comes in the middle."""
    return Found(*np.sum([_of_run(run) for run in runs], axis=0).tolist())


def _of_run(run: Grouped) -> Found:
    windows = [set(run.features.column("agent").to_numpy()[rows].tolist()) for rows in run.windows()]
    always = np.array(sorted(set.intersection(*windows)))
    middle = len(windows) // 2
    strategy = dict(zip(run.features.column("agent").to_pylist(), run.types.tolist(), strict=True))
    first = {strategy[agent]: agent for agent in always[::-1].tolist()}  # one agent of each strategy
    moved = [first[name] for name in sorted(first)]
    clusters = agent_clusters.transform(rotated(run.features, moved, middle))
    alerts = strategy_switches.found(clusters, {("", 0, 0): 2**31})
    raised = {(alert["suspects"], alert["first_step"] // STEPS) for alert in alerts}
    return Found(len(moved), len(alerts), len(raised & {(f"[{agent}]", middle) for agent in moved}))


def rotated(features: pa.Table, agents: Sequence[int], begin: int) -> pa.Table:
    """Rows of gold.agent_features in which each of the agents behaves as the next one from a window on, the last as the first."""
    table, agent, window = matrix(features), features.column("agent").to_numpy(), features.column("window").to_numpy()
    for each in np.unique(window[window >= begin]):
        rows = [int(np.flatnonzero((agent == one) & (window == each))[0]) for one in agents]
        table[rows] = table[np.roll(rows, -1)]
    for place, name in enumerate(FEATURES):
        features = features.set_column(features.schema.get_field_index(name), name, pa.array(table[:, place], from_pandas=True))
    return features
