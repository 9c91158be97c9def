"""What agents ended with, by trader type and by role, in one world and over several."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.workers.finals import by_role, by_type, joined
from simulator.world.scenario_files import load
from simulator.world.world import World


def test_figures_by_type() -> None:
    found = by_type(["a", "b", "a"], np.array([1.0, 5.0, 3.0]), np.array([4, 0, 2]))
    assert found["a"] == {"agents": 2, "profit": 2.0, "worst_profit": 1.0, "best_profit": 3.0, "inventory": 3.0}
    assert list(found) == ["a", "b"]


def test_figures_by_role_are_what_accounts_and_businesses_say() -> None:
    world = World(load("balanced").with_agents(20), seed=1)
    for _ in world.chunks(400):
        pass
    profits, money = np.arange(20.0), np.full(20, 0.01)
    found = by_role(world, profits, money)
    assert {role: figures["agents"] for role, figures in found.items()} == dict.fromkeys(
        ["buyer", "seller", "speculator", "mediator", "regulator"], 4
    )
    parties = world.parties.parties
    assert found["seller"]["produced"] == parties["produced"].sum() > 0 == found["buyer"]["produced"]
    assert found["buyer"]["consumed"] == parties["consumed"].sum() > 0
    assert sum(figures["fines"] for figures in found.values()) == pytest.approx(parties["fines"].sum() * 0.01)
    assert sum(figures["profit"] * 4 for figures in found.values()) == profits.sum()


def test_a_market_without_roles_has_no_figures_by_role() -> None:
    world = World(load("trading").with_agents(10), seed=1)
    assert by_role(world, np.zeros(10), np.ones(10)) == {}


def test_several_worlds_are_joined_agent_by_agent() -> None:
    one = {"a": {"agents": 1, "profit": 4.0, "worst_profit": 4.0, "best_profit": 4.0, "fines": 1.0, "reputation": 0.2}}
    two = {"a": {"agents": 3, "profit": 0.0, "worst_profit": -2.0, "best_profit": 1.0, "fines": 2.0, "reputation": 0.6}, "b": one["a"]}
    found = joined([one, two])
    assert found["a"] == {"agents": 4, "profit": 1.0, "worst_profit": -2.0, "best_profit": 4.0, "fines": 3.0, "reputation": 0.5}
    assert list(found) == ["a", "b"]
