"""What is searched: the range of each setting of an algorithm, and of each parameter of a scripted strategy."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from simulator.traders.registry import make_trader, strategy
from simulator.training.config import Algorithm, TrainConfig


class Suggests(Protocol):
    """The part of optuna.Trial that is used."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """A number."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """A whole number."""

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        """One of some values."""


@dataclass(frozen=True)
class Axis:
    """One setting.

    Parameters
    ----------
    name : of the setting.
    low, high : of a number; whole numbers if both are.
    log : whether ratios rather than differences are alike.
    choices : of a setting that is no range, instead; several numbers are joined by x.
    """

    name: str
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    choices: tuple[Any, ...] = ()

    def suggest(self, trial: Suggests) -> Any:
        """A value for a trial, as Optuna's storage keeps it."""
        if self.choices:
            return trial.suggest_categorical(self.name, self.choices)
        if isinstance(self.low, int) and isinstance(self.high, int):
            return trial.suggest_int(self.name, self.low, self.high, log=self.log)
        return trial.suggest_float(self.name, self.low, self.high, log=self.log)

    def nearest(self, value: Any) -> Any:
        """The value if it lies on the axis, else the nearest end, or the first choice."""
        if self.choices:
            text = "x".join(map(str, value)) if isinstance(value, list | tuple) else value
            return text if text in self.choices else self.choices[0]
        return min(max(value, self.low), self.high)


HIDDEN = Axis("hidden", choices=("32x32", "64x64", "128x128", "64x64x64"))
ROLLOUTS = (32, 64, 128)
_SHARED = (Axis("learning_rate", 1e-4, 1e-2, log=True), Axis("gamma", 0.9, 0.995), HIDDEN, Axis("rollout_steps", choices=ROLLOUTS))
_PPO = (
    Axis("gae_lambda", 0.8, 1.0), Axis("entropy", 1e-5, 3e-2, log=True), Axis("epochs", 2, 16, log=True),
    Axis("batch_size", choices=(256, 512, 1024, 2048)), Axis("clip", 0.1, 0.4, log=True),
)  # fmt: skip
_OFF_POLICY = (
    Axis("epochs", 8, 128, log=True), Axis("batch_size", choices=(128, 256, 512, 1024)),
    Axis("buffer_steps", choices=(20_000, 50_000, 100_000, 200_000)),
)  # fmt: skip
SPACES = {Algorithm.PPO: _SHARED + _PPO, Algorithm.SAC: _SHARED + _OFF_POLICY, Algorithm.DQN: _SHARED + _OFF_POLICY}
"""Ranges around what the literature on these algorithms reports; epochs of SAC and DQN are gradient steps per rollout."""


def settings_of(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Training settings from the values of a trial."""
    return {name: [int(part) for part in value.split("x")] if name == HIDDEN.name else value for name, value in chosen.items()}


def equal_budget(base: TrainConfig, steps: int) -> int:
    """The number of steps, from `steps` up, that is whole rollouts of every length searched: what each trial takes to the step."""
    unit = base.slots * max(ROLLOUTS)
    return -(-steps // unit) * unit


def trader_space(name: str) -> tuple[Axis, ...]:
    """Half to double of each parameter's default, as far as the strategy takes it; parameters that are zero stay so.

    Raises ValueError for an unknown strategy, or one without such parameters.
    """
    defaults = {parameter: default for parameter, default in trader_defaults(name).items() if default > 0}
    whole = {parameter for parameter, default in defaults.items() if not _takes(name, parameter, default * 0.999)}
    axes = [_around(name, parameter, default, parameter in whole) for parameter, default in defaults.items()]
    found = tuple(axis for axis in axes if axis.low < axis.high)
    if not found:
        raise ValueError(f"strategy {name} has no parameters to tune; choose another one")
    return found


def trader_defaults(name: str) -> dict[str, float]:
    """The numbers that a strategy has if none are given. Raises ValueError for an unknown strategy."""
    parameters = inspect.signature(strategy(name).__init__).parameters.values()
    return {parameter.name: parameter.default for parameter in parameters if isinstance(parameter.default, int | float)}


def _around(name: str, parameter: str, default: float, whole: bool) -> Axis:
    if whole:
        low, high = max(1, int(default) // 2), 2 * int(default)
        return Axis(parameter, _first(name, parameter, (low, int(default))), _first(name, parameter, (high, int(default))), log=True)
    ends = [_first(name, parameter, tries) for tries in ((default / 2, default), (2.0 * default, 1.0, default))]
    return Axis(parameter, float(ends[0]), float(ends[1]), log=True)


def _first(name: str, parameter: str, tries: Iterable[Any]) -> Any:
    """The first value that the strategy takes; the last of them if it takes none."""
    value: Any = None
    for value in tries:
        if _takes(name, parameter, value):
            break
    return value


def _takes(name: str, parameter: str, value: float) -> bool:
    try:
        make_trader(name, {parameter: value})
    except ValueError:
        return False
    return True
