"""Saved policies in simulated markets: seated among the scenario's agents, and always the one the run began with."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from pipelines.apps.own_traders import with_own
from pipelines.workers.opening import open_world
from pipelines.workers.policy_play import chosen_policy, policy_maker, with_learners
from pipelines.workers.run_config import SimulateConfig
from simulator.envs.market.scenario import LEARNER
from simulator.training.config import TrainConfig
from simulator.training.sb3 import Learner
from simulator.world.scenario import to_builtins
from simulator.world.scenario_files import load

TINY = TrainConfig(steps=24, worlds=1, learners=2, scripted=4, episode_steps=20, rollout_steps=12, batch_size=12, epochs=1, hidden=(4,))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of a learner that learned nothing."""
    place = tmp_path_factory.mktemp("learner") / "checkpoint"
    Learner(TINY).save(place)
    return place


def config_with(folder: Path, agents: int = 12) -> SimulateConfig:
    scenario = with_learners(load("trading").with_agents(agents), folder)
    return SimulateConfig(scenario=to_builtins(scenario), steps=40, policy=chosen_policy(folder))


def test_learners_take_seats_among_the_agents(folder: Path) -> None:
    world = open_world(config_with(folder), 1, 0, None)
    for _ in world.advance(40):
        pass
    result = world.result(0)
    assert result.finals["learner"]["agents"] == 2
    assert sum(figures["agents"] for figures in result.finals.values()) == 12


def test_learners_come_to_traders_of_ones_own(folder: Path) -> None:
    scenario = with_learners(with_own(load("trading").with_agents(12), ["splitter=3"], ["spoofing=1"], 1), folder)
    counts = dict(zip([population.trader for population in scenario.populations], scenario.counts(), strict=True))
    assert scenario.agents == 12 + 3 + 1 + 2 and (counts["splitter"], counts["spoofing"], counts[LEARNER]) == (3, 1, 2)


def test_a_policy_plays_the_same_from_a_snapshot(folder: Path) -> None:
    config = config_with(folder)
    whole = open_world(config, 1, 0, None)
    for _ in whole.advance(40):
        pass
    half = open_world(config, 1, 0, None)
    for _ in half.advance(17):
        pass
    again = open_world(config, 1, 0, half.snapshot())
    for _ in again.advance(40):
        pass
    assert again.result(0) == whole.result(0)


def test_another_policy_in_its_place_is_noticed(folder: Path) -> None:
    chosen = msgspec.structs.replace(chosen_policy(folder), sha256="00")
    with pytest.raises(ValueError, match="is not the one this run began with"):
        policy_maker(chosen)


def test_a_folder_without_a_checkpoint_and_a_market_without_room_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no checkpoint in"):
        chosen_policy(tmp_path)
    with pytest.raises(ValueError, match="2 agents leave no room beside 2 learners"):
        with_learners(load("trading").with_agents(2), folder)
