"""The training configuration: derived sizes, and refusals that name the value."""

from typing import Any

import pytest

from simulator.envs.market.types import ActionView
from simulator.training.config import Algorithm, TrainConfig


def test_sizes_round_up_to_whole_rollouts_and_episodes() -> None:
    config = TrainConfig(steps=1000, worlds=3, learners=2, rollout_steps=50, episode_steps=120)
    assert (config.slots, config.rollouts, config.episodes) == (6, 4, 6)


def test_it_survives_json_types() -> None:
    config = TrainConfig(algorithm=Algorithm.SAC, hidden=(8,), seed=5)
    assert TrainConfig.from_dict(config.as_dict()) == config
    assert config.action_view is ActionView.BOX


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"steps": 0}, "steps 0 is not positive"),
        ({"seed": -1}, "seed -1 is negative"),
        ({"volatility": -2.0}, "volatility -2.0 is not a deviation"),
        ({"algorithm": Algorithm.DQN, "view": ActionView.BOX}, "dqn does not take box actions; use discrete"),
        ({"algorithm": Algorithm.SAC, "quotes": (1,)}, "quotes are discrete actions, not box"),
    ],
)
def test_values_out_of_range_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TrainConfig(**values)


@pytest.mark.parametrize("values", [{"stepz": 3}, {"steps": "many"}, {"algorithm": "a3c"}])
def test_unknown_settings_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"unknown training settings stepz|do not fit"):
        TrainConfig.from_dict(values)


def test_the_market_is_the_scenario_with_learners_in_it() -> None:
    market = TrainConfig(learners=3, scripted=12, volatility=5.0, sizes=(4,)).market()
    assert (market.learners, market.agents, market.rules.sizes) == (3, 15, (4,))
    assert market.fundamental.volatility == 5.0
    with pytest.raises(ValueError, match="scenario 'nowhere' is unknown"):
        TrainConfig(scenario="nowhere").market()
    with pytest.raises(ValueError, match="there is no environment 'chess'"):
        TrainConfig(env="chess").market()
