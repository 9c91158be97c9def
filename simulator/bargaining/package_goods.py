"""What parties negotiate over: issues that each weighs in its own way, bundles whose items go together, a price with a quantity."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike, NDArray

from simulator.bargaining.packages import PackageRules, Utilities

Range = tuple[float, float]
MOST_SYNERGY = 1_000


class Tastes(StrEnum):
    """How much the parties differ."""

    OPPOSED = "opposed"  # the first party likes high choices and all others low ones
    FAVOURITES = "favourites"  # each has a favourite of its own on each issue


class Weighed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Issues that each party weighs: weights that sum to one, times a score of its choice from 0, the worst, to 1, the best.

    Utilities lie in 0..1; a party's favourite package is worth 1.
    """

    tastes: Tastes = Tastes.OPPOSED
    """Which choices a party likes."""

    synergy: Annotated[float, Meta(ge=0, le=MOST_SYNERGY)] = 0.0
    """Weight of all pairs of issues beside the issues' own, 1; a pair counts by the product of its scores: more together than apart."""

    def __post_init__(self) -> None:
        """Check the fields. Raises ValueError, and TypeError for tastes that are only their name."""
        if not isinstance(self.tastes, Tastes):
            raise TypeError(f"tastes {self.tastes!r} are no Tastes; write Tastes({str(self.tastes)!r})")
        if not 0.0 <= self.synergy <= MOST_SYNERGY:
            raise ValueError(f"synergy {self.synergy} is not in 0..{MOST_SYNERGY}; give a number that is")


class PriceAndQuantity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A supplier and a retailer agree on a price and a quantity. Raises ValueError for ranges in which nothing may be gained.

    Cost, value and satiation are uniform in their ranges, as price_and_quantity defines them; gains are divided by the largest joint one,
    so that 1 is all that there is to share. Of the prices and quantities, as many as the issues have choices are evenly spread.
    """

    prices: Range = (20.0, 80.0)
    """Lowest and highest price of a unit."""

    quantities: Range = (1.0, 10.0)
    """Fewest and most units."""

    cost: Range = (10.0, 30.0)
    """Of a unit, to the supplier."""

    value: Range = (70.0, 90.0)
    """Of the first unit, to the retailer."""

    satiation: Range = (4.0, 8.0)
    """By how much less the retailer values each further unit."""

    def __post_init__(self) -> None:
        """Check the ranges. Raises ValueError."""
        for name in self.__struct_fields__:
            least, most = getattr(self, name)
            if not 0.0 <= least <= most < float("inf"):
                raise ValueError(f"{name} from {least} to {most} is no range of numbers from 0; give the lower one first")
        fewest = self.quantities[0]
        if fewest <= 0.0 or self.value[0] - self.satiation[1] * fewest / 2.0 <= self.cost[1]:
            raise ValueError(
                f"{fewest} units may leave nothing to share (value {self.value[0]}, cost {self.cost[1]}, satiation {self.satiation[1]}); "
                "give a higher value, a lower cost, or a lower quantity above 0"
            )


Goods = Weighed | PriceAndQuantity


def check_goods(goods: Goods, rules: PackageRules) -> None:
    """See that the rules' issues and parties can negotiate over goods. Raises ValueError otherwise."""
    if isinstance(goods, PriceAndQuantity) and (len(rules.issues), rules.parties) != (2, 2):
        raise ValueError(
            f"{len(rules.issues)} issues and {rules.parties} parties cannot agree on price and quantity; give 2 issues and 2 parties"
        )


def price_and_quantity(
    prices: NDArray[np.float64], quantities: NDArray[np.float64], cost: ArrayLike, value: ArrayLike, satiation: ArrayLike
) -> Utilities:
    """Return (..., prices x quantities, 2) gains of a supplier, q (p - cost), and of a retailer, value q - satiation q^2 / 2 - p q.

    A package is a choice of price, then of quantity. Money is as in the prices; cost, value and satiation are (...), one each for a table.
    """
    price, quantity = (grid.ravel() for grid in np.meshgrid(prices, quantities, indexing="ij"))
    unit, first, less = (np.asarray(number, np.float64)[..., None] for number in (cost, value, satiation))
    return np.stack([quantity * (price - unit), first * quantity - less * quantity**2 / 2.0 - price * quantity], axis=-1)
