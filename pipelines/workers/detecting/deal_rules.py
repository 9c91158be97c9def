"""Published rules for what is done by deals rather than by orders, each in one line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spark_jobs.detection.columns import Array


def _sybil_reputation(at: dict[str, Array]) -> Array:
    """Four deals or more in a closed community, and both sides praise each other: the conductance of Viswanath et al. (2010)."""
    closed = (at["deals"] >= 4) & (at["members"] >= 3) & (at["closedness"] >= 0.9)
    return np.asarray(closed & (at["praise"] >= 1.0))


DEAL_RULES: dict[str, Callable[[dict[str, Array]], Array]] = {"sybil_reputation": _sybil_reputation}
