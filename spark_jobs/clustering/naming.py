"""Groups keep their number from window to window: each is matched to the earlier one that it resembles most.

Source: the assignment of least total distance, Kuhn, "The Hungarian method for the assignment problem", Naval Research Logistics 2 (1955).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from spark_jobs.clustering.by_agent import Numbers
from spark_jobs.clustering.grouping import Groups, Labels, distances

FRESH = 0.5  # weight of the newest window in where a group is taken to lie


@dataclass
class Names:
    """Numbers given so far. centres : number -> where its group lies, in units of the features."""

    centres: dict[int, Numbers] = field(default_factory=dict)

    def of(self, groups: Groups) -> Labels:
        """The numbers of the groups of the next window, one for each.

        A group whose match lies further away than groups lie apart is a new one.
        """
        found = np.full(len(groups.centres), -1)
        if self.centres and len(found):
            known = sorted(self.centres)
            away = distances(groups.centres, np.stack([self.centres[number] for number in known]), groups.scale)
            reach = _reach(groups)
            for ours, theirs in zip(*linear_sum_assignment(np.minimum(away, reach[:, None])), strict=True):
                if away[ours, theirs] < reach[ours]:
                    found[ours] = known[theirs]
        new = np.flatnonzero(found < 0)
        found[new] = np.arange(len(new)) + max(self.centres, default=-1) + 1
        for number, centre in zip(found.tolist(), groups.centres, strict=True):
            self.centres[number] = FRESH * centre + (1 - FRESH) * self.centres.get(number, centre)
        return found


def _reach(groups: Groups) -> Numbers:
    """Distance of each centre to the nearest other one, or the usual one if that is more, (groups,); without another one a large number."""
    away = distances(groups.centres, groups.centres, groups.scale)
    np.fill_diagonal(away, 1e9)
    nearest = away.min(1)
    return np.asarray(np.maximum(nearest, np.median(nearest)))
