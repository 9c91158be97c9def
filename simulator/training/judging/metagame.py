"""The game of choosing a strategy: a table of what each earns beside each, its equilibria, and which mix evolution would leave.

A best response cannot be computed in the market; in the table it can. What is found holds among the strategies of the table, for seats
that are shared half and half. Source of the method: Wellman, Tuyls and Greenwald, "Empirical game theoretic
analysis: a survey", Journal of Artificial Intelligence Research 82 (2025).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator import seeding
from simulator.training.judging.cross_play import Payoffs
from simulator.training.judging.statistics import middles

MOST = 14
"""Undominated strategies whose equilibria are looked for; every support of them is tried."""

_SLACK = 1e-9
_STEPS = 4000
_PACE = 0.1  # of the dynamics: the share of the largest difference of payoffs that a step moves
_RESAMPLES = 200
_ALIVE = 0.01  # share of the mix above which a strategy survives


class Equilibrium(NamedTuple):
    """A mix from which nobody gains by changing alone."""

    mix: NDArray[np.float64]  # (strategies,) shares
    value: float  # what everybody earns


def table(payoffs: Payoffs) -> NDArray[np.float64]:
    """(strategies, strategies) interquartile means of (strategies, strategies, seeds, episodes)."""
    return middles(payoffs.reshape(*payoffs.shape[:2], -1))


def undominated(payoff: NDArray[np.float64]) -> list[int]:
    """Strategies left after those are struck out, again and again, that another one beats beside everybody: no equilibrium has them."""
    left = list(range(len(payoff)))
    while True:
        among = payoff[np.ix_(left, left)]
        kept = [each for each, row in zip(left, among, strict=True) if not (among > row).all(axis=1).any()]
        if kept == left:
            return left
        left = kept


def symmetric_equilibria(payoff: NDArray[np.float64]) -> Iterator[Equilibrium]:
    """Yield the equilibria in which all choose by the same mix, smallest supports first.

    For every set of strategies: the mix over it at which all of them earn the same, if that is a mix and no other strategy earns more.
    Nash (1951), "Non-cooperative games": a symmetric game has at least one. Sets whose mix is not unique are passed over.
    Raises ValueError for a table that is not square, or of which more than MOST strategies are left undominated.

    >>> [found.mix.round(9).tolist() for found in symmetric_equilibria(np.array([[0.0, 3.0], [1.0, 2.0]]))]  # hawk and dove
    [[0.5, 0.5]]
    """
    count = len(payoff)
    if payoff.shape != (count, count) or not count:
        raise ValueError(f"a table of shape {payoff.shape} is no game; pass what every strategy earns beside every strategy")
    left = undominated(payoff)
    if len(left) > MOST:
        raise ValueError(f"{len(left)} strategies are left undominated and at most {MOST} can be gone through; name fewer")
    scaled = payoff / max(float(np.abs(payoff).max()), 1e-300)
    for size in range(1, len(left) + 1):
        for support in combinations(left, size):
            found = _over(scaled, np.array(support))
            if found is not None:
                yield Equilibrium(found, float(found @ payoff @ found))


def _over(payoff: NDArray[np.float64], inside: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """The equilibrium over exactly these strategies, if there is one."""
    size = len(inside)
    equal = np.zeros((size + 1, size + 1))
    equal[:size, :size], equal[:size, size], equal[size, :size] = payoff[np.ix_(inside, inside)], -1.0, 1.0
    if np.linalg.matrix_rank(equal) <= size:
        return None
    *shares, value = np.linalg.solve(equal, np.eye(size + 1)[size])
    mix = np.zeros(len(payoff))
    mix[inside] = shares
    return mix if min(shares) > _SLACK and (payoff @ mix <= value + _SLACK).all() else None


def evolved(payoff: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mix (..., strategies) that replicator dynamics come to from all strategies in equal shares; payoff (..., strategies, strategies).

    A strategy grows as it earns more than the mean (Taylor and Jonker, 1978, "Evolutionarily stable strategies and game dynamics"), in
    multiplicative steps. Where they circle, it is the mean of the second half of the way.
    """
    scale = payoff.max(axis=(-2, -1), keepdims=True) - payoff.min(axis=(-2, -1), keepdims=True)
    scaled = payoff / np.where(scale > 0.0, scale, 1.0)
    mix = np.full(payoff.shape[:-1], 1.0 / payoff.shape[-1])
    total = np.zeros_like(mix)
    for step in range(_STEPS):
        mix = mix * np.exp(_PACE * np.einsum("...ij,...j->...i", scaled, mix))
        mix /= mix.sum(axis=-1, keepdims=True)
        if step >= _STEPS // 2:
            total += mix
    return np.asarray(total / (_STEPS - _STEPS // 2))


def survivors(payoffs: Payoffs) -> NDArray[np.float64]:
    """(strategies,) in which share of resamples of the markets a strategy is still there after `evolved`: how sure that is."""
    by_market = payoffs.reshape(*payoffs.shape[:2], -1)
    rng, count = seeding.generator(0, "bootstrap", "survivors"), by_market.shape[2]
    tables = np.stack([middles(by_market[:, :, rng.integers(0, count, count)]) for _ in range(_RESAMPLES)])
    return np.asarray((evolved(tables) > _ALIVE).mean(axis=0))


def regrets(payoff: NDArray[np.float64], mix: NDArray[np.float64]) -> NDArray[np.float64]:
    """(strategies,) by how much each earns more in a population of this mix than the mix itself; none is positive in equilibrium."""
    earned = payoff @ mix
    return np.asarray(earned - mix @ earned)
