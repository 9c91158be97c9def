"""Presets: each makes a training, what is given wins, and an unknown name is told the known ones."""

import pytest

from simulator.training.config import TrainConfig
from simulator.training.presets import PRESETS, preset


@pytest.mark.parametrize("name", PRESETS)
def test_each_makes_a_training(name: str) -> None:
    assert TrainConfig(**preset(name)).rollouts > 0


def test_the_numbers_of_the_named_ones() -> None:
    sb3, rllib, custom = (TrainConfig(**preset(name)) for name in ("sb3", "rllib", "custom"))
    assert (sb3.slots * sb3.rollout_steps, sb3.batch_size, sb3.epochs, sb3.learning_rate) == (2048, 64, 10, 3e-4)
    assert (rllib.slots * rllib.rollout_steps, rllib.value_clip, rllib.entropy) == (4000, 10.0, 0.01)
    assert (custom.slots * custom.rollout_steps, custom.rollouts, custom.learning_rate, custom.gamma) == (8000, 2000, 5e-4, 0.95)
    assert TrainConfig(**preset("thousand")).rollouts == 1000
    assert TrainConfig(**preset("wide")).hidden == (256, 256)


def test_what_is_given_wins() -> None:
    assert preset("sb3", worlds=4)["worlds"] == 4
    assert PRESETS["sb3"]["worlds"] == 1


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=f"preset 'quick' is unknown; choose one of {', '.join(PRESETS)}"):
        preset("quick")
