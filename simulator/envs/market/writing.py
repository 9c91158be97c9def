"""Actions of all learners into their memories, in each of the three forms; what ActionRules.resolve means, compiled."""

from __future__ import annotations

from typing import Any

from simulator.envs.market.types import ActionView, OrderType
from simulator.matching.compiled import compiled, i8, inlined

_TYPES = len(OrderType)
ALL_WRITTEN = -1


@compiled
def write_discrete(agents: Any, outside: Any, orders: Any, offsets: Any, sizes: Any, actions: Any) -> int:
    """actions (n,) int64, rows of `orders`; returns the first agent whose action does not exist, or ALL_WRITTEN."""
    for i in range(len(outside)):
        number = actions[i]
        if number < 0 or number >= len(orders):
            return i
        remember(agents[outside[i]], orders[number, 0], orders[number, 1], orders[number, 2])
    return ALL_WRITTEN


@compiled
def write_multi_discrete(agents: Any, outside: Any, orders: Any, offsets: Any, sizes: Any, actions: Any) -> int:
    """actions (n, 3) int64, buckets; returns as write_discrete."""
    for i in range(len(outside)):
        kind, offset, size = actions[i, 0], actions[i, 1], actions[i, 2]
        if min(kind, offset, size) < 0 or kind >= _TYPES or offset >= len(offsets) or size >= len(sizes):
            return i
        remember(agents[outside[i]], kind, offsets[offset], sizes[size])
    return ALL_WRITTEN


@compiled
def write_box(agents: Any, outside: Any, orders: Any, offsets: Any, sizes: Any, actions: Any) -> int:
    """actions (n, 3) float64, cut to [-1, 1]; returns as write_discrete, for actions that are not numbers."""
    for i in range(len(outside)):
        for part in range(3):
            if actions[i, part] != actions[i, part]:
                return i
        kind, offset = interval(actions[i, 0], _TYPES), interval(actions[i, 1], len(offsets))
        remember(agents[outside[i]], kind, offsets[offset], sizes[interval(actions[i, 2], len(sizes))])
    return ALL_WRITTEN


@inlined
def interval(x: float, count: int) -> int:
    """Which of `count` equal intervals of [-1, 1] a number lies in."""
    return min(i8((min(max(x, -1.0), 1.0) + 1.0) * (count / 2.0)), count - 1)


@inlined
def remember(own: Any, kind: float, offset: float, size: float) -> None:
    """Leave an action where the learner's trader reads it."""
    memory = own.memory
    memory[0] = kind
    memory[1] = offset
    memory[2] = size


WRITERS = {ActionView.DISCRETE: write_discrete, ActionView.MULTI_DISCRETE: write_multi_discrete, ActionView.BOX: write_box}
