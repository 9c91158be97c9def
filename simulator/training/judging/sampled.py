"""A saved policy that plays as it learned: it draws its choices instead of taking the likeliest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.envs.market.acting import carry_out
from simulator.envs.market.action import ActionRules
from simulator.envs.market.network import LINEAR
from simulator.envs.market.observation import FEATURES, observe
from simulator.envs.market.roles import observe_role, officiate
from simulator.envs.market.sampling import HEADS, decide, drawn
from simulator.envs.market.scenario import OFFICES
from simulator.envs.market.types import ActionView, OrderType
from simulator.training.player import PolicyTrader
from simulator.training.policy import Policy
from simulator.world.commands import Commands
from simulator.world.draws import uniform
from simulator.world.jit import compile_trader
from simulator.world.mechanisms import RoleName
from simulator.world.view import View


class SampledPolicy(PolicyTrader):
    """Plays a policy with discrete heads by their softmax, with the chance of each agent's own stream; otherwise as PolicyTrader.

    Raises ValueError for continuous actions, whose deviation a saved policy does not hold.
    """

    address = compile_trader(decide)

    def __init__(self, policy: Policy, rules: ActionRules, horizon: int, role: RoleName = RoleName.TRADER) -> None:
        if policy.view is ActionView.BOX:
            raise ValueError("a policy of box actions is saved without its deviation and cannot be drawn from; play it greedily")
        super().__init__(policy, rules, horizon, role)
        self._network, self._seen = policy.block(), np.zeros(policy.features)
        heads = (*policy.heads, *(0 for _ in range(HEADS - len(policy.heads))))
        addresses = (float(self._network.ctypes.data), float(self._seen.ctypes.data))
        self.parameters += (*addresses, float(policy.features > len(FEATURES)), float(role in OFFICES), *map(float, heads))

    def act(self, view: View, commands: Commands) -> None:
        """Decide in Python what the compiled form does."""
        features = [0.0] * self.policy.features
        observe(view, features, self.horizon)
        if len(features) > len(FEATURES):
            observe_role(view, features)
        chances = [uniform(view) for _ in range(HEADS)]
        choices = choose(self.policy, self.policy.evaluate(np.array([features]))[0], chances)
        ((order_type, offset, size),) = self.rules.resolve(self.policy.view, choices[np.newaxis])
        if self.role in OFFICES:
            officiate(view, commands, int(order_type), int(size))
        else:
            carry_out(view, commands, int(order_type), int(offset), int(size))


def choose(policy: Policy, outputs: NDArray[np.float64], chances: list[float]) -> NDArray[np.int64]:
    """(heads,) choices by one chance each from the outputs (outputs,) of a policy."""
    row = np.ascontiguousarray(outputs, dtype=np.float64)
    edges = np.cumsum([0, *policy.heads])
    return np.array([drawn(row.ctypes.data, edges[i], count, chances[i]) for i, count in enumerate(policy.heads)], dtype=np.int64)


def random_actions(rules: ActionRules, features: int, horizon: int, role: RoleName = RoleName.TRADER) -> SampledPolicy:
    """Somebody who draws every kind of order, every offset and every size with the same chance, whatever it sees."""
    heads = (len(OrderType), len(rules.offsets), len(rules.sizes))
    blind = (np.zeros((features, sum(heads))), np.zeros(sum(heads)), LINEAR)
    return SampledPolicy(Policy((blind,), ActionView.MULTI_DISCRETE, heads), rules, horizon, role)
