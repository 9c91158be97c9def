"""Learners of every role: what they see, what their actions do, and that a saved policy plays as it was trained."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.envs.market.env import MarketEnv
from simulator.envs.market.roles import ROLE_FEATURES, observe_role, officiate, steadiness
from simulator.envs.market.scenario import MarketScenario, in_role
from simulator.envs.market.types import ActionView
from simulator.training.config import TrainConfig
from simulator.training.player import PolicyTrader
from simulator.training.policy import Policy
from simulator.types import RecordKind, Role
from simulator.world.acts import Act
from simulator.world.commands import Commands
from simulator.world.looking import Fields
from simulator.world.mechanisms import RoleName
from simulator.world.scenario_files import load
from simulator.world.view import example_view
from simulator.world.world import World
from tests.contracts.check_env import check_env

ROLES = [RoleName.BUYER, RoleName.SELLER, RoleName.SPECULATOR, RoleName.MEDIATOR, RoleName.REGULATOR]


def seats(role: RoleName, **settings: Any) -> MarketScenario:
    return in_role(load("balanced"), 15, role, learners=2, **{"horizon": 60, **settings})


@pytest.mark.parametrize("role", ROLES)
def test_every_role_keeps_the_contract_of_environments(role: RoleName) -> None:
    check_env(lambda: MarketEnv(seats(role) if role is not RoleName.MEDIATOR else disputed()))


def disputed() -> MarketScenario:
    """A market in which mediators do not wait long for a dispute."""
    return in_role(load("data_marketplace"), 40, RoleName.MEDIATOR, learners=2, horizon=500)


@pytest.mark.parametrize(("scenario", "role"), [("multi_market", "trader"), ("commodity_exchange", "trader"), ("energy_trading", "buyer")])
def test_learners_take_seats_in_any_scenario(scenario: str, role: str) -> None:
    market = TrainConfig(scenario=scenario, role=RoleName(role), scripted=25, learners=4, episode_steps=5).market()
    env = MarketEnv(market)
    observations, _ = env.reset(seed=1)
    assert {found.shape for found in observations.values()} == {(len(ROLE_FEATURES),)}


def test_a_role_that_a_scenario_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(ValueError, match="scenario trading has no seller; choose one of trader"):
        TrainConfig(role=RoleName.SELLER).market()


def test_a_buyer_sees_what_it_lacks_and_what_a_lot_is_worth() -> None:
    view = example_view(prices=[100], uses=2.0, worth=150, inventory=5, scarcity=250_000, demand=30, supply=10, reputation=700_000)
    target = [0.0] * len(ROLE_FEATURES)
    observe_role(view, target)
    seen = dict(zip(ROLE_FEATURES, target, strict=True))
    assert seen["scarcity"] == 0.25 and seen["demand"] == pytest.approx(20 / 41) and seen["stock"] == pytest.approx(5 / 11)
    assert (seen["worth"], seen["cost"], seen["reputation"]) == (0.5, 0.0, pytest.approx(0.7))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (0, []),
        (1, [(Act.HALT_TRADING, 0, 0)]),
        (2, [(Act.RESUME_TRADING, 0, 0)]),
        (3, [(Act.FINE, 4, 2000)]),
        (4, [(Act.FINE, 7, 2000)]),
        (5, [(Act.SUSPEND, 4, 0)]),
    ],
)
def test_what_the_actions_of_a_regulator_do(kind: int, expected: list[tuple[Act, int, int]]) -> None:
    view, commands = example_view(role=int(Role.REGULATOR)), Commands()
    view.around.publics["position"][4], view.around.publics["orders"][7] = -50, 80
    view.around.mechanisms["highest_fine"], view.around.mechanisms["longest_suspension"] = 1_000_000, 500
    officiate(view, commands, kind, 2)
    assert [(row[0], row[5], row[6]) for row in commands.rows] == expected


def test_a_mediator_proposes_a_share_of_each_new_claim_once() -> None:
    view, commands = example_view(role=int(Role.MEDIATOR), letters=1), Commands()
    view.around.deals["id"][3], view.around.deals["claim"][3] = 3, 1000
    view.around.letters["kind"][0], view.around.letters["value_1"][0], view.around.letters["value_3"][0] = 7, 8, 3
    officiate(view, commands, 2, 1)
    officiate(view, commands, 2, 1)
    assert [(row[0], row[5], row[4]) for row in commands.rows] == [(Act.SETTLE, 3, 400)]


def test_a_steady_market_is_worth_more_than_a_moving_or_a_halted_one() -> None:
    def worth(**fields: float) -> float:
        return steadiness(Fields(example_view(prices=[1000, 1000], **fields).market))

    still = worth()
    assert still == pytest.approx(-0.1 * 0.2)
    assert worth(mid_twice=2020) < worth(best_ask=1010) < still
    assert worth(halted=1) == pytest.approx(still - 1)


def test_an_action_of_a_learning_regulator_becomes_an_intervention() -> None:
    env = MarketEnv(seats(RoleName.REGULATOR), view=ActionView.DISCRETE)
    env.reset(seed=1)
    halt = int(np.flatnonzero(env.scenario.rules.orders[:, 0] == 1)[0])
    for _ in range(3):
        _, rewards, *_ = env.step(dict.fromkeys(env.agents, halt))
    assert env._market().world.digest.counts()[RecordKind.INTERVENTION] == 1
    assert max(rewards.values()) <= -1


@pytest.mark.parametrize("role", [RoleName.SELLER, RoleName.REGULATOR, RoleName.MEDIATOR])
def test_a_saved_policy_plays_the_same_in_python_and_compiled(role: RoleName) -> None:
    market = seats(role)
    chance = np.random.default_rng(3)
    outputs = len(market.rules.orders)
    policy = Policy(((chance.normal(size=(len(ROLE_FEATURES), outputs)), np.zeros(outputs), 0),), ActionView.DISCRETE, (outputs,))

    def hashed(python: bool) -> str:
        trader = PolicyTrader(policy, market.rules, market.horizon, role)
        trader.address = 0 if python else PolicyTrader.address

        def make(name: str, parameters: Any) -> Any:
            from simulator.world.agents import registered

            return trader if name.startswith("simulator.envs") else registered(name, parameters)

        world = World(market.world(), 0, 1, make)
        for _ in world.chunks(60):
            pass
        return world.hash()

    assert hashed(python=True) == hashed(python=False)
