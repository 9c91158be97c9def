"""What manipulators declare of themselves: kept beside the log, in snapshots too, and seen by nobody."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.traders.trader import Trader
from simulator.types import Outcome, RecordKind
from simulator.world.commands import ATTEMPTED, BEGUN, CONSUMMATED, Commands, declare, place_limit
from simulator.world.episodes import OPEN, Episode, episodes
from simulator.world.jit import compile_trader
from simulator.world.layout import DECLARED, Array
from simulator.world.scenario import Population, Scenario
from simulator.world.view import example_view
from simulator.world.world import World


def decide(view: Any, commands: Any) -> None:
    """An episode of three steps, again and again; every second one comes to something."""
    place = view.step % 4
    if place == 0:
        declare(commands, view.step // 4, BEGUN)
    elif place == 3:
        declare(commands, view.step // 4, CONSUMMATED if view.step % 8 == 7 else ATTEMPTED)


class Declaring(Trader):
    """Only declares."""

    family = "spoofing"
    address = compile_trader(decide)

    def act(self, view: Any, commands: Any) -> None:
        decide(view, commands)


class InPython(Declaring):
    """The same, in Python."""

    address = 0


class Quiet(Trader):
    """As active as it, and says nothing: an order that nobody takes counts as its turn."""

    def act(self, view: Any, commands: Any) -> None:
        if view.step % 4 in (0, 3):
            place_limit(commands, 0, 1, 0)


def world(trader: str = "Declaring", seed: int = 2) -> World:
    populations = (Population(trader="noise", share=1.0), Population(trader=f"{__name__}:{trader}", count=2))
    return World(Scenario(name="watched", agents=12, populations=populations), 0, seed)


def played(found: World, steps: int) -> World:
    for _ in found.chunks(steps):
        pass
    return found


def row(agent: int, step: int, number: int, outcome: int) -> tuple[int, ...]:
    return agent, 0, step, number, outcome


def rows(*given: tuple[int, ...]) -> Array:
    return np.array(list(given), DECLARED)


def test_declarations_become_episodes() -> None:
    declared = rows(row(3, 5, 1, BEGUN), row(4, 6, 1, BEGUN), row(3, 9, 1, CONSUMMATED), row(4, 8, 1, ATTEMPTED))
    assert episodes(declared) == [Episode(3, 0, 1, 5, 9, Outcome.CONSUMMATED), Episode(4, 0, 1, 6, 8, Outcome.ATTEMPTED)]


def test_unfinished_repeated_and_sudden_episodes() -> None:
    assert episodes(rows(row(1, 7, 2, BEGUN))) == [Episode(1, 0, 2, 7, OPEN, Outcome.BEGUN)]
    assert episodes(rows(row(1, 7, 2, ATTEMPTED))) == [Episode(1, 0, 2, 7, 7, Outcome.ATTEMPTED)]
    again = episodes(rows(row(1, 7, 2, BEGUN), row(1, 9, 2, BEGUN), row(1, 12, 2, CONSUMMATED)))
    assert again == [Episode(1, 0, 2, 7, 9, Outcome.ATTEMPTED), Episode(1, 0, 2, 9, 12, Outcome.CONSUMMATED)]
    assert episodes(rows()) == []


@pytest.mark.parametrize("trader", ["Declaring", "InPython"])
def test_a_world_keeps_any_number_of_them(trader: str) -> None:
    found = episodes(played(world(trader), 200).declared)
    assert len(found) == 2 * 50
    assert {(each.last_step - each.first_step, each.number * 4 - each.first_step) for each in found} == {(3, 0)}
    assert [each.outcome for each in found[:4:2]] == [Outcome.ATTEMPTED, Outcome.CONSUMMATED]
    assert {each.agent for each in found} == set(np.flatnonzero(found_types(played(world(trader), 1)) == 1))


def found_types(found: World) -> Array:
    return np.asarray(found.agents["trader_type"])


def test_compiled_and_in_python_they_are_the_same() -> None:
    one, other = (played(world(trader), 100) for trader in ("Declaring", "InPython"))
    assert one.hash() == other.hash() and one.declared.tolist() == other.declared.tolist()


def log_of(found: World, steps: int) -> Array:
    return np.concatenate([chunk.records.copy() for chunk in found.chunks(steps)])


def test_nobody_sees_them() -> None:
    """The log is that of a market in which something refused took the same turns, without the refusals."""
    loud, silent = log_of(world(), 100), log_of(world("Quiet"), 100)
    refused = (silent["kind"] == RecordKind.REJECTED) & np.isin(silent["owner"], np.flatnonzero(found_types(world()) == 1))
    others = silent[~refused]
    assert refused.sum() == 2 * 50
    for field in ("kind", "step", "price", "size", "owner"):
        assert np.array_equal(loud[field], others[field])


def test_a_restored_world_has_those_of_before_and_goes_on() -> None:
    straight, first = played(world(), 90), played(world(), 30)
    again = world()
    again.restore(first.snapshot())
    assert again.declared.tolist() == first.declared.tolist()
    assert played(again, 90).declared.tolist() == straight.declared.tolist()
    again.begin_again(1)
    assert len(again.declared) == 0


class Babbling(Trader):
    """Declares what is no outcome."""

    family = "spoofing"

    def act(self, view: Any, commands: Any) -> None:
        declare(commands, view.step, 7)
        declare(commands, view.step, -1)


def test_what_is_no_outcome_says_nothing() -> None:
    assert len(played(world("Babbling"), 20).declared) == 0


def test_a_member_knows_its_place_in_its_population() -> None:
    agents = world().agents
    mine = agents[agents["trader_type"] == 1]
    assert sorted(mine["member"]) == [0, 1] and set(mine["members"]) == {2}
    assert sorted(agents[agents["trader_type"] == 0]["member"]) == list(range(10))


def test_declarations_of_an_example_are_words() -> None:
    commands = Commands()
    Declaring().act(example_view(step=7), commands)
    assert commands.declared() == [(1, Outcome.CONSUMMATED)] and commands.placed() == []
