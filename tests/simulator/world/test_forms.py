"""Traders in Python, compiled traders and agents from outside in one market."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pytest

from simulator.traders.trader import Trader
from simulator.types import RecordKind
from simulator.world.agents import TraderLike, registered
from simulator.world.commands import BUY, Commands, place_limit
from simulator.world.jit import compile_trader
from simulator.world.scenario import Limits, Population
from simulator.world.view import View
from simulator.world.world import Capacity, World
from tests.simulator.world.markets import TINY, log_of, only, scripted, trading


class InPython:
    """A compiled strategy, made to play by its method."""

    address = 0

    def __init__(self, trader: TraderLike) -> None:
        self.memory_words, self.parameters, self.act = trader.memory_words, trader.parameters, trader.act


def plain(name: str, parameters: Mapping[str, Any]) -> TraderLike:
    return InPython(registered(name, parameters))


def mixed(name: str, parameters: Mapping[str, Any]) -> TraderLike:
    return plain(name, parameters) if name in ("noise", "arbitrage") else registered(name, parameters)


@pytest.mark.parametrize("make", [plain, mixed])
@pytest.mark.parametrize("capacity", [Capacity(), TINY])
def test_plain_traders_give_the_same_log_as_their_compiled_twins(make: Any, capacity: Capacity) -> None:
    expected = World(trading(), seed=11)
    expected.advance(120)
    world = World(trading(), 0, 11, make, capacity)
    for _ in world.chunks(120):
        pass
    assert world.hash() == expected.hash()
    world.check()


def greedy(view: Any, commands: Any) -> None:
    """Write to memory, draw, and give more commands than fit."""
    view.memory[0] += 1.0
    for _ in range(200):
        place_limit(commands, BUY, 100 + int(view.memory[0]), 1)


class Greedy(Trader):
    """Gives 200 commands a step."""

    memory_words = 1
    address = compile_trader(greedy)

    def act(self, view: View, commands: Commands) -> None:
        greedy(view, commands)


def test_a_compiled_trader_is_asked_again_as_if_for_the_first_time_when_room_ran_out() -> None:
    scenario = trading(4, limits=Limits(open_orders=5000, position=5000), populations=(Population(trader="greedy", count=4),))
    roomy = World(scenario, 0, 1, lambda name, parameters: Greedy(), Capacity(commands=10_000))
    tight = World(scenario, 0, 1, lambda name, parameters: Greedy(), TINY)
    assert np.array_equal(log_of(roomy, 5), log_of(tight, 5))
    assert tight.agents["memory"][:, 0].tolist() == [5.0] * 4


class Outsider(Trader):
    """Buys at the price it finds in memory."""

    def act(self, view: View, commands: Commands) -> None:
        place_limit(commands, BUY, int(view.memory[0]), int(view.memory[1]))


def with_outsiders(count: int) -> World:
    base = trading(20)
    outsiders = Population(trader="outside", count=count, outside=True)
    scenario = msgspec.structs.replace(base, agents=20 + count, populations=(*base.populations, outsiders))

    def make(name: str, parameters: Mapping[str, Any]) -> TraderLike:
        return Outsider() if name == "outside" else registered(name, parameters)

    return World(scenario, 0, 1, make)


def test_actions_reach_the_agents_they_are_for() -> None:
    world = with_outsiders(3)
    actions = np.array([[90, 1], [91, 2], [92, 3]], np.int32)
    records = world.step_batch(actions).records
    for agent, (price, size) in zip(world.outside, actions, strict=True):
        mine = records[records["owner"] == agent][0]
        assert (mine["price"], mine["size"]) == (price, size)
    assert world.step == 1


def test_a_batch_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="2 rows of actions for 3 outside agents"):
        with_outsiders(3).step_batch(np.zeros((2, 2), np.int32))


def test_a_batch_gives_the_same_log_as_the_same_steps_after_a_restore() -> None:
    world, actions = with_outsiders(2), np.array([[9_990, 1], [9_980, 2]], np.int32)
    for _ in range(20):
        world.step_batch(actions)
    stored = world.snapshot()
    for _ in range(20):
        world.step_batch(actions)
    again = with_outsiders(2)
    again.restore(stored)
    for _ in range(20):
        again.step_batch(actions)
    assert again.hash() == world.hash()


def test_an_unknown_strategy_or_parameter_is_named() -> None:
    base = trading(5)
    for population, message in (
        (Population(trader="nobody", count=5), "nobody"),
        (Population(trader="noise", count=5, parameters={"colour": 3}), "colour"),
        (Population(trader="noise", count=5, parameters={"buy": -1}), "buy"),
        (Population(trader="noise", count=5, inventory=1000), "beyond its position limit"),
    ):
        with pytest.raises(ValueError, match=message):
            World(msgspec.structs.replace(base, populations=(population,)))


def test_a_trader_that_fails_leaves_a_world_that_says_so_and_can_be_restored() -> None:
    def fails(view: View, commands: Commands) -> None:
        place_limit(commands, BUY, 100, 1)
        if view.step == 3 and failing:
            raise RuntimeError("no idea")

    failing: list[int] = []
    world = scripted(fails, fails)
    world.advance(2)
    stored = world.snapshot()
    world.advance(4)
    expected = world.hash()
    world.restore(stored)
    failing.append(1)
    with pytest.raises(RuntimeError, match="no idea"):
        world.advance(4)
    for forbidden in (world.advance, world.snapshot):
        with pytest.raises(ValueError, match="a trader failed in the middle of step 3; restore"):
            forbidden()
    failing.clear()
    world.restore(stored)
    world.advance(4)
    assert world.hash() == expected


@pytest.mark.parametrize("make", [registered, plain])
def test_agents_are_asked_in_the_share_of_steps_that_their_population_says(make: Any) -> None:
    sells = Population(trader="noise", count=50, activity=0.3, parameters={"buy": 0, "sell": 1, "market_share": 0, "orders": 64})
    world = World(trading(50, populations=(sells,)), 0, 5, make)
    asked = len(only(log_of(world, 60), RecordKind.ACCEPTED))
    assert 0.28 < asked / (50 * 60) < 0.32


def boastful(view: View, commands: Commands) -> None:
    view.memory[0] = len(f"{view.cash}")


class Boastful(Trader):
    """Cannot be compiled: it makes text."""

    address = compile_trader(boastful)


def test_a_strategy_that_cannot_be_compiled_is_named_when_it_is_to_play() -> None:
    place = f"{__name__}:Boastful"
    world = World(trading(2, populations=(Population(trader=place, count=2),)))
    with pytest.raises(ValueError, match=rf"strategy {place} cannot be compiled: .* leave out its address"):
        world.advance()
