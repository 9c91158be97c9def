"""MAPPO: coordination, memory, and right values at ends of games and of time."""

import pytest
import torch

from simulator.envs.games.matrix import Matrix
from simulator.envs.games.recall import Recall
from simulator.training.mappo import Mappo, MappoConfig, Normaliser
from tests.simulator.training.joint_cases import Masked, Steady, mappo

pytestmark = pytest.mark.slow


def test_two_agree_on_what_pays_most() -> None:
    config = MappoConfig(hidden=32, steps=64 * 8 * 20, rollout=8, epochs=4, minibatches=2, learning_rate=5e-3)
    learner = Mappo(config, Matrix(64)).train()
    assert learner.act(learner.seen.observations).tolist() == [[2, 2]] * 64


def test_who_remembers_recalls() -> None:
    """Who does not, guesses: one half."""
    settings = {"rollout": 6, "epochs": 4, "minibatches": 2, "hidden": 32, "learning_rate": 1e-2, "steps": 64 * 6 * 20}
    *_, last = Mappo(MappoConfig(recurrent=True, gamma=0.99, **settings), Recall(64)).iterations()
    assert last.metrics["return"] > 0.9


class SteadyForever(Steady):
    """Cut short by time alone."""

    truncates = True


@pytest.mark.parametrize(("game", "expected"), [(SteadyForever, 2.0), (Steady, (1.75 + 1.5 + 1.0) / 3)])
def test_time_that_is_up_ends_no_value_and_the_end_of_a_game_does(game: type[Steady], expected: float) -> None:
    """One a step at a discount of a half is worth two for ever; of a game of three steps 1.75, 1.5 and 1, which look alike."""
    learner = mappo(game(8), gamma=0.5, rollout=6, gae_lambda=1.0, steps=2400, learning_rate=1e-2).train()
    mean, deviation = learner.normaliser.scale()
    values = learner.critic(torch.from_numpy(learner.seen.state)) * deviation + mean
    assert values.detach().numpy() == pytest.approx(expected, abs=0.1)


def test_advantages_are_what_the_paper_says() -> None:
    """GAE by hand over four steps of an episode of three: time is up after the third."""
    learner = mappo(SteadyForever(1), gamma=0.5, gae_lambda=0.5, rollout=4)
    while not learner.rollout.full:
        actions, info = learner.select_action_with_info(learner.seen)
        learner.store_experience(learner.seen, actions, learner.env.step(actions), info)
    value = learner.critic(torch.from_numpy(learner.seen.state)).detach()[0]
    surprise = 1.0 + 0.5 * value - value
    expected = [surprise * (1 + 0.25 + 0.0625), surprise * 1.25, surprise, surprise]
    assert torch.allclose(learner._estimate(learner.rollout.columns)[0][:, 0], torch.stack(expected), atol=1e-5)


def test_a_choice_that_is_not_legal_is_never_taken() -> None:
    learner = mappo(Masked(8), steps=2400, learning_rate=1e-2).train()  # the game says so if it is
    assert learner.act(learner.seen.observations, masks=learner.seen.masks).tolist() == [[1, 1]] * 8


def test_returns_are_brought_to_order_one() -> None:
    normaliser = Normaliser(0.9)
    assert [float(part) for part in normaliser.scale()] == [0.0, 1.0]
    for _ in range(3):
        normaliser.update(torch.tensor([100.0, 104.0]))
    assert [float(part) for part in normaliser.scale()] == pytest.approx([102.0, 2.0], rel=1e-2)
