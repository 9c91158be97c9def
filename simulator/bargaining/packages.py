"""Negotiations over packages: several issues at once, bundles of items, price with quantity, and any number of parties.

Protocol: the stacked alternating offers of Aydogan, Festen, Hindriks and Jonker, "Alternating offers protocols for multilateral
negotiation", Studies in Computational Intelligence 674 (2017): in turn each party accepts the standing package, names another one, or
ends it all; a package that all others have accepted is the deal.

A package is a row of a table of utilities, so that the protocol knows nothing of issues.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from simulator import seeding
from simulator.bargaining.rules import Outcome

Utilities = NDArray[np.float64]
MOST_PACKAGES = 100_000


class PackageRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A negotiation over packages. Raises ValueError for more than 100,000 of them."""

    issues: tuple[int, ...] = (11, 5)
    """How many choices each issue has; an item of a bundle is an issue of two."""

    parties: Annotated[int, Meta(ge=2, le=64)] = 2
    rounds: Annotated[int, Meta(ge=1, le=100_000)] = 20
    """How many times each party may act."""

    delta: Annotated[float, Meta(gt=0, le=1)] = 1.0
    """What a round leaves of all utilities."""

    reservation: float = 0.0
    """What no deal is worth to each."""

    opposed: bool = True
    """Whether the first party likes high choices and the others low ones; otherwise each has a favourite of its own on each issue."""

    def __post_init__(self) -> None:
        """Check the issues. Raises ValueError."""
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


def additive(rules: PackageRules, seed: int, number: int = 0) -> Utilities:
    """Return (packages, parties) utilities in 0..1 of negotiation `number` of a seed: weights that sum to one times scores of choices."""
    chance = seeding.generator(seed, "packages", number)
    weights = chance.dirichlet(np.ones(len(rules.issues)), rules.parties)
    favourites = chance.random((len(rules.issues), rules.parties, 1))
    scores = [_scores(rules, most, favourite) for most, favourite in zip(rules.issues, favourites, strict=True)]
    table = np.array(list(product(*(range(most) for most in rules.issues))), np.int64).reshape(rules.packages, len(rules.issues))
    whole = np.sum([scores[i][:, table[:, i]].T * weights[:, i] for i in range(len(rules.issues))], axis=0)
    return np.asarray(np.minimum(whole, 1.0))


def _scores(rules: PackageRules, most: int, favourite: Utilities) -> Utilities:
    """(parties, choices) in 0..1; favourite (parties, 1) in 0..1."""
    place = np.linspace(0.0, 1.0, most) if most > 1 else np.ones(1)
    if rules.opposed:
        return np.stack([place, *([1.0 - place if most > 1 else place] * (rules.parties - 1))])
    return np.asarray(1.0 - np.abs(place - favourite) / np.maximum(favourite, 1.0 - favourite))


def price_and_quantity(
    prices: NDArray[np.float64], quantities: NDArray[np.float64], cost: float, value: float, satiation: float
) -> Utilities:
    """Return (prices x quantities, 2) gains of a supplier, q (p - cost), and of a retailer, value q - satiation q^2 / 2 - p q.

    A package is a choice of price, then of quantity. Money is as in the prices.
    """
    price, quantity = (grid.ravel() for grid in np.meshgrid(prices, quantities, indexing="ij"))
    supplier = quantity * (price - cost)
    return np.stack([supplier, value * quantity - satiation * quantity**2 / 2.0 - price * quantity], axis=1)


@dataclass
class PackageNegotiation:
    """One negotiation: utilities (packages, parties), and how it stands. Raises ValueError for utilities that do not fit the rules."""

    rules: PackageRules
    utilities: Utilities
    turns: int = 0
    """Taken so far, by all parties."""
    standing: int = -1
    """The package on the table, -1 without one."""
    proposer: int = -1
    accepted: int = 0
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
        """Agree to the standing package; without one, the turn is wasted."""
        if self.standing < 0 or self.proposer == self.turn:
            self._next(legal=False)
            return
        self.accepted += 1
        if self.accepted == self.rules.parties - 1 and self.outcome is Outcome.RUNNING:
            self.outcome = Outcome.DEAL
        self._next()

    def offer(self, package: int) -> None:
        """Put a package on the table; one that does not exist wastes the turn and leaves the table as it is."""
        legal = 0 <= package < self.rules.packages
        if legal and self.outcome is Outcome.RUNNING:
            self.standing, self.proposer, self.accepted = package, self.turn, 0
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


def conceding(negotiation: PackageNegotiation, exponent: float = 1.0) -> None:
    """Let the party to act accept what is as good as it wants by now, or offer such a package as near the standing one as there is.

    What it wants falls from its best utility to the reservation by (time) ^ (1 / exponent). Source: the similarity trade-offs of
    Faratin, Sierra and Jennings, "Using similarity criteria to make issue trade-offs in automated negotiations", Artificial Intelligence
    142 (2002), with the distance of choices for similarity.
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
    scale = np.maximum(np.array(rules.issues) - 1, 1)
    choices = np.stack(np.unravel_index(good, rules.issues), axis=1) / scale
    there = np.array(rules.choices(negotiation.standing)) / scale
    negotiation.offer(int(good[np.argmin(np.abs(choices - there).sum(axis=1))]))
