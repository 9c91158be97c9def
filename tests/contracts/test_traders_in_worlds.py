"""A market played by the Python forms is, record for record, the one played by the compiled forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from simulator.traders.registry import STRATEGIES, make_trader
from simulator.traders.trader import Trader
from simulator.world.scenario import Scenario, from_builtins
from simulator.world.scenario_files import load
from simulator.world.world import World


def in_python(name: str, parameters: Mapping[str, Any]) -> Trader:
    """Make a trader whose compiled form is not known to the world."""
    trader = make_trader(name, parameters)
    trader.address = 0
    return trader


def log_hash(scenario: Scenario, seed: int, python: bool, steps: int = 150) -> tuple[str, int]:
    world = World(scenario, 0, seed, in_python) if python else World(scenario, 0, seed)
    for _ in world.chunks(steps):
        pass
    return world.hash(), world.next_seq


def crowd(*traders: str) -> Scenario:
    populations = [{"trader": name, "count": 4, "informed": name == "arbitrage"} for name in traders]
    return from_builtins({"name": "crowd", "agents": 4 * len(traders), "steps": 150, "populations": populations})


def test_all_strategies_together() -> None:
    scenario = crowd(*STRATEGIES)
    compiled, records = log_hash(scenario, 5, python=False)
    assert (compiled, records) == log_hash(scenario, 5, python=True)
    assert records > 5000


@pytest.mark.parametrize("name", ["trading", "reference"])
def test_the_scenarios(name: str) -> None:
    scenario = load(name).with_agents(20)
    assert log_hash(scenario, 3, python=False) == log_hash(scenario, 3, python=True)


def test_the_two_examples_are_one_strategy() -> None:
    plain, jitted = (
        crowd("noise", f"examples.{place}") for place in ("custom_trader:ImbalanceTrader", "custom_trader_jitted:JittedImbalanceTrader")
    )
    assert log_hash(plain, 2, python=False) == log_hash(jitted, 2, python=False)
