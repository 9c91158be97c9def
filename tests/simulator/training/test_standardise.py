"""Features of like size: measured before the training, fixed in it, and part of what is exported."""

from typing import Any

import numpy as np
import pytest
import torch

from simulator.envs.market.observation import FEATURES
from simulator.training.config import Algorithm, TrainConfig
from simulator.training.sb3 import Learner
from simulator.training.standardise import spread_of_features

QUIET: dict[str, Any] = {
    "scenario": "financial_market", "volatility": 0.6, "scripted": 12, "worlds": 2, "learners": 1, "episode_steps": 200,
    "rollout_steps": 32, "hidden": (8,), "batch_size": 32, "epochs": 2, "steps": 256, "standardise": True,
}  # fmt: skip


def observations(learner: Learner) -> np.ndarray[Any, Any]:
    return learner.env.running.observations.astype(np.float32)


def test_the_spread_is_a_function_of_the_configuration_and_never_nothing() -> None:
    config = TrainConfig(**QUIET)
    mean, deviation = spread_of_features(config)
    assert np.array_equal(mean, spread_of_features(config)[0])
    assert not np.array_equal(mean, spread_of_features(TrainConfig(**QUIET | {"seed": 9}))[0])
    assert deviation.shape == (len(FEATURES),) and deviation.min() >= 0.01
    assert deviation[FEATURES.index("return_1")] < 0.05 < deviation[FEATURES.index("inventory")]


@pytest.mark.parametrize("algorithm", list(Algorithm), ids=lambda each: each.value)
def test_an_exported_policy_does_what_the_standardised_network_does(algorithm: Algorithm) -> None:
    learner = Learner(TrainConfig(**QUIET | {"algorithm": algorithm}))
    for _ in learner.rollouts():
        pass
    seen = observations(learner)
    expected, _ = learner.model.predict(seen, deterministic=True)
    assert np.allclose(learner.policy().act(seen), expected, atol=1e-4)


def test_the_first_layer_shifts_and_scales() -> None:
    learner = Learner(TrainConfig(**QUIET))
    mean, deviation = spread_of_features(learner.config)
    extractor: Any = learner.model.policy.features_extractor
    assert torch.allclose(extractor(torch.as_tensor(mean[None], dtype=torch.float32)), torch.zeros(1, len(FEATURES)), atol=1e-4)
    ahead = torch.as_tensor((mean + 2 * deviation)[None], dtype=torch.float32)
    assert torch.allclose(extractor(ahead), torch.full((1, len(FEATURES)), 2.0), atol=1e-3)


def test_annealing_ends_near_no_step_at_all() -> None:
    learner = Learner(TrainConfig(**QUIET | {"anneal": True, "learning_rate": 0.01}))
    rates = [rollout.metrics["train/learning_rate"] for rollout in learner.rollouts()]
    assert rates == pytest.approx([0.0075, 0.005, 0.0025, 0.0])
