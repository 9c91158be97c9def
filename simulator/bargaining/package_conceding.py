"""Those who concede over packages by the clock, and give way where the others seem to gain most: readable, and compiled for many.

Source: the similarity trade-offs of Faratin, Sierra and Jennings, "Using similarity criteria to make issue trade-offs in automated
negotiations", Artificial Intelligence 142 (2002), with the distance of choices for similarity.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.bargaining.package_protocol import Tables, package_game
from simulator.bargaining.packages import PackageNegotiation, PackageRules
from simulator.bargaining.rules import ActionType, Outcome
from simulator.matching.compiled import compiled, inlined

_ACCEPT, _COUNTER, _RUNNING = int(ActionType.ACCEPT), int(ActionType.COUNTER), int(Outcome.RUNNING)


def conceding(negotiation: PackageNegotiation, exponent: float = 1.0) -> None:
    """Let the party to act accept what is as good as it wants by now, or offer such a package as near the standing one as there is.

    What it wants falls from its best utility to the reservation by (time) ^ (1 / exponent).
    """
    rules, own = negotiation.rules, negotiation.utilities[:, negotiation.turn]
    time = negotiation.round / max(rules.rounds - 1, 1)
    wanted = own.max() + (rules.reservation - own.max()) * time ** (1.0 / exponent)
    if negotiation.standing >= 0 and negotiation.proposer != negotiation.turn and own[negotiation.standing] >= wanted:
        negotiation.accept()
        return
    good = np.flatnonzero(own >= min(wanted, own.max()))
    if negotiation.standing < 0:
        negotiation.offer(int(good[np.argmin(own[good])]))
        return
    away = np.zeros(len(good))
    there = rules.choices(negotiation.standing)
    for issue, choices in enumerate(np.unravel_index(good, rules.issues)):
        away += np.abs(choices - there[issue]) / max(rules.issues[issue] - 1, 1)
    negotiation.offer(int(good[np.argmin(away)]))


def conceded(rules: PackageRules, tables: Tables, exponent: float = 1.0) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (n,) ActionTypes and (n,) packages: what the party to act of each negotiation does if it concedes as above."""
    kinds, packages = np.zeros(len(tables.rows), np.int64), np.zeros(len(tables.rows), np.int64)
    concede(package_game(rules), np.array(rules.issues, np.int64), tables.rows, tables.utilities, exponent, kinds, packages)
    return kinds, packages


@compiled
def concede(games: Any, issues: Any, rows: Any, utilities: Any, exponent: float, kinds: Any, packages: Any) -> None:
    """Write kinds (n,) and packages (n,) of negotiations that run; the others are left alone."""
    game = games[0]
    for place in range(len(rows)):
        row = rows[place]
        if row.outcome != _RUNNING:
            continue
        party = row.turns % game.parties
        own = utilities[place, :, party]
        best = highest(own)
        time = row.turns // game.parties / max(game.rounds - 1, 1)
        wanted = best + (game.reservation - best) * time ** (1.0 / exponent)
        if row.standing >= 0 and row.proposer != party and own[row.standing] >= wanted:
            kinds[place] = _ACCEPT
        else:
            kinds[place] = _COUNTER
            packages[place] = nearest(issues, own, min(wanted, best), row.standing)


@inlined
def highest(numbers: Any) -> float:
    """Return the highest of some numbers."""
    found: float = numbers[0]
    for place in range(1, len(numbers)):
        found = max(found, numbers[place])
    return found


@inlined
def nearest(issues: Any, own: Any, wanted: float, standing: int) -> int:
    """Return the package worth at least `wanted` that is nearest to the standing one; without one, the least that is worth it."""
    chosen, least = -1, np.inf
    for package in range(len(own)):
        if own[package] >= wanted:
            far = own[package] if standing < 0 else distance(issues, package, standing)
            if far < least:
                chosen, least = package, far
    return chosen


@inlined
def distance(issues: Any, package: int, other: int) -> float:
    """Return the sum over issues of how far choices are apart, from 0 to 1 each; summed as the readable one does, from the first issue."""
    below, away = 1, 0.0
    for issue in range(len(issues)):
        below *= issues[issue]
    for issue in range(len(issues)):
        below //= issues[issue]
        apart = abs(package // below % issues[issue] - other // below % issues[issue])
        away += apart / max(issues[issue] - 1, 1)
    return away
