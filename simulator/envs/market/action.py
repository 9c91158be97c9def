"""Actions: one meaning, three forms. An action is (order type, offset, size); the forms differ only in how it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from simulator.envs.market.acting import NO_QUOTE, distances
from simulator.envs.market.types import QUOTE, ActionView, OrderType

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
    quotes : distances in ticks from the fair price (acting.quote_both). Every two of them, or one with no quote on the other side, are an
        action more of the DISCRETE view: a bid and an ask placed together.
    """

    offsets: tuple[int, ...] = (-1, 0, 2, 5)
    sizes: tuple[int, ...] = (1, 5, 10)
    quotes: tuple[int, ...] = ()
    orders: NDArray[np.float64] = field(init=False, repr=False, compare=False)  # (combinations, 3): order type, ticks, lots
    _edges: NDArray[np.int64] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.offsets or not self.sizes:
            raise ValueError(f"offsets {self.offsets} and sizes {self.sizes} must each have a bucket; give at least one number")
        if min(self.sizes) < 1:
            raise ValueError(f"size {min(self.sizes)} is not positive; give sizes of at least one lot")
        if any(not 0 <= distance < NO_QUOTE for distance in self.quotes):
            raise ValueError(f"quotes {self.quotes} hold a distance that is none; give ticks from 0 to {NO_QUOTE - 1}")
        object.__setattr__(self, "orders", _combinations(self.offsets, self.sizes, self.quotes))
        object.__setattr__(self, "_edges", np.array([len(OrderType), len(self.offsets), len(self.sizes)]))

    def space(self, view: ActionView) -> spaces.Space[Any]:
        """A new space of the view; each agent needs its own, because sampling is seeded per space."""
        if view is ActionView.MULTI_DISCRETE:
            return spaces.MultiDiscrete(self._edges)
        if view is ActionView.DISCRETE:
            return spaces.Discrete(len(self.orders))
        return spaces.Box(-1.0, 1.0, (3,), np.float32)

    def resolve(self, view: ActionView, actions: NDArray[Any]) -> NDArray[np.float64]:
        """Actions of n agents in the form of `view` as (n, 3) numbers: OrderType, offset in ticks, size in lots.

        Raises ValueError when a choice does not exist.
        """
        if view is ActionView.DISCRETE:
            return self._looked_up(np.asarray(actions, dtype=np.int64).reshape(-1))
        if view is ActionView.BOX:
            cut = np.floor((np.clip(actions, -1.0, 1.0) + 1.0) * (self._edges / 2.0)).astype(np.int64)
            return self._combined(np.minimum(cut, self._edges - 1))
        chosen = np.asarray(actions, dtype=np.int64).reshape(-1, 3)
        if chosen.size and (chosen.min() < 0 or (chosen >= self._edges).any()):
            raise ValueError(f"a choice lies outside {self._edges.tolist()}; sample from action_space or clip")
        return self._combined(chosen)

    def _looked_up(self, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        if numbers.size and not 0 <= numbers.min() <= numbers.max() < len(self.orders):
            raise ValueError(f"an action lies outside 0..{len(self.orders) - 1}; sample from action_space or clip")
        return np.asarray(self.orders[numbers])

    def _combined(self, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.stack([chosen[:, 0], np.array(self.offsets)[chosen[:, 1]], np.array(self.sizes)[chosen[:, 2]]], axis=1).astype(np.float64)


def _combinations(offsets: tuple[int, ...], sizes: tuple[int, ...], quotes: tuple[int, ...]) -> NDArray[np.float64]:
    """Every order that differs, in the DISCRETE view's order: market orders by size, limit orders by offset and size, quotes."""
    market = [(kind, 0, size) for kind in MARKET_ORDERS for size in sizes]
    limit = [(kind, offset, size) for kind in LIMIT_ORDERS for offset in offsets for size in sizes]
    sides = (*quotes, NO_QUOTE)
    pairs = [(bid, ask) for bid in sides for ask in sides if (bid, ask) != (NO_QUOTE, NO_QUOTE)]
    both = [(QUOTE, distances(bid, ask), size) for bid, ask in pairs for size in sizes]
    return np.array([(OrderType.HOLD, 0, 0), *market, *limit, *both, (OrderType.CANCEL_ALL, 0, 0)], dtype=np.float64)
