"""Live state against the events: the same says nothing, every kind of difference is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pipelines.sinks.live_world import Heads
from pipelines.sinks.redis_reader import State
from pipelines.workers.reconcile.live import Come, come_to, live_differences


def rows(event: str) -> list[tuple[int, dict[str, Any]]]:
    """Two orders that rest at one price, one of them partly cancelled away; two ticks, two accounts."""
    names = (
        "kind", "side", "reason", "time_in_force", "symbol", "price", "size", "remaining", "owner", "other_owner", "order_id", "other_id"
    )  # fmt: skip
    orders = np.array([[1, 0, 0, 0, 0, 100, 5, 5, 7, -1, 1, -1], [1, 0, 0, 0, 0, 100, 4, 4, 8, -1, 2, -1]])
    found = {
        "orders": {"seq": np.array([0, 1]), "step": np.array([0, 0])} | {name: orders[:, place] for place, name in enumerate(names)},
        "ticks": {"seq": np.array([2, 5]), "step": np.array([0, 1]), "symbol": np.array([0, 0]), "last": np.array([0, 3])},
        "agents": {"seq": np.array([3, 4]), "agent": np.array([7, 8]), "symbol": np.array([0, 0]), "cash": np.array([10, 20])},
    }
    return [(0, found[event]), (1, found[event])]


def come() -> Come:
    (found,) = come_to({0: ["ABC"]}, rows).values()
    return found


def state() -> State:
    return State(
        Heads(orders=1, ticks=5, trades=-1, agents=4),
        {0: {"seq": 5, "step": 1, "symbol": 0, "last": 3}},
        {(0, 0): {100: 9}},
        {(agent, 0): {"seq": seq, "agent": agent, "symbol": 0, "cash": cash} for seq, agent, cash in ((3, 7, 10), (4, 8, 20))},
    )


def test_the_same_says_nothing() -> None:
    assert live_differences("world 0, redis", state(), come()) == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"levels": {(0, 0): {100: 8}}}, "world 0, redis: levels of symbol and side (0, 0) is {100: 8} where the events give {100: 9}"),
        ({"levels": {}}, "world 0, redis: levels of symbol and side (0, 0) is None where the events give {100: 9}"),
        ({"accounts": {}}, "account of agent and symbol (7, 0) is None"),
        ({"ticks": {0: {"seq": 2}}}, "last tick of symbol (0,) is {'seq': 2}"),
        ({"heads": Heads(orders=0, ticks=5, agents=4)}, "stands at seq of orders 0, the last one is 1"),
        ({"heads": Heads(orders=1, ticks=5, agents=4, orders_since=0)}, "followed from seq 0 only"),
    ],
)
def test_what_differs_is_told(changed: dict[str, Any], words: str) -> None:
    found = live_differences("world 0, redis", state()._replace(**changed), come())
    assert words in found[0]
