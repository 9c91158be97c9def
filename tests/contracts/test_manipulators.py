"""Every registered manipulator does what a manipulator must do."""

from __future__ import annotations

import pytest

from simulator.traders.registry import MANIPULATORS
from simulator.world.scenario_files import load
from tests.contracts.check_manipulator import check_manipulator


@pytest.mark.parametrize("name", sorted(MANIPULATORS))
def test_every_manipulator_keeps_the_contract(name: str) -> None:
    assert len(check_manipulator(name, load("trading"))) > 10
