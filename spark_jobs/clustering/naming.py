"""Groups keep their number from window to window: each is matched to the earlier one that it resembles most.

Source: the assignment of least total distance, Kuhn, "The Hungarian method for the assignment problem", Naval Research Logistics 2 (1955).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from spark_jobs.clustering.by_agent import Numbers
from spark_jobs.clustering.grouping import Groups, Labels, distances


@dataclass
class Names:
    """Numbers given so far. centres : number -> where its group lay when it was last seen, in units of the features."""

    centres: dict[int, Numbers] = field(default_factory=dict)

    def of(self, groups: Groups) -> Labels:
        """The numbers of the groups of the next window, one for each.

        A group that lies further from its match than from another group of its own window is a new one.
        """
        found = np.full(len(groups.centres), -1)
        if self.centres and len(found):
            known = sorted(self.centres)
            away = distances(groups.centres, np.stack([self.centres[number] for number in known]), groups.scale)
            reach = _next(groups)
            for ours, theirs in zip(*linear_sum_assignment(np.minimum(away, reach[:, None])), strict=True):
                if away[ours, theirs] < reach[ours]:
                    found[ours] = known[theirs]
        new = np.flatnonzero(found < 0)
        found[new] = np.arange(len(new)) + max(self.centres, default=-1) + 1
        self.centres |= dict(zip(found.tolist(), groups.centres, strict=True))
        return found


def _next(groups: Groups) -> Numbers:
    """Distance of each centre to the nearest other one, (groups,); a large number where there is none."""
    away = distances(groups.centres, groups.centres, groups.scale)
    np.fill_diagonal(away, 1e9)
    return np.asarray(away.min(1))
