"""A policy that draws its choices: both forms do the same, and it draws by the softmax."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

from simulator.envs.market.observation import FEATURES
from simulator.envs.market.roles import ROLE_FEATURES
from simulator.envs.market.sampling import drawn, exact_exp
from simulator.envs.market.scenario import LEARNER, OFFICER
from simulator.envs.market.types import ActionView
from simulator.traders.registry import make_trader
from simulator.training.judging.sampled import SampledPolicy, random_actions
from simulator.world.mechanisms import RoleName
from simulator.world.view import example_view
from simulator.world.world import World
from tests.simulator.envs.market.test_roles import seats
from tests.simulator.training.test_player import RULES, compiled_commands, plain_commands, policy_of

ORDERS = [(5, 890, 3, 0), (6, 1105, 2, 1)]


def test_the_exponential_is_that_of_the_mathematics_library_where_a_draw_can_tell() -> None:
    for x in (0.0, -1e-9, -0.3, -1.0, -7.5, -39.9):
        assert exact_exp(x) == pytest.approx(exp(x), rel=1e-10)
    assert exact_exp(-41.0) == 0.0


def test_a_chance_falls_into_the_choice_whose_share_it_meets() -> None:
    outputs = np.array([9.0, np.log(1.0), np.log(2.0), np.log(1.0)])  # shares 1/4, 1/2, 1/4 behind one that is not looked at
    found = [drawn(outputs.ctypes.data, 1, 3, chance) for chance in (0.0, 0.24, 0.26, 0.74, 0.76, 0.999999)]
    assert found == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("view_of_actions", [ActionView.DISCRETE, ActionView.MULTI_DISCRETE])
def test_both_forms_draw_the_same_from_the_same_stream(view_of_actions: ActionView) -> None:
    seen = set()
    for seed in range(40):
        trader = SampledPolicy(policy_of(view_of_actions, seed), RULES, horizon=10)
        first, second = (
            example_view([1000, 1003], trader.parameters, orders=ORDERS, inventory=4, signal=1000.0, seed=seed) for _ in range(2)
        )
        plain = plain_commands(trader, first)
        assert compiled_commands(trader, second) == plain
        assert first.random == second.random != seed
        seen.add(tuple(plain))
    assert len(seen) > 5


@pytest.mark.parametrize("role", [RoleName.SELLER, RoleName.REGULATOR])
def test_a_role_is_played_the_same_in_python_and_compiled(role: RoleName) -> None:
    def hashed(python: bool) -> str:
        market = seats(role)
        trader = random_actions(market.rules, len(ROLE_FEATURES), market.horizon, role)
        trader.address = 0 if python else SampledPolicy.address
        world = World(
            market.world(), 0, 1, lambda name, parameters: trader if name in (LEARNER, OFFICER) else make_trader(name, parameters)
        )
        for _ in world.chunks(30):
            pass
        return world.hash()

    assert hashed(python=True) == hashed(python=False)


def test_random_actions_are_as_likely_each() -> None:
    trader = random_actions(RULES, len(FEATURES), 10)
    kinds = []
    for seed in range(1, 601):
        commands = plain_commands(trader, example_view([1000], trader.parameters, seed=seed * 7919))
        kinds.append(commands[0][0] if commands else -1)
    assert np.mean([kind == -1 for kind in kinds]) == pytest.approx(2 / 6, abs=0.06)  # hold, and nothing to cancel


def test_continuous_actions_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="without its deviation"):
        SampledPolicy(policy_of(ActionView.BOX), RULES, 10)
