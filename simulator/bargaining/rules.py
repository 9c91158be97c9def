"""The rules of a negotiation, every number of them explicit, and what its outcomes are worth.

A supplier and a retailer make offers in turn, the first by `first`. Whoever is to answer accepts the standing offer, makes another one,
or walks away. After `offers` offers the last one may still be answered or not (`answer_last`), then time is out.

Units: prices and valuations are money, as in the marketplace's ticks; rounds count offers.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta


class Party(IntEnum):
    """Who negotiates. The supplier gains from a high price, the retailer from a low one."""

    SUPPLIER = 0
    RETAILER = 1

    @property
    def other(self) -> Party:
        """The opponent."""
        return Party(1 - self)


class ActionType(IntEnum):
    """What the one whose turn it is does."""

    ACCEPT = 0  # the standing offer; before there is one, a wasted turn
    COUNTER = 1  # a new price, also the very first one
    WALK_AWAY = 2


class Outcome(IntEnum):
    """How a negotiation stands or ended."""

    RUNNING = 0
    DEAL = 1
    WALKED_AWAY = 2
    TIMEOUT = 3


class Discount(StrEnum):
    """How a surplus shrinks with the rounds."""

    NONE = "none"
    QUADRATIC = "quadratic"  # (1 - round / offers) ** 2
    GEOMETRIC = "geometric"  # delta ** round


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A negotiation game. Raises ValueError for rules that contradict each other."""

    offers: Annotated[int, Meta(ge=1, le=100_000)] = 10
    """How many offers may be made in all; a wasted turn counts as one."""

    answer_last: bool = False
    """Whether the last offer may still be answered."""

    first: Party = Party.SUPPLIER
    """Who makes the first offer."""

    first_round: Annotated[int, Meta(ge=0, le=1)] = 1
    """The round in which the first offer is accepted at the earliest: 1 counts each offer as a round that has passed, 0 is Rubinstein's."""

    discount: Discount = Discount.QUADRATIC
    delta: Annotated[float, Meta(gt=0, le=1)] = 0.95
    """What a geometric discount leaves per round."""

    speed_bonus: float = 5.0
    """For a deal before `speed_share` of the offers, to each."""

    speed_share: Annotated[float, Meta(ge=0, le=1)] = 0.3
    walk_away: float = -10.0
    """What each gets if one walks away."""

    timeout: float = -5.0
    """What each gets if time runs out."""

    low: float = 0.0
    """Lowest legal price."""

    high: float = 10_000.0
    """Highest legal price."""

    supplier: tuple[float, float] = (4000.0, 6000.0)
    """Least and most that the goods may be worth to the supplier."""

    retailer: tuple[float, float] = (7000.0, 9000.0)
    """Least and most that they may be worth to the retailer."""

    def __post_init__(self) -> None:
        """Check what fields alone cannot. Raises ValueError, and TypeError for a discount that is only its name."""
        if not isinstance(self.discount, Discount):
            raise TypeError(f"discount {self.discount!r} is no Discount; write Discount({str(self.discount)!r})")
        if not 0.0 <= self.low < self.high:
            raise ValueError(f"prices from {self.low} to {self.high} are negative or none; give 0 <= low < high")
        for name, (least, most) in (("supplier", self.supplier), ("retailer", self.retailer)):
            if not self.low <= least <= most <= self.high:
                raise ValueError(f"{name} values from {least} to {most} do not lie in the prices {self.low} to {self.high}; change one")

    def proposer(self, offer: int) -> Party:
        """Who makes an offer, counted from 0."""
        return self.first if offer % 2 == 0 else self.first.other

    def round_of(self, offer: int) -> int:
        """The round in which an offer, counted from 0, is accepted."""
        return offer + self.first_round

    def left(self, offer: int) -> float:
        """What the discount leaves of a surplus when an offer, counted from 0, is accepted."""
        rounds = self.round_of(offer)
        if self.discount is Discount.QUADRATIC:
            return max(0.0, 1.0 - rounds / self.offers) ** 2
        return self.delta**rounds if self.discount is Discount.GEOMETRIC else 1.0

    def bonus(self, offer: int) -> float:
        """What each gets beside its share when an offer, counted from 0, is accepted."""
        return self.speed_bonus if self.round_of(offer) < self.speed_share * self.offers else 0.0

    def payoff(self, party: Party, value: float, price: float, offer: int) -> float:
        """What a deal at a price by an offer, counted from 0, is worth to a party with a valuation.

        >>> Rules(offers=10).payoff(Party.SUPPLIER, value=5000, price=6000, offer=0)  # (6000 - 5000) x 0.9 ** 2 + 5
        815.0
        """
        gain = price - value if party is Party.SUPPLIER else value - price
        return gain * self.left(offer) + self.bonus(offer)
