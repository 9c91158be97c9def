"""Many negotiations over packages at once: each as it is alone."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import seeding
from simulator.bargaining.rules import ActionType, Outcome
from simulator.bargaining.several_issues import pareto_mask
from simulator.envs.packages.batch import PackageBatch
from simulator.envs.packages.env import PackageEnv
from simulator.envs.packages.scenario import PackageScenario, bundle, group, price_and_quantity

SCENARIOS = [price_and_quantity(prices=5, quantities=4, rounds=6, delta=0.9), bundle(items=4, rounds=5), group(parties=4, rounds=4)]


def chosen(scenario: PackageScenario, turns: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    chance = seeding.generator(2, "test", "packages")
    accepts = 0.15 if scenario.rules.parties == 2 else 0.4
    kinds = chance.choice([int(kind) for kind in ActionType], (turns, count), p=[accepts, 0.97 - accepts, 0.03])
    return kinds, chance.integers(0, scenario.rules.packages, (turns, count))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_course_does_not_depend_on_the_batch(scenario: PackageScenario) -> None:
    count, turns = 40, 16
    kinds, packages = chosen(scenario, turns, count)
    whole, parts = PackageBatch(scenario, count, seed=4), [PackageBatch(scenario, 1, 4, number) for number in range(count)]
    assert np.array_equal(whole.look(), np.concatenate([part.look() for part in parts]))
    for turn in range(turns):
        step = whole.step(kinds[turn], packages[turn])
        steps = [part.step(kinds[turn, [place]], packages[turn, [place]]) for place, part in enumerate(parts)]
        for found, alone in zip(step, zip(*steps, strict=True), strict=True):
            assert np.array_equal(found, np.concatenate(alone))
    assert set(whole.tables.rows["outcome"].tolist()) == {Outcome.DEAL, Outcome.WALKED_AWAY, Outcome.TIMEOUT}


def test_the_environment_is_a_batch_of_one() -> None:
    scenario = SCENARIOS[2]
    kinds, packages = chosen(scenario, 16, 3)
    env, batch = PackageEnv(scenario), PackageBatch(scenario, 3, seed=9)
    env.reset(seed=9)
    env.reset()  # the second of the series
    for turn in range(16):
        step = batch.step(kinds[turn], packages[turn])
        if not env.agents:
            break
        action = {"action_type": kinds[turn, 1], "package": scenario.rules.choices(packages[turn, 1])}
        observations, rewards, terminated, truncated, _ = env.step(dict.fromkeys(env.agents, action))
        assert np.array_equal(np.stack(list(observations.values())), step.observations[1])
        assert list(rewards.values()) == step.rewards[1].tolist()
        assert (terminated["party_0"], truncated["party_3"]) == (step.terminated[1], step.truncated[1])
    assert not env.agents


def test_what_is_over_makes_room_for_the_next_numbers() -> None:
    scenario = SCENARIOS[1]
    batch = PackageBatch(scenario, 4, seed=1)
    walks = np.array([ActionType.COUNTER, ActionType.WALK_AWAY, ActionType.COUNTER, ActionType.WALK_AWAY])
    step = batch.step(walks, np.array([3, 0, 3, 0]))
    assert step.terminated.tolist() == [False, True, False, True]
    assert not batch.action_masks()[[1, 3]].any() and batch.action_masks()[[0, 2]].all()
    seen = batch.reset()
    assert np.array_equal(seen[[1, 3]], PackageBatch(scenario, 2, 1, 4).look())
    assert np.array_equal(seen[[0, 2]], step.observations[[0, 2]])
    assert batch.turn().tolist() == [1, 0, 1, 0] and not batch.tables.rows["outcome"].any()
    batch.step(np.full(4, ActionType.WALK_AWAY), np.zeros(4, np.int64))
    assert np.array_equal(batch.reset(), PackageBatch(scenario, 4, 1, 6).look())


@pytest.mark.parametrize("scenario", [price_and_quantity(rounds=40), bundle(items=5), group(parties=3, rounds=40)])
def test_those_who_concede_agree_near_the_frontier(scenario: PackageScenario) -> None:
    batch, rewards = PackageBatch(scenario, 100, seed=3), np.zeros((100, scenario.rules.parties))
    while (batch.tables.rows["outcome"] == Outcome.RUNNING).any():
        rewards += batch.step(*batch.conceding()).rewards
    assert (batch.tables.rows["outcome"] == Outcome.DEAL).all()
    left = [(table[pareto_mask(table)] - got).min(axis=1).max() for table, got in zip(batch.tables.utilities, rewards, strict=True)]
    assert np.mean(left) < 0.06 and rewards.min() >= 0


def test_wrong_actions_are_refused() -> None:
    batch = PackageBatch(SCENARIOS[1], 2)
    with pytest.raises(ValueError, match="1 kinds and 2 packages for 2 negotiations"):
        batch.step(np.zeros(1, np.int64), np.zeros(2, np.int64))
    with pytest.raises(ValueError, match=r"lies outside 0\.\.2"):
        batch.step(np.full(2, 3), np.zeros(2, np.int64))
    assert not batch.step(np.ones(2, np.int64), np.array([-1, 16])).observations[:, :, 1].any()  # no such packages
    assert batch.tables.rows["illegal"].tolist() == [1, 1]
