"""Traders and manipulators beside those of a scenario, as people ask for them: NAME=COUNT, FILE.py:Class=COUNT."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from pipelines.apps.errors import UserError
from simulator.manipulators.infiltrated import infiltrated, joined
from simulator.traders.registry import make_trader
from simulator.world.scenario import Population, Scenario

Traders = Annotated[
    list[str] | None,
    typer.Option("--trader", metavar="NAME=COUNT", help="So many traders more: a strategy, module:Class or FILE.py:Class. Repeatable."),
]
Manipulators = Annotated[
    list[str] | None,
    typer.Option("--manipulator", metavar="NAME=COUNT", help="So many manipulators more, or groups of them; their episodes become labels."),
]


def with_own(scenario: Scenario, traders: Sequence[str], manipulators: Sequence[str], seed: int) -> Scenario:
    """The scenario with those asked for in it. Raises ValueError for a strategy that is unknown or cannot be imported."""
    for name, count in map(counted, traders):
        make_trader(name)
        scenario = joined(scenario, [Population(trader=name, count=count)])
    groups: Counter[str] = Counter()
    for name, count in map(counted, manipulators):
        groups[name] += count
    for name, count in groups.items():
        scenario = infiltrated(scenario, [name], seed, count)
    return scenario


def counted(text: str) -> tuple[str, int]:
    """A strategy and how many of it; a file by its whole path, so that the run can be resumed from anywhere.

    >>> counted("noise=3"), counted("noise")
    (('noise', 3), ('noise', 1))
    """
    name, separator, count = text.partition("=")
    if separator and not (count.isdecimal() and int(count) > 0):
        raise UserError(f"{count!r} of {name} is no number of traders", f"write {name}=5")
    file, colon, made = name.rpartition(":")
    return (f"{Path(file).resolve()}:{made}" if colon and file.endswith(".py") else name), int(count or 1)
