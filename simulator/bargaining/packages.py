"""Negotiations over packages: several issues at once, bundles of items, price with quantity, and any number of parties.

Protocol: the stacked alternating offers of Aydogan, Festen, Hindriks and Jonker, "Alternating offers protocols for multilateral
negotiation", Studies in Computational Intelligence 674 (2017): in turn each party accepts the standing package, names another one, or
ends it all; a package that all others have accepted is the deal.

A package is a row of a table of utilities, so that the protocol knows nothing of issues. This is the protocol to read;
simulator.bargaining.package_protocol is the same, compiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from simulator.bargaining.rules import Outcome

Utilities = NDArray[np.float64]
MOST_PACKAGES = 100_000
MOST_PARTIES = 64


class PackageRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A negotiation over packages. Raises ValueError for more than 100,000 of them, and for numbers that make no negotiation."""

    issues: tuple[int, ...] = (11, 5)
    """How many choices each issue has; an item of a bundle is an issue of two."""

    parties: Annotated[int, Meta(ge=2, le=MOST_PARTIES)] = 2
    rounds: Annotated[int, Meta(ge=1, le=100_000)] = 20
    """How many times each party may act."""

    delta: Annotated[float, Meta(gt=0, le=1)] = 1.0
    """What a round leaves of all utilities."""

    reservation: float = 0.0
    """What no deal is worth to each."""

    def __post_init__(self) -> None:
        """Check the numbers. Raises ValueError."""
        if not 2 <= self.parties <= MOST_PARTIES or self.rounds < 1 or not 0.0 < self.delta <= 1.0:
            raise ValueError(
                f"{self.parties} parties, {self.rounds} rounds and delta {self.delta} make no negotiation; "
                f"give 2..{MOST_PARTIES} parties, at least 1 round and a delta above 0, at most 1"
            )
        if not self.issues or min(self.issues) < 1 or prod(self.issues) > MOST_PACKAGES:
            raise ValueError(
                f"issues {self.issues} make no package, or more than {MOST_PACKAGES}; give each issue some choices, fewer in all"
            )

    @property
    def packages(self) -> int:
        """How many there are."""
        return prod(self.issues)

    def package(self, choices: Sequence[int]) -> int:
        """The number of a package from the choice on each issue. Raises ValueError for a choice that does not exist."""
        if len(choices) != len(self.issues) or any(not 0 <= choice < most for choice, most in zip(choices, self.issues, strict=True)):
            raise ValueError(f"choices {tuple(choices)} are no package of issues {self.issues}; give one number below each")
        return int(np.ravel_multi_index(tuple(choices), self.issues))

    def choices(self, package: int) -> tuple[int, ...]:
        """The choice on each issue of a package by its number."""
        return tuple(int(choice) for choice in np.unravel_index(package, self.issues))


@dataclass
class PackageNegotiation:
    """One negotiation: utilities (packages, parties), and how it stands. Nothing changes after its end.

    Raises ValueError for utilities that do not fit the rules.
    """

    rules: PackageRules
    utilities: Utilities
    turns: int = 0
    """Taken so far, by all parties."""
    standing: int = -1
    """The package on the table, -1 without one."""
    proposer: int = -1
    agreed: frozenset[int] = frozenset()
    """Parties that accepted it since it was named."""
    outcome: Outcome = Outcome.RUNNING
    illegal: int = 0
    """Turns wasted."""

    def __post_init__(self) -> None:
        if self.utilities.shape != (self.rules.packages, self.rules.parties):
            rows, columns = self.rules.packages, self.rules.parties
            raise ValueError(f"utilities of shape {self.utilities.shape} are not ({rows} packages, {columns} parties)")

    @property
    def turn(self) -> int:
        """The party to act."""
        return self.turns % self.rules.parties

    @property
    def round(self) -> int:
        """Rounds that are over."""
        return self.turns // self.rules.parties

    def accept(self) -> None:
        """Agree to the standing package, again if need be; without one, or to one's own, the turn is wasted."""
        if self.outcome is not Outcome.RUNNING:
            return
        legal = self.standing >= 0 and self.proposer != self.turn
        if legal:
            self.agreed |= {self.turn}
        if len(self.agreed) == self.rules.parties - 1:
            self.outcome = Outcome.DEAL
        self._next(legal)

    def offer(self, package: int) -> None:
        """Put a package on the table; one that does not exist wastes the turn and leaves the table as it is."""
        if self.outcome is not Outcome.RUNNING:
            return
        legal = 0 <= package < self.rules.packages
        if legal:
            self.standing, self.proposer, self.agreed = package, self.turn, frozenset()
        self._next(legal)

    def walk_away(self) -> None:
        """End it without a deal."""
        if self.outcome is Outcome.RUNNING:
            self.outcome = Outcome.WALKED_AWAY

    def payoffs(self) -> Utilities:
        """(parties,) what it is worth at its end, 0 before."""
        if self.outcome is Outcome.RUNNING:
            return np.zeros(self.rules.parties)
        if self.outcome is not Outcome.DEAL:
            return np.full(self.rules.parties, self.rules.reservation)
        return np.asarray(self.utilities[self.standing] * self.rules.delta ** ((self.turns - 1) // self.rules.parties))

    def _next(self, legal: bool = True) -> None:
        """Count a turn; the last one ends it, but never a deal that it made."""
        self.illegal += not legal
        self.turns += 1
        if self.outcome is Outcome.RUNNING and self.turns >= self.rules.rounds * self.rules.parties:
            self.outcome = Outcome.TIMEOUT
