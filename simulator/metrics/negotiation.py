"""How negotiations between a supplier and a retailer went: prices beside theory, surplus, fairness, speed, and who gains by moving first.

Arrays have one entry per negotiation: `deal` (1 or True for a deal), `price` (read for deals only), `rounds` (offers made), and both
valuations, in the same money as prices. A mean over nothing is nan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.float64]

QUICK_ROUNDS = 3
QUICK_BONUS = 0.2  # to the efficiency of a deal within QUICK_ROUNDS


def _columns(*columns: ArrayLike) -> list[Values]:
    """Return arrays of one shape. Raises ValueError for others."""
    try:
        return [np.array(column) for column in np.broadcast_arrays(*(np.asarray(column, dtype=np.float64) for column in columns))]
    except ValueError:
        shapes = [np.shape(column) for column in columns]
        raise ValueError(f"columns of shapes {shapes} are not of the same negotiations; give one entry for each") from None


def _deals(deal: ArrayLike, name: str = "deal") -> NDArray[np.bool_]:
    array = np.asarray(deal)
    wrong = ~np.isin(array, (0, 1))
    if wrong.any():
        raise ValueError(f"{name} {array[wrong].flat[0]} is neither 0 nor 1; compare with Outcome.DEAL, or with Party.RETAILER, first")
    return array.astype(np.bool_)


def _mean(numbers: Values | NDArray[np.bool_]) -> float:
    return float(numbers.mean()) if numbers.size else float("nan")


def _supplier_share(price: Values, least: Values, most: Values) -> Values:
    """Return the supplier's share of the surplus, nan where there is none."""
    surplus = most - least
    share: Values = np.divide(price - least, surplus, out=np.full(surplus.shape, np.nan), where=surplus > 0.0)
    return share


def price_distance(price: ArrayLike, reference: ArrayLike, supplier_value: ArrayLike, retailer_value: ArrayLike) -> Values:
    """Return how far prices are from reference prices (Nash's, the subgame-perfect one), as shares of the surplus; nan where there is none.

    >>> price_distance([7250], [6500], [5000], [8000]).tolist()
    [0.25]
    """
    paid, wanted, least, most = _columns(price, reference, supplier_value, retailer_value)
    return np.abs(_supplier_share(paid, least, most) - _supplier_share(wanted, least, most))


def midpoint_distance(price: ArrayLike, supplier_value: ArrayLike, retailer_value: ArrayLike) -> Values:
    """Return |price - middle| / middle of the valuations: small wherever the surplus is small beside the price, so see `price_distance`.

    >>> midpoint_distance([7150], [5000], [8000]).tolist()
    [0.1]
    """
    paid, least, most = _columns(price, supplier_value, retailer_value)
    middle = (least + most) / 2
    distance: Values = np.divide(np.abs(paid - middle), middle, out=np.full(middle.shape, np.nan), where=middle > 0.0)
    return distance


def fairness_score(price: ArrayLike, supplier_value: ArrayLike, retailer_value: ArrayLike) -> Values:
    """Return 1 for an equal division of the surplus down to 0 where one has all of it or makes a loss; nan where there is none.

    >>> fairness_score([6500, 8000, 7250], 5000, 8000).tolist()
    [1.0, 0.0, 0.5]
    """
    share = _supplier_share(*_columns(price, supplier_value, retailer_value))
    return np.maximum(0.0, 1.0 - 2.0 * np.abs(share - 0.5))


def negotiation_efficiency(rounds: ArrayLike, max_rounds: int) -> Values:
    """Return 1 - rounds / max_rounds, and 0.2 more within three rounds, but 1 at most.

    Raises ValueError for rounds beyond 0..max_rounds.

    >>> negotiation_efficiency([1, 2, 5, 10], 10).tolist()
    [1.0, 1.0, 0.5, 0.0]
    """
    (number,) = _columns(rounds)
    wrong = ~((number >= 0) & (number <= max_rounds))
    if max_rounds < 1 or wrong.any():
        raise ValueError(
            f"rounds {number[wrong].tolist()[:3]} are not in 0..{max_rounds}; give the maximum that was played with, at least 1"
        )
    return np.minimum(1.0, 1.0 - number / max_rounds + QUICK_BONUS * (number <= QUICK_ROUNDS))


def rounds_distribution(deal: ArrayLike, rounds: ArrayLike, max_rounds: int) -> NDArray[np.int64]:
    """Return (max_rounds + 1,) how many deals took 0, 1, ... rounds. Raises ValueError for rounds beyond.

    >>> rounds_distribution([1, 1, 0, 1], [1, 3, 3, 1], 3).tolist()
    [0, 2, 0, 1]
    """
    negotiation_efficiency(rounds, max_rounds)
    taken, number = np.broadcast_arrays(_deals(deal), np.asarray(rounds, dtype=np.int64))
    return np.bincount(number[taken], minlength=max_rounds + 1)


def surplus_efficiency(deal: ArrayLike, supplier_value: ArrayLike, retailer_value: ArrayLike, left: ArrayLike = 1.0) -> float:
    """Return the surplus of all deals over the surplus that was there to gain; deals at a loss count against it.

    left : what the discount left of each surplus, to count delay as a loss; 1 (not counted) if not given. Compare it with the ceiling that
    private valuations set: simulator.bargaining.private_values.efficiency_ceiling.

    >>> surplus_efficiency([1, 0, 1], [0, 0, 2], [3, 1, 1])
    0.5
    """
    taken, least, most, kept = _columns(_deals(deal), supplier_value, retailer_value, left)
    possible = float(np.maximum(0.0, most - least).sum())
    return float((taken * kept * (most - least)).sum()) / possible if possible > 0.0 else float("nan")


def deal_rate(deal: ArrayLike, supplier_value: ArrayLike, retailer_value: ArrayLike) -> float:
    """Return the share of the negotiations with a positive surplus that end in a deal."""
    taken, least, most = _columns(_deals(deal), supplier_value, retailer_value)
    return _mean(taken[most > least])


def false_deal_rate(deal: ArrayLike, supplier_value: ArrayLike, retailer_value: ArrayLike) -> float:
    """Return the share of deals between two whose valuations leave no price that suits both, retailer's below supplier's."""
    taken, least, most = _columns(_deals(deal), supplier_value, retailer_value)
    return _mean((most < least)[taken == 1.0])


def rationality_violations(deal: ArrayLike, price: ArrayLike, supplier_value: ArrayLike, retailer_value: ArrayLike) -> tuple[float, float]:
    """Return the shares of deals at a loss to the supplier (price below its valuation), and to the retailer (price above).

    >>> rationality_violations([1, 1, 0], [4000, 6000, 0], [5000, 5000, 5000], [8000, 8000, 8000])
    (0.5, 0.0)
    """
    taken, paid, least, most = _columns(_deals(deal), price, supplier_value, retailer_value)
    made = taken == 1.0
    return _mean((paid < least)[made]), _mean((paid > most)[made])


def first_mover_gap(deal: ArrayLike, price: ArrayLike, supplier_value: ArrayLike, retailer_value: ArrayLike, first: ArrayLike = 0) -> float:
    """Return how much more of the surplus the first mover gets than the second on average, over deals with a positive surplus: -1..1.

    first : who moved first, 0 for the supplier (as if not given), 1 for the retailer.

    >>> first_mover_gap([1, 1], [7250, 6500], 5000, 8000)
    0.25
    """
    taken, paid, least, most, mover = _columns(_deals(deal), price, supplier_value, retailer_value, _deals(first, "first"))
    counted = (taken == 1.0) & (most > least)
    gap = 2.0 * _supplier_share(paid, least, most) - 1.0
    return _mean(np.where(mover == 0.0, gap, -gap)[counted])


@dataclass(frozen=True)
class NegotiationFigures:
    """How a number of negotiations went, in one row. What only deals have is their mean, nan without any."""

    negotiations: int
    deals: float  # share of all
    deals_on_surplus: float  # share of those with a positive surplus
    false_deals: float  # share of deals
    supplier_losses: float  # share of deals
    retailer_losses: float  # share of deals
    surplus_efficiency: float
    fairness: float  # 0..1, over deals with a positive surplus
    midpoint_distance: float
    negotiation_efficiency: float
    rounds: float
    first_mover_gap: float  # of shares of the surplus


def negotiation_figures(
    deal: ArrayLike,
    price: ArrayLike,
    rounds: ArrayLike,
    supplier_value: ArrayLike,
    retailer_value: ArrayLike,
    max_rounds: int,
    first: ArrayLike = 0,
) -> NegotiationFigures:
    """Return all figures at once. Raises ValueError for columns of different lengths, wrong deals, rounds beyond the maximum."""
    taken, paid, number, least, most, mover = _columns(_deals(deal), price, rounds, supplier_value, retailer_value, first)
    made = taken == 1.0
    with_surplus = made & (most > least)
    supplier_losses, retailer_losses = rationality_violations(taken, paid, least, most)
    return NegotiationFigures(
        negotiations=taken.size,
        deals=_mean(taken),
        deals_on_surplus=deal_rate(taken, least, most),
        false_deals=false_deal_rate(taken, least, most),
        supplier_losses=supplier_losses,
        retailer_losses=retailer_losses,
        surplus_efficiency=surplus_efficiency(taken, least, most),
        fairness=_mean(fairness_score(paid, least, most)[with_surplus]),
        midpoint_distance=_mean(midpoint_distance(paid, least, most)[made]),
        negotiation_efficiency=_mean(negotiation_efficiency(number, max_rounds)[made]),
        rounds=_mean(number[made]),
        first_mover_gap=first_mover_gap(taken, paid, least, most, mover),
    )
