"""What is killed, when and for how long: a function of the seed alone, so that a run that found something can be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from simulator.seeding import generator

PAUSE_S = (0.5, 4.0)  # between the recovery from one kill and the next
DOWN_S = (0.0, 4.0)  # until what was killed is started again


class Kill(NamedTuple):
    """One SIGKILL. Seconds."""

    target: str
    pause_s: float
    down_s: float


def plan(seed: int, kills: int, targets: Sequence[str]) -> list[Kill]:
    """The kills in order: each target before any is hit again, in an order that changes from round to round."""
    if kills < 0 or not targets:
        raise ValueError(f"{kills} kills of {len(targets)} targets cannot be planned; give at least one target and no negative number")
    chance = generator(seed, "chaos", "plan")
    order = [str(target) for _ in range(-(-kills // len(targets))) for target in chance.permutation(list(targets))]
    return [Kill(target, chance.uniform(*PAUSE_S), chance.uniform(*DOWN_S)) for target in order[:kills]]
