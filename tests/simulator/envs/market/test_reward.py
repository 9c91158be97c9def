"""The reward: what a portfolio gained at the mid, or what its trades were worth at the value before."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simulator.envs.market.action import ActionRules
from simulator.envs.market.rows import MarketRows
from simulator.envs.market.scenario import TICK_VALUE, MarketScenario, among
from simulator.envs.market.types import OrderType
from simulator.world.scenario_files import load

STEPS = 60
SCENARIO = among(load("financial_market"), 12, learners=2, horizon=STEPS, rules=ActionRules(sizes=(3,)), position_limit=1000)


def played(scenario: MarketScenario) -> tuple[dict[str, np.ndarray[Any, Any]], np.ndarray[Any, Any]]:
    """Cash and inventory (steps + 1, seats), value of the symbol and mid (steps + 1,) in ticks; and rewards (steps, seats)."""
    rows = MarketRows(scenario, 3, 1)
    world, kinds = rows.worlds[0], np.array([OrderType.MARKET_BUY, OrderType.MARKET_SELL, OrderType.LIMIT_BUY, OrderType.HOLD])
    seen: dict[str, list[Any]] = {"cash": [], "inventory": [], "value": [], "mid": []}
    rewards, rng = [], np.random.default_rng(0)

    def look() -> None:
        own = world.agents[world.outside]
        for name, found in {"cash": own["cash"], "inventory": own["inventory"], "value": world.symbols["value"][0]}.items():
            seen[name].append(np.array(found, np.float64))
        seen["mid"].append(np.float64(world.markets["mid_twice"][0] / 2))

    look()
    for _ in range(STEPS):
        orders = np.zeros((2, 3))
        orders[:, 0], orders[:, 2] = rng.choice(kinds, 2), 3
        rows.play(orders)
        rewards.append(rows.rewards.copy())
        look()
    return {name: np.array(found) for name, found in seen.items()}, np.array(rewards)


def test_the_plain_reward_is_the_change_of_the_value_at_the_mid() -> None:
    seen, rewards = played(SCENARIO)
    worth = seen["cash"] + seen["inventory"] * seen["mid"][:, None]
    assert np.allclose(rewards, np.diff(worth, axis=0) * TICK_VALUE, atol=1e-6)
    assert np.abs(seen["inventory"][-1]).max() > 0


@pytest.mark.parametrize("scale", [1.0, 4.0])
def test_a_damped_reward_is_what_the_trades_were_worth_at_the_value_before_them(scale: float) -> None:
    seen, rewards = played(replace(SCENARIO, damped=True, reward_scale=scale))
    traded = np.diff(seen["cash"], axis=0) + np.diff(seen["inventory"], axis=0) * seen["value"][:-1, None]
    assert np.allclose(rewards, traded * TICK_VALUE / scale, atol=1e-6)
    assert (rewards == 0).any() and (rewards != 0).any()


def test_what_damping_leaves_out_is_what_the_inventory_gained_from_the_value() -> None:
    seen, plain = played(SCENARIO)
    _, damped = played(replace(SCENARIO, damped=True))
    left_out = seen["inventory"][1:] * np.diff(seen["value"])[:, None]
    gap = seen["inventory"] * (seen["mid"] - seen["value"])[:, None]  # the mid's distance from the value comes and goes
    assert np.allclose(plain - damped, (left_out + np.diff(gap, axis=0)) * TICK_VALUE, atol=1e-5)
