"""The pairs of cartels that nothing was learned from come first, beside all honest pairs of the market."""

from __future__ import annotations

import msgspec
import pytest

from pipelines.workers.detecting.pairs import pair_precision, ranked
from pipelines.workers.detecting.runs import watched_run
from simulator.manipulators.manipulator import Manipulator
from simulator.world.scenario_files import load
from spark_jobs.detection.pairs.ranking import read_pairs_model
from tests.spark_jobs.newcomers import NEWCOMERS
from tests.spark_jobs.outsiders import OUTSIDERS

STEPS = 10_000
LEAST = {  # average precision, somewhat below what they reach; of pairs that acted together at all
    "Turns": 0.1,
    "Knockout": 0.8,
    "Floor": 0.8,
    "CustomerAllocation": 0.5,
    "Subcontracting": 0.8,
    "QuotaCompensation": 0.4,
}


@pytest.mark.slow
@pytest.mark.parametrize("unknown", [*OUTSIDERS["cartel"], *NEWCOMERS["cartel"]], ids=lambda made: made.__name__)
def test_unknown_cartels_come_first(unknown: type[Manipulator]) -> None:
    market = msgspec.structs.replace(load("surveillance_deals"), steps=STEPS)
    found = ranked(watched_run(market, {f"{unknown.__module__}:{unknown.__name__}": 3}, 77), read_pairs_model(), least=1)
    assert found.pairs > 3
    assert pair_precision([found]) >= LEAST[unknown.__name__]
