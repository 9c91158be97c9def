"""Every registered manipulator does what a manipulator must do, in a market that gives it what it needs."""

from __future__ import annotations

import msgspec
import pytest

from simulator.traders.registry import MANIPULATORS, VARIANTS, strategy
from simulator.world.scenario import Scenario, Session
from simulator.world.scenario_files import load
from tests.contracts.check_manipulator import check_manipulator

DAYS = msgspec.structs.replace(load("trading"), session=Session(steps=1000, opening=20, closing=30))
MARKETS: dict[str, Scenario] = {"marking_the_close": DAYS, "cartel": load("balanced"), "sybil_reputation": load("balanced")}
STEPS = {"pump_and_dump": 10_000, "marking_the_close": 12_000}
FEWEST = 5


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(MANIPULATORS | VARIANTS))
def test_every_manipulator_keeps_the_contract(name: str) -> None:
    assert len(check_manipulator(name, MARKETS.get(strategy(name).family, load("trading")), STEPS.get(name, 6000))) > FEWEST
