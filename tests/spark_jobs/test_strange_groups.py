"""The detectors that go by customers, closes, auctions and ratings, on manipulators that they were not trained on."""

from __future__ import annotations

import msgspec
import pytest

from pipelines.workers.detecting.agents import AgentCounts, agent_counts
from pipelines.workers.detecting.runs import watched_run
from simulator.manipulators.manipulator import Manipulator
from simulator.world.scenario_files import load
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.models import read_models
from spark_jobs.detection.raising import raised
from spark_jobs.detection.scoring import matched
from tests.spark_jobs.strange_groups import STRANGE_GROUPS

STEPS = 10_000
LEAST = {  # precision and recall by episode, somewhat below what they reach
    "Pennies": (0.9, 0.3),
    "Herald": (0.9, 0.4),
    "Staircase": (0.9, 0.5),
    "Imbalance": (0.7, 0.1),
    "Convoy": (0.95, 0.7),
    "Phoenix": (0.9, 0.05),
    "Echo": (0.9, 0.9),
    "Puppets": (0.85, 0.9),
}
CASES = [(kind, stranger) for kind, found in STRANGE_GROUPS.items() for stranger in found]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "stranger"), CASES, ids=lambda value: value if isinstance(value, str) else value.__name__)
def test_strangers_are_found(kind: str, stranger: type[Manipulator]) -> None:
    market, forest = msgspec.structs.replace(load(KINDS[kind].scenario), steps=STEPS), read_models()[kind]
    right = alerts = episodes = 0
    agents = AgentCounts()
    for seed in (77, 78):
        run = watched_run(market, {f"{stranger.__module__}:{stranger.__name__}": 3}, seed)
        found = list(raised(forest, 0, KINDS[kind].candidates(run.public)))
        right += sum(place >= 0 for place in matched(found, run.truth))
        alerts, episodes = alerts + len(found), episodes + len(run.truth)
        agents += agent_counts(found, run.truth)
    precision, recall = LEAST[stranger.__name__]
    assert episodes > 30 and right >= precision * alerts and right >= recall * episodes, (right, alerts, episodes)
    if kind == "front_running":
        assert agents.often_right >= 0.8 * agents.often_guilty > 0, agents
