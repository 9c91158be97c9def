"""What private valuations cost: the double auction of two whose uniform valuations overlap, and the best that any mechanism could do.

Both make an offer at once; they trade at the middle if the buyer's is at least the seller's. The linear equilibrium reaches the bound of
Myerson and Satterthwaite: no mechanism in which both take part freely, and nobody adds money, gains more on average.

Sources: Chatterjee and Samuelson, "Bargaining under incomplete information", Operations Research 31 (1983); Myerson and Satterthwaite,
"Efficient mechanisms for bilateral trading", Journal of Economic Theory 29 (1983).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.bargaining.rules import Rules

Values = NDArray[np.float64]
Support = tuple[float, float]

UNIT: Support = (0.0, 1.0)
LEAST_GAP = 1 / 4  # of valuations between which trade happens, as a share of the support's width
EXPECTED_GAINS = 9 / 64  # per width
FIRST_BEST_GAINS = 1 / 6  # per width, if every profitable pair traded
EFFICIENCY_CEILING = 27 / 32  # EXPECTED_GAINS / FIRST_BEST_GAINS
TRADED_SHARE = 9 / 16  # of profitable pairs


def _width(support: Support) -> float:
    if not (np.isfinite(support).all() and support[0] < support[1]):
        raise ValueError(f"support from {support[0]} to {support[1]} is no range; give the least valuation, then a greater one")
    return float(support[1] - support[0])


def _positions(values: ArrayLike, support: Support) -> Values:
    """Return where valuations lie in the support, 0..1. Raises ValueError for those outside."""
    width, value = _width(support), np.asarray(values, dtype=np.float64)
    outside = ~((support[0] <= value) & (value <= support[1]))
    if outside.any():
        raise ValueError(f"value {value[outside].flat[0]} is not in the support {support[0]} to {support[1]}; widen the support")
    return np.asarray((value - support[0]) / width)


def seller_offer(values: ArrayLike, support: Support = UNIT) -> Values:
    """Return the sellers' equilibrium offers, 2/3 v + 1/4 on the unit support.

    >>> float(seller_offer(0.75)), float(seller_offer(4000, (4000, 6000)))
    (0.75, 4500.0)
    """
    return np.asarray(support[0] + _width(support) * (2 / 3 * _positions(values, support) + 1 / 4))


def buyer_offer(values: ArrayLike, support: Support = UNIT) -> Values:
    """Return the buyers' equilibrium offers, 2/3 v + 1/12 on the unit support."""
    return np.asarray(support[0] + _width(support) * (2 / 3 * _positions(values, support) + 1 / 12))


def trades(seller_values: ArrayLike, buyer_values: ArrayLike, support: Support = UNIT) -> NDArray[np.bool_]:
    """Return whether pairs trade in equilibrium: their valuations are a quarter of the support apart.

    >>> trades([0.0, 0.5], [0.25, 0.7]).tolist()
    [True, False]
    """
    return np.asarray(_positions(buyer_values, support) - _positions(seller_values, support) >= LEAST_GAP)


def trade_price(seller_values: ArrayLike, buyer_values: ArrayLike, support: Support = UNIT) -> Values:
    """Return the middle of both offers, nan for pairs that do not trade."""
    middle = (seller_offer(seller_values, support) + buyer_offer(buyer_values, support)) / 2
    return np.where(trades(seller_values, buyer_values, support), middle, np.nan)


def expected_gains(support: Support = UNIT) -> float:
    """Return the mean gain from trade of a pair in equilibrium, in the valuations' money.

    >>> expected_gains((4000, 6000))
    281.25
    """
    return EXPECTED_GAINS * _width(support)


def first_best_gains(support: Support = UNIT) -> float:
    """Return the mean gain from trade if every pair with a surplus traded, in the valuations' money."""
    return FIRST_BEST_GAINS * _width(support)


def efficiency_ceiling(rules: Rules) -> float:
    """Return the highest share of the possible gains that two with private uniform valuations can be expected to reach.

    It is 1 if a price exists that suits every pair, or one valuation is known; 27/32 for equal supports, and exactly so if no agreement is
    worth 0 to both: penalties for it, large beside the supports, force them to trade more. Raises ValueError for supports that
    overlap in another way (no closed form), and where no pair has anything to gain.

    >>> efficiency_ceiling(Rules()), efficiency_ceiling(Rules(supplier=(4000, 9000), retailer=(4000, 9000)))
    (1.0, 0.84375)
    """
    supplier, retailer = rules.supplier, rules.retailer
    if retailer[1] <= supplier[0]:
        raise ValueError(f"retailer values up to {retailer[1]} never exceed supplier values from {supplier[0]}; raise the retailer's")
    if retailer[0] >= supplier[1] or supplier[0] == supplier[1] or retailer[0] == retailer[1]:
        return 1.0
    if retailer == supplier:
        return EFFICIENCY_CEILING
    raise ValueError(
        f"supplier values {supplier} and retailer values {retailer} overlap in part, for which there is no closed form; "
        "make the supports equal or disjoint"
    )
