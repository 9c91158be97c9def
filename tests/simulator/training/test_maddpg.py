"""MADDPG: numbers that must add up, choices, rivals, and right values at ends of games and of time."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from simulator.envs.games.matching import Matching
from simulator.envs.games.matrix import Matrix
from simulator.training.exploration import Fading
from simulator.training.joint_presets import matching
from simulator.training.maddpg import Acting, Critics, Maddpg, MaddpgConfig
from simulator.training.networks import torch_generator
from tests.simulator.training.joint_cases import Masked, SteadyNumbers, maddpg

pytestmark = pytest.mark.slow


def test_two_add_up_though_each_sees_half() -> None:
    """In less than half the steps of the benchmark; before, the return is about minus three."""
    config = replace(matching(), steps=64 * 350, noise=Fading(0.3, 0.0, 64 * 250), batch=128)
    learner, game = Maddpg(config, Matching(64)).train(), Matching(256, seed=9)
    seen, total = game.reset(), 0.0
    for _ in range(game.length):
        turn = game.step(learner.act(seen.observations))
        seen, total = turn.seen, total + float(turn.rewards.mean())
    assert total >= -0.2


def test_two_choose_what_pays_most() -> None:
    config = MaddpgConfig(acting=Acting.DISCRETE, hidden=32, steps=64 * 150, warm_up=512, update_every=1, batch=128)
    learner = Maddpg(config, Matrix(64)).train()
    assert learner.act(learner.seen.observations).tolist() == [[2, 2]] * 64


def test_a_choice_that_is_not_legal_is_never_taken() -> None:
    learner = maddpg(
        Masked(8), acting=Acting.DISCRETE, steps=4000, batch=64, critic_rate=5e-3, actor_rate=3e-3
    ).train()  # the game says so if it is
    assert learner.act(learner.seen.observations, masks=learner.seen.masks).tolist() == [[1, 1]] * 8


class SteadyForever(SteadyNumbers):
    """Cut short by time alone."""

    truncates = True


@pytest.mark.parametrize(("game", "low", "high"), [(SteadyForever, 1.9, 2.1), (SteadyNumbers, 1.0, 1.8)])
def test_time_that_is_up_ends_no_value_and_the_end_of_a_game_does(game: Any, low: float, high: float) -> None:
    """One a step at a discount of a half is worth two for ever, and of a game of three steps less."""
    settings: dict[str, Any] = {"gamma": 0.5, "steps": 2000, "critic_rate": 1e-2, "polyak": 0.2, "noise": Fading(0.1, 0.0, 1000)}
    learner = maddpg(game(8), **settings).train()
    seen = learner.seen.observations
    values = learner.critics(torch.from_numpy(seen), torch.from_numpy(learner.act(seen))).detach().numpy()
    assert ((values > low) & (values < high)).all()


def test_a_critic_takes_its_agents_own_action_and_the_others_as_they_were() -> None:
    chance = torch_generator(3, "test")
    game = Matching(7)
    critics = Critics(game, 6, 1, chance)
    seen, actions, own = (torch.randn(7, 2, 1, generator=chance) for _ in range(3))
    found = critics.of_own(seen, actions, own)
    for agent in range(2):
        replaced = actions.clone()
        replaced[:, agent] = own[:, agent]
        assert torch.allclose(found[:, agent], critics(seen, replaced)[:, agent], atol=1e-5)


def test_noise_explores_and_greed_does_not() -> None:
    learner = maddpg(Matching(8)).train()
    seen = learner.seen.observations
    greedy = learner.act(seen)
    assert np.array_equal(greedy, learner.act(seen))
    noisy = learner.act(seen, greedy=False)
    assert not np.array_equal(noisy, greedy) and (np.abs(noisy) <= 1.0).all()
