"""Episodes of manipulation, as those who took part declared them: one row an agent, those of one number belong together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simulator.types import Outcome
from simulator.world.layout import Array

OPEN = -1


class Episode(NamedTuple):
    """What one agent did in one episode."""

    agent: int
    symbol: int
    number: int
    first_step: int
    last_step: int  # OPEN where it has not ended
    outcome: Outcome


def episodes(declared: Array) -> list[Episode]:
    """Episodes from rows of DECLARED, by their begin; one that ends without a begin begins in the same step.

    An agent that begins a number again has given up the one before.
    """
    found = list(_ended(declared))
    return sorted(found, key=lambda each: (each.first_step, each.agent, each.number))


def _ended(declared: Array) -> Iterator[Episode]:
    begun: dict[tuple[int, int], tuple[int, int]] = {}
    for agent, symbol, step, number, outcome in declared.tolist():
        before = begun.pop((agent, number), None)
        if outcome == Outcome.BEGUN:
            begun[agent, number] = (step, symbol)
            if before is not None:
                yield Episode(agent, before[1], number, before[0], step, Outcome.ATTEMPTED)
        else:
            yield Episode(agent, symbol, number, before[0] if before else step, step, Outcome(outcome))
    for (agent, number), (step, symbol) in begun.items():
        yield Episode(agent, symbol, number, step, OPEN, Outcome.BEGUN)
