"""One order flow for both sides of the core's benchmark: 64 % limit orders, 16 % market orders, 20 % cancels around a moving mid.

The book stays a few thousand orders deep. Ids are numbers of orders in order of arrival, which is also how bourse numbers them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.seeding import generator
from simulator.types import COMMAND, CommandKind, Side

Array = np.ndarray[Any, Any]

LIMIT_SHARE, MARKET_SHARE = 0.64, 0.16
TRADERS = 100
CANCEL_REACH = 2000  # a cancel names one of this many latest orders; orders that are gone by then are refused by both sides


def order_flow(commands: int, seed: int = 1) -> Array:
    """Return (commands,) COMMAND, the same for the same seed."""
    random, flow = generator(seed, "order flow"), np.zeros(commands, COMMAND)
    kind = np.searchsorted([LIMIT_SHARE, LIMIT_SHARE + MARKET_SHARE], random.random(commands), side="right")
    side = random.integers(0, 2, commands)
    mid = 10_000 + np.cumsum(random.integers(-1, 2, commands) * (random.random(commands) < 0.02))
    away = random.geometric(0.15, commands) - 2  # now and then across the spread
    flow["kind"] = np.array([CommandKind.LIMIT, CommandKind.MARKET, CommandKind.CANCEL])[kind]
    flow["side"] = side
    flow["price"] = np.where(kind == 0, np.where(side == Side.BUY, mid - away, mid + away), 0)
    flow["size"] = np.where(kind == 1, random.integers(1, 30, commands), random.integers(1, 11, commands))
    newest = np.cumsum(kind != 2) - 1
    flow["order_id"] = np.where(kind != 2, newest, np.maximum(newest - random.integers(0, CANCEL_REACH, commands), 0))
    flow["owner"] = random.integers(0, TRADERS, commands)
    return flow
