"""Negotiations over packages, compiled: one turn of many at once, by the rules of simulator.bargaining.packages.

The state of a negotiation is a row of PACKAGE_NEGOTIATION with its own utilities and memories, so that a batch of any size gives each
the same course.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.bargaining.packages import PackageRules, Utilities
from simulator.bargaining.rules import ActionType, Outcome
from simulator.matching.compiled import compiled, inlined, u8

PACKAGE_NEGOTIATION = np.dtype(
    [
        ("turns", "i8"),  # taken so far, by all parties
        ("standing", "i8"),  # package on the table, -1 without one
        ("proposer", "i8"),  # who named it, -1 without one
        ("accepted", "i8"),  # how many accepted it since
        ("agreed", "u8"),  # and who: a bit for each party
        ("outcome", "i8"),  # Outcome
        ("illegal", "i8"),  # turns wasted
    ],
    align=True,
)
"""How one negotiation over packages stands."""

PACKAGE_GAME = np.dtype([("packages", "i8"), ("parties", "i8"), ("rounds", "i8"), ("delta", "f8"), ("reservation", "f8")], align=True)
"""PackageRules as compiled code reads them."""

OFFERED = ("own", "others")
"""What a memory tells: the own utility of the party's last offer, and of the best offer of the others; minus infinity before the first."""

_ACCEPT, _COUNTER, _WALK_AWAY = int(ActionType.ACCEPT), int(ActionType.COUNTER), int(ActionType.WALK_AWAY)
_RUNNING, _DEAL, _WALKED, _TIMEOUT = int(Outcome.RUNNING), int(Outcome.DEAL), int(Outcome.WALKED_AWAY), int(Outcome.TIMEOUT)


class Tables(NamedTuple):
    """n negotiations over packages."""

    rows: NDArray[Any]  # (n,) PACKAGE_NEGOTIATION
    utilities: Utilities  # (n, packages, parties)
    memories: NDArray[np.float64]  # (n, parties, 2), OFFERED


def package_game(rules: PackageRules) -> NDArray[Any]:
    """Return (1,) PACKAGE_GAME."""
    return np.array([(rules.packages, rules.parties, rules.rounds, rules.delta, rules.reservation)], PACKAGE_GAME)


@inlined
def act(game: Any, row: Any, utilities: Any, memories: Any, kind: int, package: int) -> None:
    """Let the party to act of a running negotiation act."""
    if kind == _WALK_AWAY:
        row.outcome = _WALKED
        return
    party = row.turns % game.parties
    if kind == _ACCEPT and row.standing >= 0 and row.proposer != party:
        accept(game, row, party)
    elif kind == _COUNTER and 0 <= package < game.packages:
        put(row, utilities, memories, party, package)
    else:
        row.illegal += 1
    row.turns += 1
    if row.outcome == _RUNNING and row.turns >= game.rounds * game.parties:
        row.outcome = _TIMEOUT


@inlined
def accept(game: Any, row: Any, party: int) -> None:
    """Agree to the standing package, once."""
    bit = u8(1) << u8(party)
    if row.agreed & bit == 0:
        row.agreed |= bit
        row.accepted += 1
    if row.accepted == game.parties - 1:
        row.outcome = _DEAL


@inlined
def put(row: Any, utilities: Any, memories: Any, party: int, package: int) -> None:
    """Put a package on the table; all remember what it was worth to them."""
    row.standing = package
    row.proposer = party
    row.accepted = 0
    row.agreed = 0
    for other in range(len(memories)):
        if other == party:
            memories[other, 0] = utilities[package, other]
        else:
            memories[other, 1] = max(memories[other, 1], utilities[package, other])


@inlined
def package_payoff(game: Any, row: Any, utilities: Any, party: int) -> float:
    """Return what a negotiation that is over is worth to a party."""
    worth: float = game.reservation
    if row.outcome == _DEAL:
        worth = utilities[row.standing, party] * game.delta ** float((row.turns - 1) // game.parties)
    return worth


@compiled
def step_packages(games: Any, rows: Any, utilities: Any, memories: Any, kinds: Any, packages: Any, rewards: Any) -> int:
    """Play one turn in every negotiation that is not over; write what its end is worth to all, 0 otherwise; return how many still run.

    kinds (n,) int64 ActionTypes, packages (n,) int64, rewards (n, parties) float64.
    """
    game, running = games[0], 0
    for place in range(len(rows)):
        row = rows[place]
        rewards[place, :] = 0.0
        if row.outcome != _RUNNING:
            continue
        act(game, row, utilities[place], memories[place], kinds[place], packages[place])
        if row.outcome == _RUNNING:
            running += 1
        else:
            for party in range(game.parties):
                rewards[place, party] = package_payoff(game, row, utilities[place], party)
    return running
