"""Trading success: which share of what a trader bought and sold again, or sold and bought back, it did at a better price."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from simulator.types import RECORD, RecordKind


def trading_success(records: NDArray[np.void], agent: int) -> float:
    """Share of an agent's closed lots whose round trip gained, from TRADE records of one symbol in their order; nan where it closed none.

    Lots are matched first in, first out; a lot that is sold for what it cost counts one half. Fees are not counted, nor are trades with
    oneself. Raises ValueError for other records.
    """
    if records.dtype != RECORD:
        raise ValueError(f"records of dtype {records.dtype} are not the log's records; pass an array of simulator.types.RECORD")
    bought, sold = records["owner"] == agent, records["other_owner"] == agent
    fills = records[(records["kind"] == RecordKind.TRADE) & (bought != sold)]
    gained, closed = 0.0, 0
    held: deque[list[int]] = deque()  # (lots with their sign, price), oldest first
    for price, size, owner in zip(fills["price"].tolist(), fills["size"].tolist(), fills["owner"].tolist(), strict=True):
        sign, left = (1 if owner == agent else -1), size
        while left and held and held[0][0] * sign < 0:
            lots = min(left, abs(held[0][0]))
            gain = (held[0][1] - price) * sign
            gained += lots * (1.0 if gain > 0 else 0.5 if gain == 0 else 0.0)
            closed += lots
            left -= lots
            held[0][0] += sign * lots
            if held[0][0] == 0:
                held.popleft()
        if left:
            held.append([sign * left, price])
    return gained / closed if closed else float("nan")
