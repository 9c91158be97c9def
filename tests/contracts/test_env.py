"""Every registered environment, in every form of its actions."""

from typing import Any

import pytest

from simulator.bargaining.rules import Rules
from simulator.envs.bargaining.scenario import BargainingScenario
from simulator.envs.bargaining.types import ActionView as bargaining
from simulator.envs.market.scenario import MarketScenario, among
from simulator.envs.market.types import ActionView
from simulator.envs.packages.scenario import PackageScenario, bundle, group, price_and_quantity
from simulator.envs.packages.types import ActionView as packages
from simulator.envs.registry import ENVIRONMENTS, make
from simulator.world.scenario_files import load
from tests.contracts.check_env import check_env

SETTINGS: dict[str, list[dict[str, Any]]] = {
    "market": [
        {"scenario": MarketScenario(learners=5, horizon=40)},
        {"scenario": among(load("trading"), 12, learners=2, informed=True, horizon=30), "view": ActionView.DISCRETE},
        {"scenario": MarketScenario(learners=3, horizon=25), "view": ActionView.BOX},
    ],
    "bargaining": [
        {"scenario": BargainingScenario(rules=Rules(offers=30), rich=True)},
        {"scenario": BargainingScenario(rules=Rules(offers=30), rich=True), "view": bargaining.MULTI_DISCRETE},
        {"scenario": BargainingScenario(rules=Rules(offers=30, answer_last=True), rich=True), "view": bargaining.DISCRETE},
        {"scenario": BargainingScenario(rules=Rules(offers=30), rich=True), "view": bargaining.BOX},
    ],
    "packages": [
        {"scenario": scenario, "view": view} for scenario in (price_and_quantity(), bundle(items=4), group(parties=3)) for view in packages
    ]
    + [{"scenario": PackageScenario()}],
}


@pytest.mark.parametrize(("name", "settings"), [(name, settings) for name in ENVIRONMENTS for settings in SETTINGS[name]])
def test_environment(name: str, settings: dict[str, Any]) -> None:
    check_env(lambda: make(name, **settings))


def test_an_unknown_environment_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="there is no environment 'chess'; choose one of bargaining, market"):
        make("chess")
