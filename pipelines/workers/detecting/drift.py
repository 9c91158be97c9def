"""Drift: whether what a detector sees today is still what it learned from, feature by feature and in its scores.

Source: ADWIN of Bifet and Gavalda, "Learning from time-changing data with adaptive windowing", SDM 2007, as River has it. It is shown the
candidates that were learned from, then those of today, each in a random order, so that what changes within a run is no drift; a change that
it notices among those of today is.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from river.drift import ADWIN

from pipelines.places import Place
from simulator.seeding import generator
from spark_jobs.detection.columns import Array
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.public_rows import markets, public_of

SCORE = "score"
MOST = 4_000
"""Candidates of a side that are looked at; more would find differences that no detector minds."""
FEWEST = 100
"""Candidates of a side below which nothing is said."""
SURE = 0.002
"""Chance of a false word about all series of a detector together, as ADWIN bounds it."""
WIDE = 4.0
"""Deviations from the reference's mean at which a value is cut: ADWIN wants numbers between 0 and 1."""


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `changed`: series -> means before and today, of those that have changed."""

    kind: str
    reference: int  # candidates
    recent: int
    drifted: bool
    changed: dict[str, tuple[float, float]]
    told: str


def drift(forest: Forest, reference: Array, recent: Array) -> Drift:
    """Compare candidates (n, 4 + features) of today with those of the reference."""
    kind = str(forest.about["kind"])
    if min(len(reference), len(recent)) < FEWEST:
        few = f"{len(recent)} candidates of today and {len(reference)} to compare with are too few; {FEWEST} of each are needed"
        return Drift(kind=kind, reference=len(reference), recent=len(recent), drifted=False, changed={}, told=few)
    before, now = (_series(forest, _drawn(rows, side)) for rows, side in ((reference, "reference"), (recent, "recent")))
    names = (*forest.features, SCORE)
    level = SURE / len(names)
    changed = {
        name: (float(before[:, place].mean()), float(now[:, place].mean()))
        for place, name in enumerate(names)
        if has_changed(before[:, place], now[:, place], level)
    }
    told = f"{len(changed)} of {len(names)} series have changed" if changed else "nothing has changed"
    return Drift(kind=kind, reference=len(before), recent=len(now), drifted=bool(changed), changed=changed, told=told)


def has_changed(before: NDArray[np.float64], now: NDArray[np.float64], level: float = SURE) -> bool:
    """Whether ADWIN notices a change among the later numbers.

    >>> steady = np.tile([0.0, 1.0], 200)
    >>> has_changed(steady, steady), has_changed(steady, steady + 1.0)
    (False, True)
    """
    adwin: Any = ADWIN  # half of it says its types
    seen, noticed = adwin(delta=level), False
    for place, value in enumerate(_scaled(np.concatenate([before, now]), before)):
        seen.update(float(value))
        noticed |= bool(seen.drift_detected) and place >= len(before)
    return noticed


def _scaled(values: NDArray[np.float64], reference: NDArray[np.float64]) -> NDArray[np.float64]:
    """Between 0 and 1, by mean and deviation of the reference."""
    deviation = float(reference.std()) or 1.0
    return np.asarray(np.clip((values - reference.mean()) / deviation, -WIDE, WIDE) / (2 * WIDE) + 0.5)


def _series(forest: Forest, rows: Array) -> NDArray[np.float64]:
    features = np.nan_to_num(rows[:, 4:].astype(np.float64))
    return np.column_stack([features, forest.scores(rows[:, 4:])])


def _drawn(rows: Array, side: str) -> Array:
    """At most MOST of them, in an order of chance that is always the same."""
    return rows[generator(0, "drift", side).permutation(len(rows))[:MOST]]


def recorded_candidates(lake: Place, runs: list[str], kind: str) -> Array:
    """The candidates (n, 4 + features) of all markets of some recorded runs."""
    width = 4 + len(KINDS[kind].features)
    found = [KINDS[kind].candidates(public_of(lake, market)) for run in runs for market in markets(lake, run)]
    return np.concatenate([np.empty((0, width)), *(rows for rows in found if len(rows))])
