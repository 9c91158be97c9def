"""The detectors of the product on manipulators that they were not trained on, and on crowds without any, of one size and of twice that."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from pipelines.workers.detecting.runs import watched_run
from simulator.manipulators.manipulator import Manipulator
from simulator.world.scenario_files import load
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.models import read_models
from spark_jobs.detection.raising import raised
from spark_jobs.detection.scoring import matched
from tests.spark_jobs.strangers import STRANGERS

STEPS = 8000
LEAST = {  # precision and recall, somewhat below what they reach
    "Wall": (0.75, 0.4),
    "Stairs": (0.9, 0.3),
    "Flood": (0.95, 0.9),
    "Carousel": (0.75, 0.9),
    "Shove": (0.95, 0.8),
    "Tout": (0.9, 0.8),
}
CASES = [(kind, stranger) for kind, found in STRANGERS.items() for stranger in found]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "stranger"), CASES, ids=lambda value: value if isinstance(value, str) else value.__name__)
def test_strangers_are_found(kind: str, stranger: type[Manipulator]) -> None:
    market, forest = msgspec.structs.replace(load("surveillance"), steps=STEPS), read_models()[kind]
    right = alerts = episodes = 0
    for seed in (77, 78):
        run = watched_run(market, {f"{stranger.__module__}:{stranger.__name__}": 3}, seed)
        found = list(raised(forest, 0, KINDS[kind].candidates(run.public)))
        right += sum(place >= 0 for place in matched(found, run.truth))
        alerts, episodes = alerts + len(found), episodes + len(run.truth)
    precision, recall = LEAST[stranger.__name__]
    assert episodes > 40 and right >= precision * alerts and right >= recall * episodes, (right, alerts, episodes)


@pytest.mark.slow
def test_twice_as_many_honest_agents_do_not_make_more_false_alerts() -> None:
    market, models = msgspec.structs.replace(load("surveillance"), steps=STEPS), read_models()
    for agents in (200, 400):
        false = Counter[str]()
        for seed in (5, 6):
            run = watched_run(market.with_agents(agents), {}, seed)
            false.update({kind: len(list(raised(forest, 0, KINDS[kind].candidates(run.public)))) for kind, forest in models.items()})
        assert max(false.values()) <= 4, (agents, false)


@pytest.mark.slow
@pytest.mark.parametrize("crowd", ["trading", "financial_market", "zero_intelligence"])
def test_other_honest_crowds_make_few_false_alerts(crowd: str) -> None:
    """Of spoofing, which withdrawals by chance look like most: at most eight an hour here."""
    market, forest = msgspec.structs.replace(load(crowd), steps=STEPS), read_models()["spoofing"]
    runs = (watched_run(market, {}, seed) for seed in (5, 6, 7))
    assert sum(len(list(raised(forest, 0, KINDS["spoofing"].candidates(run.public)))) for run in runs) <= 5
