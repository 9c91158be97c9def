"""A saved policy as a trader: it plays inside the compiled loop like any scripted strategy.

Everything it needs lies in one block of numbers that it is told by address: how outputs become an order, the network, room for the
features. A block belongs to one process; a world that is restored elsewhere is given a new one with its traders.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.envs.market.acting import carry_out
from simulator.envs.market.action import ActionRules
from simulator.envs.market.observation import FEATURES, observe
from simulator.envs.market.types import ActionView, OrderType
from simulator.envs.raw_memory import WORD, load
from simulator.matching.compiled import called
from simulator.traders.trader import Trader
from simulator.training.network import evaluate
from simulator.training.policy import Policy
from simulator.world.commands import Commands
from simulator.world.jit import compile_trader
from simulator.world.view import View

# Words of the head of a block.
_VIEW, _CHOICES, _NETWORK, _FEATURES, _ORDERS, _OFFSETS, _SIZES = range(7)
_HEAD = 9  # after the seven come the number of offsets and of sizes
_OFFSET_COUNT, _SIZE_COUNT = 7, 8
_DISCRETE, _MULTI_DISCRETE, _BOX = range(3)
_VIEW_CODES = {ActionView.DISCRETE: _DISCRETE, ActionView.MULTI_DISCRETE: _MULTI_DISCRETE, ActionView.BOX: _BOX}
_TYPES = len(OrderType)


@called
def word(block: int, index: int) -> int:
    """A whole number of a block."""
    return int(load(block, index))


@called
def likeliest(outputs: int, begin: int, count: int) -> int:
    """Place of the greatest of `count` outputs from `begin` on, counted from there; of equal ones the first."""
    best = 0
    for i in range(1, count):
        if load(outputs, begin + i) > load(outputs, begin + best):
            best = i
    return best


@called
def interval(x: float, count: int) -> int:
    """Which of `count` equal intervals of [-1, 1] a number lies in."""
    return min(int((min(max(x, -1.0), 1.0) + 1.0) * (count / 2.0)), count - 1)


@called
def order_of(block: int, outputs: int) -> tuple[int, int, int]:
    """The order that the outputs of the network mean: OrderType, offset in ticks, size in lots."""
    view = word(block, _VIEW)
    if view == _DISCRETE:
        row = word(block, _ORDERS) + 3 * likeliest(outputs, 0, word(block, _CHOICES))
        return word(block, row), word(block, row + 1), word(block, row + 2)
    offsets, sizes = word(block, _OFFSET_COUNT), word(block, _SIZE_COUNT)
    if view == _MULTI_DISCRETE:
        kind, offset = likeliest(outputs, 0, _TYPES), likeliest(outputs, _TYPES, offsets)
        size = likeliest(outputs, _TYPES + offsets, sizes)
    else:
        kind, offset = interval(load(outputs, 0), _TYPES), interval(load(outputs, 1), offsets)
        size = interval(load(outputs, 2), sizes)
    return kind, word(block, word(block, _OFFSETS) + offset), word(block, word(block, _SIZES) + size)


def decide(view: Any, commands: Any) -> None:
    """Observe, evaluate, carry out; compiled only."""
    block = int(view.parameters[0])
    features = block + WORD * word(block, _FEATURES)
    observe(view, features, int(view.parameters[1]))
    order_type, offset, size = order_of(block, evaluate(block + WORD * word(block, _NETWORK), features))
    carry_out(view, commands, order_type, offset, size)


def policy_block(policy: Policy, rules: ActionRules) -> NDArray[np.float64]:
    """The block that decide reads."""
    network = policy.block()
    parts = [rules.orders.ravel(), np.array(rules.offsets), np.array(rules.sizes), network, np.zeros(len(FEATURES))]
    orders, offsets, sizes, network_at, features = _HEAD + np.cumsum([0, *(part.size for part in parts[:-1])])
    head = [_VIEW_CODES[policy.view], policy.outputs, network_at, features, orders, offsets, sizes, len(rules.offsets), len(rules.sizes)]
    return np.concatenate([np.array(head), *parts]).astype(np.float64)


class PolicyTrader(Trader):
    """Plays a saved policy: every agent of its population acts greedily by the same network.

    Parameters
    ----------
    policy : what was trained, of len(FEATURES) features.
    rules : the buckets of the actions it was trained with.
    horizon : steps of the episodes it was trained in.

    Not for threads: two worlds that run at the same time in one process need a trader each.
    """

    address = compile_trader(decide)

    def __init__(self, policy: Policy, rules: ActionRules, horizon: int) -> None:
        if policy.features != len(FEATURES):
            raise ValueError(f"a policy of {policy.features} features does not fit the market's {len(FEATURES)}; train it in this market")
        self._check_outputs(policy, rules)
        self.policy, self.rules, self.horizon = policy, rules, horizon
        self._block = policy_block(policy, rules)
        super().__init__((float(self._block.ctypes.data), float(horizon)))

    @staticmethod
    def _check_outputs(policy: Policy, rules: ActionRules) -> None:
        parts = (_TYPES, len(rules.offsets), len(rules.sizes))
        expected = {ActionView.DISCRETE: len(rules.orders), ActionView.MULTI_DISCRETE: sum(parts), ActionView.BOX: len(parts)}[policy.view]
        if policy.outputs != expected:
            raise ValueError(f"a policy of {policy.outputs} outputs does not fit {expected} choices; pass the rules it was trained with")

    def act(self, view: View, commands: Commands) -> None:
        """Decide in Python what decide does compiled."""
        features = [0.0] * len(FEATURES)
        observe(view, features, self.horizon)
        ((order_type, offset, size),) = self.rules.resolve(self.policy.view, self.policy.act(np.array([features])))
        carry_out(view, commands, int(order_type), int(offset), int(size))
