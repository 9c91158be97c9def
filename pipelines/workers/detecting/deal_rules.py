"""Published rules for what is done by deals rather than by orders, each in one line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spark_jobs.detection.columns import Array


def _sybil_reputation(at: dict[str, Array]) -> Array:
    """Four deals or more in a closed community, and both sides praise each other: the conductance of Viswanath et al. (2010)."""
    closed = (at["deals"] >= 4) & (at["members"] >= 3) & (at["closedness"] >= 0.9)
    return np.asarray(closed & (at["praise"] >= 1.0))


def _cartel(at: dict[str, Array]) -> Array:
    """Rotation of OECD's guidelines (2009): ten auctions together, hardly one apart, won by members, who take turns; or ten prices."""
    auctions = (at["auction"] == 1) & (at["occasions"] >= 10) & (at["overlap"] >= 0.8) & (at["wins_ever"] >= 0.3)
    prices = (at["auction"] == 0) & (at["occasions"] >= 10) & (at["overlap"] >= 0.5)
    return np.asarray(auctions | prices)


DEAL_RULES: dict[str, Callable[[dict[str, Array]], Array]] = {"cartel": _cartel, "sybil_reputation": _sybil_reputation}
