"""Solutions for packages of several issues (price and quantity, bundles) among two or more parties, over a finite set of outcomes.

Utilities are (outcomes, parties). A solution is the index of an outcome, None if no outcome gives every party at least its utility of no
agreement. The first of equal outcomes is taken, after the party worst off has decided, then the next.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.float64]


def _utilities(utilities: ArrayLike) -> Values:
    table = np.asarray(utilities, dtype=np.float64)
    if table.ndim != 2 or not len(table) or table.shape[1] < 2:
        raise ValueError(f"utilities of shape {table.shape} are not (outcomes, parties); give a row per outcome for two parties or more")
    if not np.isfinite(table).all():
        raise ValueError(f"utility {table[~np.isfinite(table)][0]} is not finite; leave that outcome out")
    return table


def _each(name: str, numbers: ArrayLike | None, parties: int, usual: float) -> Values:
    array = np.full(parties, usual) if numbers is None else np.asarray(numbers, dtype=np.float64)
    if array.shape != (parties,) or not np.isfinite(array).all():
        raise ValueError(f"{name} {array.tolist()} are not a finite number for each of {parties} parties; give {parties}")
    return array


def _weights(weights: ArrayLike | None, parties: int) -> Values:
    array = _each("weights", weights, parties, 1.0)
    if (array <= 0.0).any():
        raise ValueError(f"weight {array.min()} is not positive; leave the party out or give it one above 0")
    return np.asarray(array / array.sum())


def pareto_mask(utilities: ArrayLike) -> NDArray[np.bool_]:
    """Return (outcomes,) whether no other outcome is better for one party and worse for none. Equals stay in together.

    Two parties take one sort; more take a pass over the outcomes for each one on the frontier.

    >>> pareto_mask([[1, 3], [2, 2], [3, 1], [1, 2], [2, 2]]).tolist()
    [True, True, True, False, True]
    """
    table = _utilities(utilities)
    return _pareto_of_two(table) if table.shape[1] == 2 else _pareto_of_many(table)


def _pareto_of_two(table: Values) -> NDArray[np.bool_]:
    order = np.lexsort((-table[:, 1], -table[:, 0]))
    first, second = table[order].T
    starts = np.flatnonzero(np.r_[True, np.diff(first) != 0.0])  # of a run of equal first utilities, led by its highest second one
    run = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(first)]))
    highest = second[starts]
    before = np.r_[-np.inf, np.maximum.accumulate(highest)[:-1]]
    mask = np.zeros(len(table), dtype=np.bool_)
    mask[order] = (second == highest[run]) & (second > before[run])
    return mask


def _pareto_of_many(table: Values) -> NDArray[np.bool_]:
    left = np.argsort(-table.sum(axis=1), kind="stable")  # likely winners first, so that much is ruled out early
    place = 0
    while place < len(left):
        point = table[left[place]]
        stays = (table[left] > point).any(axis=1) | (table[left] == point).all(axis=1)
        place = int(stays[: place + 1].sum())
        left = left[stays]
    mask = np.zeros(len(table), dtype=np.bool_)
    mask[left] = True
    return mask


def _rational(table: Values, outside: Values) -> NDArray[np.int64]:
    return np.flatnonzero((table >= outside).all(axis=1))


def _leximin(gains: Values) -> int:
    """Return the row whose smallest number is highest, of equal ones that whose second smallest is, and so on."""
    ordered = np.sort(gains, axis=1)
    return int(np.lexsort((np.arange(len(gains)), *(-ordered.T[::-1])))[0])


def nash_outcome(utilities: ArrayLike, outside: ArrayLike | None = None, weights: ArrayLike | None = None) -> int | None:
    """Return the outcome with the highest weighted product of gains; if all products are 0, that with the highest smallest gain.

    outside : (parties,) utilities of no agreement, 0 if not given; weights : (parties,) positive, equal if not given.

    Source: Nash (1950); for n parties Harsanyi and Selten, Management Science 18 (1972).

    >>> nash_outcome([[1, 9], [4, 4], [9, 1]]), nash_outcome([[1, 9], [4, 4], [9, 1]], weights=[3, 1])
    (1, 2)
    """
    table = _utilities(utilities)
    without, power = _each("outside", outside, table.shape[1], 0.0), _weights(weights, table.shape[1])
    rational = _rational(table, without)
    if not len(rational):
        return None
    gains = table[rational] - without
    positive = (gains > 0.0).all(axis=1)
    if not positive.any():
        return int(rational[_leximin(gains)])
    chosen = rational[positive]
    return int(chosen[np.argmax(np.log(gains[positive]) @ power)])


def utilitarian_outcome(utilities: ArrayLike, weights: ArrayLike | None = None) -> int:
    """Return the outcome with the highest weighted sum of utilities, whatever the parties would have without agreement.

    >>> utilitarian_outcome([[1, 9], [4, 4], [12, 1]])
    2
    """
    table = _utilities(utilities)
    sums = table @ _weights(weights, table.shape[1])
    best = np.flatnonzero(sums == sums.max())
    return int(best[_leximin(table[best])])


def kalai_smorodinsky_outcome(utilities: ArrayLike, outside: ArrayLike | None = None) -> int | None:
    """Return the outcome whose smallest gain, as a share of the highest gain that its party could have, is highest.

    Source: Kalai and Smorodinsky (1975); over finite sets, lexicographic: Nagahisa and Tanaka, Social Choice and Welfare 19 (2002).

    >>> kalai_smorodinsky_outcome([[0, 1], [4, 0.6], [6, 0.5], [10, 0]])
    2
    """
    table = _utilities(utilities)
    without = _each("outside", outside, table.shape[1], 0.0)
    rational = _rational(table, without)
    if not len(rational):
        return None
    gains = table[rational] - without
    ideal = gains.max(axis=0)
    return int(rational[_leximin(gains / np.where(ideal > 0.0, ideal, 1.0))])


def egalitarian_outcome(utilities: ArrayLike, outside: ArrayLike | None = None) -> int | None:
    """Return the outcome whose smallest gain is highest, of equal ones that whose second smallest is, and so on.

    Source: Kalai (1977); lexicographic: Chun and Peters, Cahiers du CERO 30 (1988).

    >>> egalitarian_outcome([[0, 1], [4, 0.6], [6, 0.5], [10, 0]])
    1
    """
    table = _utilities(utilities)
    without = _each("outside", outside, table.shape[1], 0.0)
    rational = _rational(table, without)
    return int(rational[_leximin(table[rational] - without)]) if len(rational) else None
