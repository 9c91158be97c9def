"""Which environments there are, by name. An environment is registered, and checked like all others, by one line here."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from pettingzoo import ParallelEnv

ENVIRONMENTS: dict[str, str] = {
    "market": "simulator.envs.market.env:MarketEnv",
    "bargaining": "simulator.envs.bargaining.env:BargainingEnv",
    "packages": "simulator.envs.packages.env:PackageEnv",
}
"""Name -> module and class; each can be made without arguments."""


def checked_name(name: str) -> str:
    """The name if it is one of ENVIRONMENTS. Raises ValueError otherwise, with the names that there are."""
    if name not in ENVIRONMENTS:
        raise ValueError(f"there is no environment {name!r}; choose one of {', '.join(sorted(ENVIRONMENTS))}")
    return name


def make(name: str, **settings: Any) -> ParallelEnv[str, Any, Any]:
    """A new environment with the settings of its class. Raises ValueError for an unknown name."""
    module, _, made_by = ENVIRONMENTS[checked_name(name)].partition(":")
    environment: ParallelEnv[str, Any, Any] = getattr(import_module(module), made_by)(**settings)
    return environment
