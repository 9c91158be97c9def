"""Every negotiator against every other one, in the same negotiations: what they get, how often they agree, how fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.bargaining.draws import begin
from simulator.bargaining.negotiators.negotiator import Negotiator
from simulator.bargaining.playing import Match
from simulator.bargaining.protocol import Rows
from simulator.bargaining.rules import Outcome, Rules
from simulator.bargaining.solutions import nash_price
from simulator.bargaining.subgame_perfect import subgame_perfect

_NORMAL = 1.959963984540054  # deviations of a two-sided interval of 95 %


@dataclass(frozen=True)
class Mean:
    """A mean with its interval of 95 %, by the normal approximation."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Pairing:
    """What came of a supplier and a retailer."""

    supplier: str
    retailer: str
    negotiations: int
    supplier_payoff: Mean
    retailer_payoff: Mean
    surplus_share: Mean  # of the surplus, what the supplier got of it in deals with one
    efficiency: Mean  # of the surplus there was, what deals left of it after discount and without bonus
    deals: Mean  # share of the negotiations with a positive surplus that ended in one
    false_deals: int  # deals that were worth less than nothing to both together
    irrational: int  # deals that were worth less than nothing to one
    illegal: int  # turns wasted and prices out of bounds
    rounds: Mean  # offers until the end
    nash_distance: Mean  # of a deal's price from the Nash bargaining solution, as a share of the surplus
    perfect_distance: Mean  # from the subgame-perfect equilibrium of two who know each other's value


def mean_of(numbers: NDArray[Any]) -> Mean:
    """Return the mean of numbers with its interval; nan without any."""
    found = np.asarray(numbers, np.float64)
    if not found.size:
        return Mean(float("nan"), float("nan"), float("nan"))
    middle, half = float(found.mean()), _NORMAL * float(found.std()) / sqrt(found.size)
    return Mean(middle, middle - half, middle + half)


class References(NamedTuple):
    """What theory says of negotiations, (n,) prices; nan where there is no zone of agreement, or no deal."""

    nash: NDArray[np.float64]
    perfect: NDArray[np.float64]


def references(rules: Rules, values: NDArray[np.float64]) -> References:
    """Return the reference prices of (n, 2) valuations."""
    endings = [subgame_perfect(rules, float(supplier), float(retailer)).ending() for supplier, retailer in values]
    perfect = [ending.price if ending.outcome is Outcome.DEAL else float("nan") for ending in endings]
    return References(np.asarray(nash_price(values[:, 0], values[:, 1])), np.array(perfect, np.float64))


def pairing(names: tuple[str, str], rules: Rules, rows: Rows, rewards: NDArray[np.float64], theory: References) -> Pairing:
    """Return what came of (n,) NEGOTIATION that are over, of (n, 2) rewards, and how far prices lie from the references."""
    value, price = rows["value"], rows["price"]
    surplus, deal = value[:, 1] - value[:, 0], rows["outcome"] == Outcome.DEAL
    wanted = surplus > 0.0
    left = np.array([rules.left(offer) for offer in range(rules.offers + 1)])[np.maximum(rows["standing"], 0)]
    gains = np.stack([price - value[:, 0], value[:, 1] - price], axis=1)
    return Pairing(
        supplier=names[0],
        retailer=names[1],
        negotiations=len(rows),
        supplier_payoff=mean_of(rewards[:, 0]),
        retailer_payoff=mean_of(rewards[:, 1]),
        surplus_share=mean_of(gains[deal & wanted, 0] / surplus[deal & wanted]),
        efficiency=mean_of(np.where(deal, left, 0.0)[wanted]),
        deals=mean_of(deal[wanted]),
        false_deals=int((deal & (surplus < 0.0)).sum()),
        irrational=int((deal & (gains.min(axis=1) < 0.0)).sum()),
        illegal=int(rows["illegal"].sum()),
        rounds=mean_of(rows["offers"]),
        nash_distance=_distance(price, theory.nash, surplus, deal & wanted),
        perfect_distance=_distance(price, theory.perfect, surplus, deal & wanted),
    )


def _distance(price: NDArray[Any], reference: NDArray[np.float64], surplus: NDArray[Any], known: NDArray[np.bool_]) -> Mean:
    """Mean distance over the deals that have a reference."""
    known = known & ~np.isnan(reference)
    return mean_of(np.abs(price - reference)[known] / surplus[known])


def tournament(rules: Rules, negotiators: Mapping[str, Negotiator], seed: int, count: int) -> list[Pairing]:
    """Let each negotiator be the supplier of each, itself included, in the same `count` negotiations of a seed."""
    found, theory = [], references(rules, begin(rules, seed, count)["value"])
    for supplier_name, supplier in negotiators.items():
        for retailer_name, retailer in negotiators.items():
            rows = begin(rules, seed, count)
            rewards = Match(rules, supplier, retailer).play(rows)
            found.append(pairing((supplier_name, retailer_name), rules, rows, rewards, theory))
    return found
