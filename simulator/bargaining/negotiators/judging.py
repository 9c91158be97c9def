"""What all compiled families share: whose side a price is on, and what is done when only an answer is left."""

from __future__ import annotations

from typing import Any

from simulator.bargaining.mixing import GAMMA, unit
from simulator.bargaining.protocol import left_of
from simulator.bargaining.rules import ActionType
from simulator.matching.compiled import inlined

ACCEPT, COUNTER, WALK_AWAY = int(ActionType.ACCEPT), int(ActionType.COUNTER), int(ActionType.WALK_AWAY)


@inlined
def uniform(row: Any) -> float:
    """Return a number in [0, 1) from a negotiation's own stream."""
    row.random = row.random + GAMMA
    return unit(row.random)


@inlined
def gain_of(row: Any, price: float) -> float:
    """Return what a price leaves the one whose turn it is, before any discount."""
    gain: float = price - row.value[0] if row.turn == 0 else row.value[1] - price
    return gain


@inlined
def with_gain(row: Any, gain: float) -> float:
    """Return the price that leaves the one whose turn it is so much."""
    price: float = row.value[0] + gain if row.turn == 0 else row.value[1] - gain
    return price


@inlined
def elapsed(game: Any, row: Any) -> float:
    """Return the share of the offers that are used up, 0 at the first and 1 at the last one."""
    return row.offers / max(game.offers - 1, 1)  # type: ignore[no-any-return]


@inlined
def answered(game: Any, row: Any, wanted: float) -> tuple[int, float]:
    """Accept what leaves at least `wanted`; make the offer that would; at the last chance take what is better than nothing.

    An offer that nobody can answer any more is no chance, either.
    """
    last = row.offers >= game.offers or (row.offers == game.offers - 1 and game.answer_last == 0)
    if row.standing >= 0:
        gain = gain_of(row, row.price)
        if gain >= wanted or (last and gain >= 0.0 and gain * left_of(game, row.standing) > game.timeout):
            return ACCEPT, 0.0
    return COUNTER, with_gain(row, wanted)
