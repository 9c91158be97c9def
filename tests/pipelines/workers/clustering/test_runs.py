"""Runs whose agents are grouped: what the product finds in its own markets."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from pipelines.workers.clustering.picture import draw
from pipelines.workers.clustering.runs import Grouped, grouped_run, with_manipulators
from pipelines.workers.clustering.score import scores
from simulator.world.scenario_files import load
from spark_jobs.gold.agent_features import STEPS


@pytest.fixture(scope="module")
def trading() -> Grouped:
    """Two windows and a half of the trading market, of which the half one is left out."""
    return grouped_run(msgspec.structs.replace(load("trading"), steps=2 * STEPS + STEPS // 2), seed=300_400)


@pytest.mark.slow
def test_strategies_of_the_trading_market_are_found(trading: Grouped) -> None:
    assert [len(rows) for rows in trading.windows()] == [100, 100]
    assert scores([trading])[0].ari > 0.9
    assert trading.features.column("agent").to_pylist() == trading.clusters.column("agent").to_pylist()


@pytest.mark.slow
def test_the_same_seed_gives_the_same_groups(trading: Grouped) -> None:
    again = grouped_run(msgspec.structs.replace(load("trading"), steps=2 * STEPS), seed=300_400)
    assert again.clusters.equals(trading.clusters)
    assert again.features.equals(trading.features)


@pytest.mark.slow
def test_strategies_among_manipulators_are_found() -> None:
    market = with_manipulators(msgspec.structs.replace(load("surveillance"), steps=STEPS), 300_401)
    run = grouped_run(market, 300_401)
    assert len(set(run.types)) > 15
    assert scores([run])[0].ari > 0.8


def test_manipulators_are_a_fiftieth_at_most_and_others_for_each_seed() -> None:
    crowd = load("surveillance")
    families = []
    for seed in range(300_400, 300_410):
        market = with_manipulators(crowd, seed)
        joined = market.populations[len(crowd.populations) :]
        members = sum(population.count or 0 for population in joined)
        assert 0 < members <= 0.02 * market.agents
        families.append(tuple(population.trader for population in joined))
    assert len(set(families)) > 5


@pytest.mark.slow
def test_a_picture_is_drawn(trading: Grouped, tmp_path: Path) -> None:
    path = draw(trading, tmp_path / "new" / "agents.png")
    assert path.stat().st_size > 10_000
    assert np.unique(trading.types).size == 7
