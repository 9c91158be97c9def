"""What the tests of deals, auctions, reputation and letters share: small scripts, and a log's deals in words."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from simulator.types import DealStep, Reason, RecordKind
from simulator.world.commands import Commands
from simulator.world.layout import Array
from simulator.world.looking import letter_of
from simulator.world.mechanisms import Deals, Reputation, Resource
from simulator.world.moves import Fundamental
from simulator.world.party_rows import LETTERS
from simulator.world.scenario import Limits, Symbol
from simulator.world.view import View
from simulator.world.world import World
from tests.simulator.world.markets import Decide, agent_of, nothing, only, scripted

STILL = Symbol(name="A", fundamental=Fundamental(volatility=0.0))
GRAIN = Symbol(name="G", fundamental=Fundamental(volatility=0.0), resource=Resource(period=1000, decay=0.0, storage=0))
BEGUN = 10_000_000
"""Cash at the start."""


@cache
def seats(scripts: int) -> tuple[int, ...]:
    """Return the agent's number of each of so many scripts."""
    world = scripted(*[nothing] * scripts)
    return tuple(agent_of(world, script) for script in range(scripts))


def do(act: Callable[..., None], *arguments: int) -> Decide:
    """Return a script of one act."""

    def decide(view: View, commands: Commands) -> None:
        act(commands, *arguments)

    return decide


def at_once(*scripts: Decide) -> Decide:
    """Return a script that does what several do, one after the other."""

    def decide(view: View, commands: Commands) -> None:
        for script in scripts:
            script(view, commands)

    return decide


def dealt(*scripts: Decide, **changes: Any) -> World:
    """Return a world of scripts with deals and reputation, in which nobody may sell what it does not have."""
    given = {"symbols": (GRAIN,), "deals": Deals(), "reputation": Reputation(), "limits": Limits(messages=20, short=0)}
    return scripted(*scripts, **(given | changes))


def steps_of(log: Array) -> list[str]:
    """Return what happened to deals, in words."""
    return [DealStep(int(reason)).name for reason in only(log, RecordKind.NEGOTIATION)["reason"]]


def refusals(log: Array) -> list[tuple[int, str]]:
    """Return who was refused something, and why."""
    return [(int(row["owner"]), Reason(int(row["reason"])).name) for row in only(log, RecordKind.REJECTED)]


def gains(world: World) -> list[int]:
    """Return by how much the cash of each script's agent has changed since it began with BEGUN."""
    return [int(world.agents["cash"][seat]) - BEGUN for seat in seats(len(world.agents))]


def holdings(world: World) -> list[int]:
    """Return the lots of each script's agent."""
    return [int(world.agents["inventory"][seat]) for seat in seats(len(world.agents))]


def reputations(world: World) -> list[int]:
    """Return the reputation of each script's agent in millionths."""
    return [int(world.agents["reputation"][seat]) for seat in seats(len(world.agents))]


def mailbox(view: View) -> list[tuple[int, ...]]:
    """Return the letters that an agent has, oldest first: step, sender, topic, kind and the four values."""
    letters = (letter_of(view, number) for number in range(max(0, view.letters - LETTERS), view.letters))
    return [(a.step, a.sender, a.topic, a.kind, a.value_1, a.value_2, a.value_3, a.value_4) for a in letters]
