"""The options of `agora train`: what is typed wins over a preset, and that over the defaults."""

from __future__ import annotations

from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pipelines.apps.errors import UserError
from pipelines.apps.train_options import Objective, Preset, configured, logs, weighted
from simulator.training.config import TrainConfig
from simulator.training.objectives import Weights


def asked(*words: str) -> TrainConfig:
    """The configuration of a small command line."""
    found: list[TrainConfig] = []
    app = typer.Typer()

    @app.command()
    def train(
        context: typer.Context, steps: int = 98_304, worlds: int = 32, preset: Preset = "", iterations: int = 0, objective: Objective = None
    ) -> None:
        found.append(configured(context, None, preset, iterations, objective, {"steps": steps, "worlds": worlds}))

    result = CliRunner().invoke(app, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return found[0]


def test_without_a_preset_the_defaults_hold() -> None:
    assert asked() == TrainConfig()
    assert asked("--worlds", "4").worlds == 4


def test_what_is_typed_wins_over_a_preset_even_if_it_is_the_default() -> None:
    assert (asked("--preset", "sb3").worlds, asked("--preset", "sb3").rollout_steps) == (1, 2048)
    assert asked("--preset", "sb3", "--worlds", "32").worlds == 32
    assert asked("--preset", "sb3").steps == 98_304
    with pytest.raises(ValueError, match="preset 'quick' is unknown"):
        asked("--preset", "quick")


def test_iterations_are_rollouts_of_any_size() -> None:
    assert asked("--iterations", "7").rollouts == 7
    assert (asked("--preset", "sb3", "--iterations", "3").rollouts, asked("--preset", "sb3", "--iterations", "3").steps) == (3, 6144)


def test_objectives_by_name() -> None:
    assert asked("--objective", "risk=0.5", "--objective", "profit=2").objectives == Weights(profit=2.0, risk=0.5)
    for text, message in {"greed=1": "objective 'greed' is unknown", "risk=much": "weight 'much' of risk is no number"}.items():
        with pytest.raises(UserError, match=message):
            weighted(text)


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (None, ("mlflow",)),
        (["none"], ()),
        (["tensorboard"], ("mlflow", "tensorboard")),
        (["none", "tensorboard"], ("tensorboard",)),
    ],
)
def test_mlflows_files_are_always_there_unless_none_is_asked_for(log: Any, expected: tuple[str, ...]) -> None:
    assert logs(log, "") == expected
