"""Actions: one meaning, three forms. An action is (order type, offset, size); the forms differ only in how it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from simulator.envs.market.types import ActionView, OrderType

MARKET_ORDERS = (OrderType.MARKET_BUY, OrderType.MARKET_SELL)
LIMIT_ORDERS = (OrderType.LIMIT_BUY, OrderType.LIMIT_SELL)


@dataclass(frozen=True)
class ActionRules:
    """The buckets of an action.

    Parameters
    ----------
    offsets : ticks behind the own side's best price at which a limit order is placed; -1 improves on it by a tick where
        the spread has room.
    sizes : lots of an order.
    """

    offsets: tuple[int, ...] = (-1, 0, 2, 5)
    sizes: tuple[int, ...] = (1, 5, 10)
    table: NDArray[np.int64] = field(init=False, repr=False, compare=False)  # (combinations, 3), the DISCRETE view's meaning

    def __post_init__(self) -> None:
        if not self.offsets or not self.sizes:
            raise ValueError(f"offsets {self.offsets} and sizes {self.sizes} must each have a bucket; give at least one number")
        if min(self.sizes) < 1:
            raise ValueError(f"size {min(self.sizes)} is not positive; give sizes of at least one lot")
        object.__setattr__(self, "table", _combinations(len(self.offsets), len(self.sizes)))

    def space(self, view: ActionView) -> spaces.Space[Any]:
        """A new space of the view; each agent needs its own, because sampling is seeded per space."""
        if view is ActionView.MULTI_DISCRETE:
            return spaces.MultiDiscrete([len(OrderType), len(self.offsets), len(self.sizes)])
        if view is ActionView.DISCRETE:
            return spaces.Discrete(len(self.table))
        return spaces.Box(-1.0, 1.0, (3,), np.float32)

    def choices(self, view: ActionView, actions: NDArray[Any]) -> NDArray[np.int64]:
        """Actions of n agents in the form of `view` as (n, 3) int64 choices.

        Raises ValueError when a choice does not exist.
        """
        if view is ActionView.DISCRETE:
            return self._looked_up(np.asarray(actions, dtype=np.int64).reshape(-1))
        buckets = np.array([len(OrderType), len(self.offsets), len(self.sizes)])
        if view is ActionView.BOX:
            cut = np.floor((np.clip(actions, -1.0, 1.0) + 1.0) * (buckets / 2.0)).astype(np.int64)
            return np.asarray(np.minimum(cut, buckets - 1), dtype=np.int64)
        chosen = np.asarray(actions, dtype=np.int64).reshape(-1, 3)
        if chosen.size and (chosen.min() < 0 or (chosen >= buckets).any()):
            raise ValueError(f"a choice lies outside {buckets.tolist()}; sample from action_space or clip")
        return chosen

    def _looked_up(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        if numbers.size and not 0 <= numbers.min() <= numbers.max() < len(self.table):
            raise ValueError(f"an action lies outside 0..{len(self.table) - 1}; sample from action_space or clip")
        return np.asarray(self.table[numbers])


def _combinations(offsets: int, sizes: int) -> NDArray[np.int64]:
    """Every combination that differs: size alone for market orders, offset and size for limit orders, neither otherwise."""
    market = [(kind, 0, size) for kind in MARKET_ORDERS for size in range(sizes)]
    limit = [(kind, offset, size) for kind in LIMIT_ORDERS for offset in range(offsets) for size in range(sizes)]
    return np.array([(OrderType.HOLD, 0, 0), *market, *limit, (OrderType.CANCEL_ALL, 0, 0)], dtype=np.int64)
