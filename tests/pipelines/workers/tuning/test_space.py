"""Ranges that are searched."""

from __future__ import annotations

from dataclasses import fields

import optuna
import pytest

from pipelines.workers.tuning.space import SPACES, Axis, equal_budget, settings_of, trader_space
from simulator.traders.registry import STRATEGIES, make_trader
from simulator.training.config import Algorithm, TrainConfig


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_every_axis_is_a_setting_and_both_its_ends_are_allowed(algorithm: Algorithm) -> None:
    for axis in SPACES[algorithm]:
        assert axis.name in {field.name for field in fields(TrainConfig)}
        for value in axis.choices or (axis.low, axis.high):
            TrainConfig.from_dict({"algorithm": algorithm.value} | settings_of({axis.name: value}))


def test_an_axis_is_asked_for_as_it_is() -> None:
    trial = optuna.trial.FixedTrial({"gamma": 0.93, "epochs": 3, "hidden": "64x64"})
    axes = (Axis("gamma", 0.9, 0.99), Axis("epochs", 1, 8, log=True), Axis("hidden", choices=("32x32", "64x64")))
    assert [axis.suggest(trial) for axis in axes] == [0.93, 3, "64x64"]
    assert [axis.nearest(value) for axis, value in zip(axes, (0.5, 4, (64, 64)), strict=True)] == [0.9, 4, "64x64"]
    assert axes[2].nearest((7, 7)) == "32x32"
    assert settings_of({"gamma": 0.93, "hidden": "64x16"}) == {"gamma": 0.93, "hidden": [64, 16]}


def test_a_budget_is_whole_rollouts_of_every_length() -> None:
    base = TrainConfig(worlds=2, learners=1)
    assert [equal_budget(base, steps) for steps in (1, 256, 257)] == [256, 256, 512]
    taken = [TrainConfig(worlds=2, learners=1, steps=512, rollout_steps=steps) for steps in (32, 64, 128)]
    assert {each.rollouts * each.rollout_steps * each.slots for each in taken} == {512}


def test_a_strategys_numbers_go_from_half_to_double_as_far_as_it_takes_them() -> None:
    found = {axis.name: (axis.low, axis.high) for axis in trader_space("market_maker")}
    assert found == {"half_spread": (1.5, 6.0), "skew": (0.075, 0.3), "tolerance": (1.0, 4.0), "size": (5, 20), "activity": (0.5, 1.0)}
    assert all(isinstance(end, int) for end in found["size"])
    assert "talk" not in {axis.name for axis in trader_space("momentum")}  # zero stays zero
    with pytest.raises(ValueError, match="there is no strategy nobody"):
        trader_space("nobody")


@pytest.mark.parametrize("name", [name for name in STRATEGIES if name not in ("random_trader", "mediator")])
def test_the_ends_of_each_axis_make_a_trader(name: str) -> None:
    for axis in trader_space(name):
        for value in (axis.low, axis.high):
            make_trader(name, {axis.name: value})
