"""Changes of strategy as rows of gold.alerts, of kind strategy_switch. Upstream: gold.agent_clusters.

A window counts once all of its rows are there, in all worlds and symbols of the run, for they are grouped together: what is raised is never
taken back.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from spark_jobs.clustering.switches import Seen, alert, switches
from spark_jobs.gold.agent_features import STEPS

MARKET = ("run_id", "world_id", "symbol")
Place = tuple[str, int, int]  # values of MARKET


def found(clusters: pa.Table, known_until: Mapping[Place, int]) -> list[dict[str, Any]]:
    """The alerts of rows of gold.agent_clusters; `known_until` is the last step of each market whose rows are all there."""
    whole: dict[str, int] = {}
    for (run, _, _), step in known_until.items():
        whole[run] = min(step, whole.get(run, step))
    history: dict[tuple[Place, int], list[Seen]] = defaultdict(list)
    members: dict[str, Counter[tuple[int, int]]] = defaultdict(Counter)
    for row in clusters.select([*MARKET, "agent", "window", "cluster", "fit"]).sort_by("window").to_pylist():
        members[row["run_id"]][row["window"], row["cluster"]] += 1
        place = (row["run_id"], row["world_id"], row["symbol"])
        if (row["window"] + 1) * STEPS <= whole.get(row["run_id"], 0):
            history[place, row["agent"]].append(Seen(row["window"], row["cluster"], row["fit"]))
    return [
        alert(dict(zip(MARKET, place, strict=True)), agent, part, STEPS)
        for (place, agent), seen in sorted(history.items())
        for part in switches(seen, members[place[0]])
    ]
