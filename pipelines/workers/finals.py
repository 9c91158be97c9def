"""What the agents of a world ended with, by trader type and by role, and the same over all worlds of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.world.layout import Array
from simulator.world.mechanisms import RoleName
from simulator.world.world import World

_SUMS = ("produced", "consumed", "perished", "lacked", "fines")
"""Of an agent's business; fines are money."""

_MILLION = 1_000_000


def by_type(types: Sequence[str], profits: NDArray[np.float64], inventory: NDArray[Any]) -> dict[str, dict[str, Any]]:
    """Profit (currency) and inventory per trader type, in the order of their names."""
    kinds = np.array(types)
    return {kind: {**_profit(profits[kinds == kind]), "inventory": float(inventory[kinds == kind].mean())} for kind in sorted(set(types))}


def by_role(world: World, profits: NDArray[np.float64], money: NDArray[np.float64]) -> dict[str, dict[str, Any]]:
    """Figures per role; nothing in a scenario whose agents have none.

    profits and money are (agents,) in currency, money a tick x lot of each agent. Lots and fines are sums, reputation is a mean.
    """
    scenario, parties = world.scenario, world.parties.parties
    if all(population.role is RoleName.TRADER for population in scenario.populations):
        return {}
    mine = np.array([list(RoleName).index(population.role) for population in scenario.populations])[world.agents["trader_type"]]
    return {
        str(role): _figures(parties[mine == place], world.agents[mine == place], profits[mine == place], money[mine == place])
        for place, role in enumerate(RoleName)
        if (mine == place).any()
    }


def _figures(parties: Array, agents: Array, profits: NDArray[np.float64], money: NDArray[np.float64]) -> dict[str, Any]:
    fines = float((parties["fines"] * money).sum())
    lots = {name: int(parties[name].sum()) for name in _SUMS if name != "fines"}
    return {**_profit(profits), **lots, "fines": fines, "reputation": float(agents["reputation"].mean()) / _MILLION}


def _profit(profits: NDArray[np.float64]) -> dict[str, Any]:
    return {
        "agents": len(profits), "profit": float(profits.mean()), "worst_profit": float(profits.min()), "best_profit": float(profits.max()),
    }  # fmt: skip


def joined(worlds: Iterable[Mapping[str, Mapping[str, Any]]]) -> dict[str, dict[str, float]]:
    """The figures of several worlds as one: means over all agents, the lowest and the highest profit, sums of lots and fines."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for world in worlds:
        for kind, figures in world.items():
            found.setdefault(kind, []).append(figures)
    return {kind: _join(figures) for kind, figures in found.items()}


def _join(found: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    agents = sum(figures["agents"] for figures in found)
    whole: dict[str, float] = {"agents": agents}
    for name in (name for name in found[0] if name != "agents"):
        values = [figures[name] for figures in found]
        if name in _SUMS:
            whole[name] = round(sum(values), 4)
        elif name in ("worst_profit", "best_profit"):
            whole[name] = round(min(values) if name == "worst_profit" else max(values), 4)
        else:
            whole[name] = round(sum(value * figures["agents"] for value, figures in zip(values, found, strict=True)) / agents, 4)
    return whole
