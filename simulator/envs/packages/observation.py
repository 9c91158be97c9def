"""What a party sees: how the talks stand and what it likes itself, each number of order one; never what the others like."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.bargaining.packages import PackageRules, Utilities
from simulator.matching.compiled import compiled, inlined

MOST = 2.0
"""Utilities are cut to -2..2; -2 also stands for none yet."""

STATE = (
    "my_turn",
    "offered",  # whether a package is on the table
    "mine",  # and by whom: 1 if it is its own
    "accepted",  # share of the proposer's opponents who accepted it
    "agreed",  # whether itself did
    "utility",  # own utility of it, 0 without one
    "rounds_left",  # share of the rounds, this one included
    "last_offer",  # own utility of its own last offer
    "best_offer",  # own utility of the best offer of the others so far
)


def layout(rules: PackageRules) -> tuple[str, ...]:
    """Names of an observation's numbers: STATE, then for each issue the choice on the table and the own mean utility of each choice.

    choice_i goes from 0 to 1, -1 without a package. like_i_c is the mean own utility of all packages with choice c on issue i; of
    weighed goods without synergy their sum over the issues, less (issues - 1) x the mean of an issue's, is a package's utility.
    """
    choices = [f"choice_{issue}" for issue in range(len(rules.issues))]
    return (*STATE, *choices, *(f"like_{issue}_{choice}" for issue, most in enumerate(rules.issues) for choice in range(most)))


def likes(rules: PackageRules, utilities: Utilities) -> NDArray[np.float32]:
    """Return (n, parties, choices of all issues) mean utilities of utilities (n, packages, parties)."""
    size = rules.parties, sum(rules.issues)
    found = np.zeros((len(utilities), *size), np.float32)
    write_likes(np.array(rules.issues, np.int64), utilities, np.zeros(size), found)
    return found


@inlined
def cut(utility: float) -> float:
    """Return a utility within -2..2."""
    return min(max(utility, -MOST), MOST)


@compiled
def write_likes(issues: Any, utilities: Any, sums: Any, found: Any) -> None:
    """Write (n, parties, choices of all issues) float32; sums (parties, choices of all issues) is room to work."""
    packages, parties = utilities.shape[1], utilities.shape[2]
    for place in range(len(utilities)):
        sums[:, :] = 0.0
        for package in range(packages):
            below, first = packages, 0
            for issue in range(len(issues)):
                below //= issues[issue]
                choice = first + package // below % issues[issue]
                for party in range(parties):
                    sums[party, choice] += utilities[place, package, party]
                first += issues[issue]
        for party in range(parties):
            first = 0
            for issue in range(len(issues)):
                for choice in range(first, first + issues[issue]):
                    found[place, party, choice] = cut(sums[party, choice] * issues[issue] / packages)
                first += issues[issue]


@compiled
def observe(games: Any, issues: Any, rows: Any, utilities: Any, memories: Any, observations: Any) -> None:
    """Write what changes of (n, parties, features) float32, by layout: all but the likes."""
    game = games[0]
    for place in range(len(rows)):
        row, seen = rows[place], observations[place]
        there = row.standing >= 0
        turn = row.turns % game.parties if row.outcome == 0 else -1
        left = 1.0 - row.turns // game.parties / game.rounds
        share = row.accepted / (game.parties - 1)
        for party in range(game.parties):
            seen[party, 0] = 1.0 if turn == party else 0.0
            seen[party, 1] = 1.0 if there else 0.0
            seen[party, 2] = 1.0 if row.proposer == party else 0.0
            seen[party, 3] = share
            seen[party, 4] = 1.0 if (row.agreed >> np.uint64(party)) & np.uint64(1) != 0 else 0.0
            seen[party, 5] = cut(utilities[place, row.standing, party]) if there else 0.0
            seen[party, 6] = left
            seen[party, 7] = cut(memories[place, party, 0])
            seen[party, 8] = cut(memories[place, party, 1])
        below = game.packages
        for issue in range(len(issues)):
            below //= issues[issue]
            choice = row.standing // below % issues[issue] / max(issues[issue] - 1, 1) if there else -1.0
            for party in range(game.parties):
                seen[party, 9 + issue] = choice
