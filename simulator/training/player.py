"""A saved policy as a trader: it plays inside the compiled loop like any scripted strategy.

What it needs lies in one block of numbers that the compiled form (simulator.envs.market.playing) is told by address. A block belongs to
one process; a world that is restored elsewhere is given a new one with its traders.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.envs.market.acting import carry_out
from simulator.envs.market.action import ActionRules
from simulator.envs.market.observation import FEATURES, observe
from simulator.envs.market.playing import HEAD_WORDS, VIEW_CODES, decide, role_code
from simulator.envs.market.roles import ROLE_FEATURES, Officer, observe_role, officiate
from simulator.envs.market.scenario import OFFICES
from simulator.envs.market.types import ActionView, OrderType
from simulator.traders.trader import Trader
from simulator.training.policy import Policy
from simulator.world.commands import Commands
from simulator.world.jit import compile_trader
from simulator.world.mechanisms import RoleName
from simulator.world.view import View


def policy_block(policy: Policy, rules: ActionRules, role: RoleName) -> NDArray[np.float64]:
    """The block that the compiled form reads."""
    network = policy.block()
    parts = [rules.orders.ravel(), np.array(rules.offsets), np.array(rules.sizes), network, np.zeros(policy.features)]
    orders, offsets, sizes, network_at, features = HEAD_WORDS + np.cumsum([0, *(part.size for part in parts[:-1])])
    head = [VIEW_CODES[policy.view], policy.outputs, network_at, features, orders, offsets, sizes, len(rules.offsets), len(rules.sizes),
            role_code(role, policy.features)]  # fmt: skip
    return np.concatenate([np.array(head), *parts]).astype(np.float64)


class PolicyTrader(Trader):
    """Plays a saved policy: every agent of its population acts greedily by the same network.

    Parameters
    ----------
    policy : what was trained, of len(FEATURES) features, or of a role of len(ROLE_FEATURES).
    rules : the buckets of the actions it was trained with.
    horizon : steps of the episodes it was trained in.
    role : in which it was trained.

    Not for threads: two worlds that run at the same time in one process need a trader each.
    """

    address = compile_trader(decide)

    memory_words = Officer.memory_words

    def __init__(self, policy: Policy, rules: ActionRules, horizon: int, role: RoleName = RoleName.TRADER) -> None:
        if policy.features not in (len(FEATURES), len(ROLE_FEATURES)):
            raise ValueError(f"a policy of {policy.features} features does not fit the market's {len(FEATURES)}; train it in this market")
        self._check_outputs(policy, rules)
        self.policy, self.rules, self.horizon, self.role = policy, rules, horizon, role
        self._block = policy_block(policy, rules, role)
        super().__init__((float(self._block.ctypes.data), float(horizon)))

    @staticmethod
    def _check_outputs(policy: Policy, rules: ActionRules) -> None:
        parts = (len(OrderType), len(rules.offsets), len(rules.sizes))
        expected = {ActionView.DISCRETE: len(rules.orders), ActionView.MULTI_DISCRETE: sum(parts), ActionView.BOX: len(parts)}[policy.view]
        if policy.outputs != expected:
            raise ValueError(f"a policy of {policy.outputs} outputs does not fit {expected} choices; pass the rules it was trained with")

    def act(self, view: View, commands: Commands) -> None:
        """Decide in Python what the compiled form does."""
        features = [0.0] * self.policy.features
        observe(view, features, self.horizon)
        if len(features) > len(FEATURES):
            observe_role(view, features)
        ((order_type, offset, size),) = self.rules.resolve(self.policy.view, self.policy.act(np.array([features])))
        if self.role in OFFICES:
            officiate(view, commands, int(order_type), int(size))
        else:
            carry_out(view, commands, int(order_type), int(offset), int(size))
