"""Saved policies: read back whole, refused when foreign, equal to the model they came from."""

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from stable_baselines3 import DQN, PPO, SAC

from simulator.envs.market.network import LINEAR, RELU
from simulator.envs.market.types import ActionView
from simulator.training.policy import Policy, export_policy

IDENTITY = (np.eye(3), np.zeros(3), LINEAR)
OBSERVATIONS = np.random.default_rng(3).normal(size=(50, 4)).astype(np.float32)


class Spaces(gymnasium.Env[Any, Any]):
    """Spaces without a market, for models that never learn."""

    def __init__(self, action_space: spaces.Space[Any]) -> None:
        self.observation_space, self.action_space = spaces.Box(-9, 9, (4,), np.float32), action_space


def test_the_first_of_equal_choices_is_taken() -> None:
    policy = Policy((IDENTITY,), ActionView.DISCRETE, (3,))
    assert policy.act(np.array([[1.0, 5.0, 5.0], [0.0, 0.0, 0.0]])).tolist() == [1, 0]


def test_each_head_chooses_among_its_own_outputs() -> None:
    policy = Policy((IDENTITY,), ActionView.MULTI_DISCRETE, (1, 2))
    assert policy.act(np.array([[9.0, 1.0, 2.0]])).tolist() == [[0, 1]]


def test_continuous_actions_stay_in_bounds() -> None:
    assert Policy((IDENTITY,), ActionView.BOX, ()).act(np.array([[2.0, -0.5, -7.0]])).tolist() == [[1.0, -0.5, -1.0]]


def test_a_saved_policy_is_read_back_to_the_bit(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    policy = Policy(
        ((rng.normal(size=(4, 6)), rng.normal(size=6), RELU), (rng.normal(size=(6, 5)), rng.normal(size=5), LINEAR)),
        ActionView.DISCRETE,
        (5,),
    )
    policy.save(tmp_path / "policy.npz")
    again = Policy.load(tmp_path / "policy.npz")
    assert (again.view, again.heads) == (policy.view, policy.heads)
    assert (again.evaluate(OBSERVATIONS) == policy.evaluate(OBSERVATIONS)).all()


def test_another_format_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "policy.npz"
    with pytest.raises(ValueError, match="no policy at"):
        Policy.load(path)
    np.savez(path, version=99)
    with pytest.raises(ValueError, match="has format 99"):
        Policy.load(path)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="followed by"):
        Policy((IDENTITY, (np.eye(2), np.zeros(2), LINEAR)), ActionView.BOX, ())
    with pytest.raises(ValueError, match="heads"):
        Policy((IDENTITY,), ActionView.DISCRETE, (4,))
    with pytest.raises(ValueError, match="do not fit"):
        Policy((IDENTITY,), ActionView.DISCRETE, (3,)).evaluate(np.zeros((1, 2)))


@pytest.mark.parametrize(
    ("algorithm", "view", "space"),
    [
        (PPO, ActionView.DISCRETE, spaces.Discrete(7)),
        (PPO, ActionView.MULTI_DISCRETE, spaces.MultiDiscrete([3, 4])),
        (PPO, ActionView.BOX, spaces.Box(-1, 1, (3,), np.float32)),
        (DQN, ActionView.DISCRETE, spaces.Discrete(7)),
        (SAC, ActionView.BOX, spaces.Box(-1, 1, (3,), np.float32)),
    ],
)
def test_an_exported_policy_acts_like_its_model(algorithm: Any, view: ActionView, space: spaces.Space[Any]) -> None:
    model = algorithm("MlpPolicy", Spaces(space), seed=1, device="cpu")
    expected, _ = model.predict(OBSERVATIONS, deterministic=True)
    assert export_policy(model, view).act(OBSERVATIONS) == pytest.approx(expected, abs=1e-5)
