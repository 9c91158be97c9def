"""What detectors take: the columns of market.orders as whole numbers, of one symbol, in seq order. Nothing else reaches them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = np.ndarray[Any, Any]
Row = Any  # one row of a structured array, by reference
Column = NDArray[np.int64]


class Orders(NamedTuple):
    """Rows of market.orders (pipelines.events.declarations.ORDERS), each column (n,) int64."""

    kind: Column
    side: Column
    reason: Column
    time_in_force: Column
    step: Column
    price: Column
    size: Column
    owner: Column
    other_owner: Column
    order_id: Column
    other_id: Column


def orders_of(columns: Mapping[str, Array], symbol: int) -> Orders:
    """The rows of a symbol in a block, or in anything else with these columns by name."""
    rows = np.flatnonzero(np.asarray(columns["symbol"]) == symbol)
    return Orders(*(np.ascontiguousarray(columns[name][rows], np.int64) for name in Orders._fields))
