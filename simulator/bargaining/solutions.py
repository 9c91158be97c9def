"""What theory says of a price between two valuations: the zone of agreement, axiomatic solutions, alternating offers, and checks.

The supplier's utility of a price is price - value, the retailer's value - price. Where these trade one for one, and no legal price is cut
off, the solutions of Nash, Kalai and Smorodinsky, and the egalitarian one coincide; `frontier` has them for other frontiers, and
`several_issues` for finite sets.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.float64]


def _numbers(**named: ArrayLike) -> list[Values]:
    """Return arrays of finite numbers. Raises ValueError."""
    arrays = [np.asarray(numbers, dtype=np.float64) for numbers in named.values()]
    for name, array in zip(named, arrays, strict=True):
        if not np.isfinite(array).all():
            raise ValueError(f"{name} {array[~np.isfinite(array)].flat[0]} is not finite; give numbers only")
    return arrays


def surplus(supplier_value: ArrayLike, retailer_value: ArrayLike) -> Values:
    """Return what there is to share, retailer's less supplier's valuation: negative where no price suits both."""
    least, most = _numbers(supplier_value=supplier_value, retailer_value=retailer_value)
    return np.asarray(most - least)


def zone_of_agreement(
    supplier_value: float, retailer_value: float, outside: tuple[float, float] = (0.0, 0.0)
) -> tuple[float, float] | None:
    """Return the lowest and the highest price that leave both at least their outside utilities, None if there is no such price.

    >>> zone_of_agreement(5000, 8000), zone_of_agreement(8000, 5000)
    ((5000.0, 8000.0), None)
    """
    _numbers(supplier_value=supplier_value, retailer_value=retailer_value, outside=outside)
    least, most = float(supplier_value + outside[0]), float(retailer_value - outside[1])
    return (least, most) if least <= most else None


def price_of_share(share: ArrayLike, supplier_value: ArrayLike, retailer_value: ArrayLike) -> Values:
    """Return the price that gives the supplier a share (0..1) of the surplus, nan where there is none to share.

    Raises ValueError for a share beyond 0..1.
    """
    part, least, most = _numbers(share=share, supplier_value=supplier_value, retailer_value=retailer_value)
    if ((part < 0.0) | (part > 1.0)).any():
        raise ValueError(f"share {part[(part < 0.0) | (part > 1.0)].flat[0]} of the surplus is not in 0..1; choose one that is")
    return np.where(least <= most, least + part * (most - least), np.nan)


def nash_price(
    supplier_value: ArrayLike, retailer_value: ArrayLike, weight: float = 0.5, outside: tuple[float, float] = (0.0, 0.0)
) -> Values:
    """Return the prices that maximise the weighted product of the gains over the outside utilities, nan where there are none.

    weight : the supplier's bargaining power, 0..1; outside : utility of no agreement to supplier and retailer.

    Source: Nash, "The bargaining problem", Econometrica 18 (1950); weights: Harsanyi and Selten, Management Science 18 (1972).

    >>> float(nash_price(5000, 8000)), float(nash_price(5000, 8000, outside=(0, 1000)))
    (6500.0, 6000.0)
    """
    least, most, without = _numbers(supplier_value=supplier_value, retailer_value=retailer_value, outside=outside)
    return price_of_share(weight, least + without[0], most - without[1])


def kalai_smorodinsky_price(supplier_value: ArrayLike, retailer_value: ArrayLike, outside: tuple[float, float] = (0.0, 0.0)) -> Values:
    """Return the prices with gains in proportion to the highest that each could have: here the same as Nash's with equal weights.

    Source: Kalai and Smorodinsky, "Other solutions to Nash's bargaining problem", Econometrica 43 (1975).
    """
    return nash_price(supplier_value, retailer_value, outside=outside)


def egalitarian_price(supplier_value: ArrayLike, retailer_value: ArrayLike, outside: tuple[float, float] = (0.0, 0.0)) -> Values:
    """Return the prices with equal gains over the outside utilities: here the same as Nash's with equal weights.

    Source: Kalai, "Proportional solutions to bargaining situations", Econometrica 45 (1977).
    """
    return nash_price(supplier_value, retailer_value, outside=outside)


def is_individually_rational(price: ArrayLike, supplier_value: ArrayLike, retailer_value: ArrayLike) -> NDArray[np.bool_]:
    """Return whether prices leave neither a loss: supplier's valuation <= price <= retailer's."""
    paid, least, most = _numbers(price=price, supplier_value=supplier_value, retailer_value=retailer_value)
    return np.asarray((least <= paid) & (paid <= most))


def no_profitable_deviation(payoffs: ArrayLike, deviations: ArrayLike, tolerance: float = 1e-9) -> NDArray[np.bool_]:
    """Return (...) whether no party would gain more than the tolerance by any of its deviations.

    payoffs : (..., parties) what each has; deviations : (..., parties, choices) what each would have by deviating alone.
    Raises ValueError for shapes that do not belong together. For strategies rather than payoffs, see `best_response`.

    >>> bool(no_profitable_deviation([1500, 1500], [[0, -10], [0, -10]]))  # the midpoint, against no deal and walking away
    True
    """
    have, other = _numbers(payoffs=payoffs, deviations=deviations)
    if have.ndim < 1 or other.shape[:-1] != have.shape:
        raise ValueError(f"deviations of shape {other.shape} for payoffs of shape {have.shape}; give one row of choices for each payoff")
    return np.asarray((other <= have[..., None] + tolerance).all(axis=(-2, -1)))


def _discount(*discounts: float) -> None:
    for discount in discounts:
        if not 0.0 <= discount < 1.0:
            raise ValueError(f"discount {discount} is not in [0, 1); with no cost of delay the division is not determined, so lower it")


def rubinstein_share(discount: float, second: float | None = None) -> float:
    """Return the first mover's share when offers alternate without end: (1 - d2) / (1 - d1 d2), and 1 / (1 + d) for equal discounts.

    discount, second : what a round leaves of the surplus to the first and the second mover, in [0, 1); second as the first if not given.

    Source: Rubinstein, "Perfect equilibrium in a bargaining model", Econometrica 50 (1982).

    >>> rubinstein_share(0.5), rubinstein_share(0.5, 0.9) < rubinstein_share(0.9, 0.5)
    (0.6666666666666666, True)
    """
    other = discount if second is None else second
    _discount(discount, other)
    return 1.0 / (1.0 + discount) if other == discount else (1.0 - other) / (1.0 - discount * other)


def finite_horizon_share(offers: int, discount: float) -> float:
    """Return the first mover's share when exactly so many offers are made, each with an answer: (1 - (-d)^n) / (1 + d).

    Source: Stahl, "Bargaining theory" (1972): x_n = 1 - d x_(n-1), x_1 = 1.

    >>> finite_horizon_share(1, 0.5), finite_horizon_share(2, 0.5)
    (1.0, 0.5)
    """
    _discount(discount)
    if offers < 1:
        raise ValueError(f"{offers} offers share nothing; allow at least one")
    return float((1.0 - (-discount) ** offers) / (1.0 + discount))


def outside_option_shares(discount: float, outside: float, second: float | None = None) -> tuple[float, float]:
    """Return what first mover and responder get if the responder, when answering, may take an outside option instead.

    outside : its worth, as a share of the surplus. It changes nothing until it is worth more than the responder's share without it;
    from there on the responder gets just as much. Above the whole surplus there is no agreement: the first mover gets 0.

    Source: Binmore, Shaked and Sutton, "An outside option experiment", Quarterly Journal of Economics 104 (1989).

    >>> outside_option_shares(0.5, 0.2) == outside_option_shares(0.5, 0.0), outside_option_shares(0.5, 0.75)
    (True, (0.25, 0.75))
    """
    _numbers(outside=outside)
    responder = max(1.0 - rubinstein_share(discount, second), float(outside))
    return max(0.0, 1.0 - responder), responder
