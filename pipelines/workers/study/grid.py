"""The points of a grid, from what the command line says: `learning_rate=1e-3,3e-4`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import msgspec

from simulator.training.config import TrainConfig

_OWN = {"seed": "--seeds", "env": "--env"}
"""Settings that are no axis, and what to use for them."""


def parsed(texts: Sequence[str]) -> dict[str, list[Any]]:
    """The values of each axis, in the order given. Raises ValueError for an unknown setting, no value, or a value of a wrong type.

    >>> parsed(["learning_rate=1e-3,3e-4", "hidden=32x32,64"])
    {'learning_rate': [0.001, 0.0003], 'hidden': [[32, 32], [64]]}
    """
    grid: dict[str, list[Any]] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        name = name.strip()
        if not equals or not values.strip():
            raise ValueError(f"grid {text!r} names no values; write NAME=VALUE,VALUE like learning_rate=1e-3,3e-4")
        if name in grid:
            raise ValueError(f"grid {name} is given twice; put all its values into one --grid")
        if name in _OWN:
            raise ValueError(f"{name} is no axis of a grid; use {_OWN[name]}")
        grid[name] = [_value(name, word.strip()) for word in values.split(",")]
        if len({str(value) for value in grid[name]}) < len(grid[name]):
            raise ValueError(f"grid {text!r} has a value twice; leave one out")
    return grid


def _value(name: str, word: str) -> Any:
    """A value as JSON has it; of a setting with several numbers, they are joined by x."""
    many = isinstance(getattr(TrainConfig(), name, None), tuple)
    value = [_scalar(part) for part in word.split("x")] if many else _scalar(word)
    TrainConfig.from_dict({name: value})
    return value


def _scalar(word: str) -> Any:
    try:
        return msgspec.json.decode(word)
    except msgspec.DecodeError:
        return word


def points(grid: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Every combination, the last axis changing fastest; without an axis the one empty point.

    >>> points({"a": [1, 2], "b": [3, 4]})
    [{'a': 1, 'b': 3}, {'a': 1, 'b': 4}, {'a': 2, 'b': 3}, {'a': 2, 'b': 4}]
    """
    return [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]


def named(point: Mapping[str, Any]) -> str:
    """A point as people read it.

    >>> named({"learning_rate": 0.001, "hidden": [32, 32]})
    'learning_rate=0.001 hidden=32x32'
    """
    return " ".join(f"{name}={'x'.join(map(str, value)) if isinstance(value, list) else value}" for name, value in point.items())
