"""A saved policy as a trader: the compiled form does what the plain one does."""

from collections.abc import Callable
from ctypes import CFUNCTYPE, c_void_p
from typing import Any

import numpy as np
import pytest

from simulator.envs.market.action import ActionRules
from simulator.envs.market.network import LINEAR, TANH
from simulator.envs.market.observation import FEATURES
from simulator.envs.market.types import ActionView
from simulator.training.player import PolicyTrader
from simulator.training.policy import Policy
from simulator.world.commands import Commands
from simulator.world.layout import COMMANDS, QUEUED
from simulator.world.view import View, example_view

RULES = ActionRules(offsets=(-1, 0, 3), sizes=(1, 7))
HEADS = {ActionView.DISCRETE: (18,), ActionView.MULTI_DISCRETE: (6, 3, 2), ActionView.BOX: ()}


def policy_of(view: ActionView, seed: int = 0, features: int = len(FEATURES)) -> Policy:
    rng, outputs = np.random.default_rng(seed), sum(HEADS[view]) or 3
    layers = ((rng.normal(size=(features, 8)), rng.normal(size=8), TANH), (rng.normal(size=(8, outputs)), np.zeros(outputs), LINEAR))
    return Policy(layers, view, HEADS[view])


def compiled_commands(trader: PolicyTrader, view: View) -> list[tuple[int, ...]]:
    queue, commands = np.zeros(16, QUEUED), np.zeros(1, COMMANDS)
    commands["capacity"], commands["address"] = len(queue), queue.ctypes.data
    call: Callable[..., Any] = CFUNCTYPE(None, c_void_p, c_void_p, c_void_p)(trader.address)
    call(*(row.__array_interface__["data"][0] for row in (view.market, view.own, commands)))
    return [tuple(int(x) for x in row) for row in queue[: commands["count"][0]]]


def plain_commands(trader: PolicyTrader, view: View) -> list[tuple[int, ...]]:
    commands = Commands()
    trader.act(view, commands)
    return list(commands.rows)


@pytest.mark.parametrize("view_of_actions", list(ActionView))
def test_both_forms_give_the_same_commands(view_of_actions: ActionView) -> None:
    seen = set()
    for seed in range(60):
        rng = np.random.default_rng(seed)
        trader = PolicyTrader(policy_of(view_of_actions, seed), RULES, horizon=10)
        prices = rng.integers(900, 1100, size=12).tolist()
        view = example_view(
            prices, trader.parameters, orders=[(5, 890, 3, 0), (6, 1105, 2, 1)], inventory=int(rng.integers(-50, 50)), signal=1000.0
        )
        plain = plain_commands(trader, view)
        assert compiled_commands(trader, view) == plain
        seen.add(tuple(row[0] for row in plain))
    assert len(seen) > 2  # market orders, limit orders and cancellations all occurred


def test_a_policy_of_another_market_is_refused() -> None:
    with pytest.raises(ValueError, match="3 features does not fit"):
        PolicyTrader(policy_of(ActionView.BOX, features=3), RULES, horizon=10)
    with pytest.raises(ValueError, match="18 outputs does not fit 50"):
        PolicyTrader(policy_of(ActionView.DISCRETE), ActionRules(offsets=(0, 1, 2, 3, 4), sizes=(1, 2, 3, 4)), horizon=10)
