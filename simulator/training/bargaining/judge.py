"""How good two strategies of a negotiation between known valuations are, exactly: where they agree, and what each could gain.

A price in the middle looks fair and proves nothing: whether the game is solved is a question of what a party could gain by another
strategy, in every state, reached or not. Both kinds of figures stand side by side here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.bargaining.best_response import GridGame, Strategies, expected_payoffs, largest_subgame_gain, nash_conv
from simulator.bargaining.private_values import efficiency_ceiling
from simulator.bargaining.rules import Outcome, Party
from simulator.bargaining.solutions import nash_price
from simulator.bargaining.subgame_perfect import subgame_perfect
from simulator.metrics.negotiation import fairness_score, midpoint_distance, price_distance

Values = NDArray[np.float64]

TOLERANCE = 0.05  # of the surplus: what counts as nothing to gain, and as the same price


class Verdict(StrEnum):
    """What the figures say together."""

    SOLVED = "solved: nobody gains by another strategy in any state, and the price is the subgame-perfect one"
    OTHER_PRICE = "not solved: hardly anything to gain in any state, but the price is not the subgame-perfect one"
    NASH_ONLY = "not solved: nobody gains from the beginning, but off the path a party would do better to break its own plan"
    FAIR_ONLY = "not solved: the price is near the middle, but a party gains by another strategy"
    OPEN = "not solved: a party gains by another strategy"
    NO_SURPLUS = "nothing to solve: there is no surplus"


@dataclass(frozen=True)
class Judgement:
    """Two strategies in figures. Distances and gains are shares of the surplus; means are over deals, nan without any."""

    deals: float  # chance of a deal
    price: float  # mean
    rounds: float  # mean number of offers until the deal
    supplier_payoff: float  # in the game's money, like the next
    retailer_payoff: float
    nash_distance: float  # of the price from the Nash solution of equal shares
    midpoint_distance: float  # the same as a share of the middle price
    perfect_distance: float  # of the price from the subgame-perfect one
    perfect_price: float  # nan if the equilibrium has no deal
    fairness: float  # 1 equal shares, 0 all to one
    surplus_efficiency: float  # of the surplus, what deals realise
    discounted_efficiency: float  # of the surplus, what deals leave after the discount
    efficiency_ceiling: float  # what information allows: 1, because both valuations are known
    nash_conv: float  # gains of both by another strategy from the beginning, summed
    subgame_gain: float  # the most that one gains by another strategy from any state
    verdict: Verdict


def reached_deals(game: GridGame, strategies: Strategies) -> Values:
    """Return (turns, prices) the chance that the offer standing in a turn is accepted."""
    deals, reach = np.zeros((game.turns, len(game.prices))), np.zeros(len(game.prices))
    reach[0] = 1.0
    for turn in range(game.turns):
        strategy = strategies[game.rules.proposer(turn)]
        deals[turn] = reach * strategy.accept[turn]
        further, counter = reach * (1.0 - strategy.accept[turn] - strategy.walk_away[turn]), strategy.counter[turn]
        mixed = counter.ndim == 2
        reach = np.asarray(further @ counter if mixed else np.bincount(counter.astype(np.int64), further, len(reach)), np.float64)
    return deals


def judge(game: GridGame, strategies: Strategies, tolerance: float = TOLERANCE) -> Judgement:
    """Judge the strategies of supplier and retailer; all figures are exact for the grid.

    tolerance : of the surplus, for the verdict. Raises ValueError for strategies that do not fit the game.
    """
    supplier, retailer = game.supplier_value, game.retailer_value
    surplus = retailer - supplier
    payoffs = expected_payoffs(game, strategies)
    deals = reached_deals(game, strategies)
    turns = np.arange(game.turns)[:, None]
    left = np.array([0.0, *(game.rules.left(turn - 1) for turn in range(1, game.turns))])[:, None]
    ending = subgame_perfect(game.rules, supplier, retailer).ending()
    reference = ending.price if ending.outcome is Outcome.DEAL else float("nan")
    unit = surplus if surplus > 0.0 else float("nan")

    def mean(figure: Values) -> float:
        total = float(deals.sum())
        return float((deals * figure)[deals > 0.0].sum() / total) if total > 0.0 else float("nan")

    nash = mean(price_distance(game.prices, nash_price(supplier, retailer), supplier, retailer))
    perfect = mean(price_distance(game.prices, reference, supplier, retailer))
    gain, conv = largest_subgame_gain(game, strategies) / unit, nash_conv(game, strategies) / unit
    return Judgement(
        deals=float(deals.sum()),
        price=mean(game.prices),
        rounds=mean(turns + 0.0 * deals),
        supplier_payoff=payoffs[Party.SUPPLIER],
        retailer_payoff=payoffs[Party.RETAILER],
        nash_distance=nash,
        midpoint_distance=mean(midpoint_distance(game.prices, supplier, retailer)),
        perfect_distance=perfect,
        perfect_price=reference,
        fairness=mean(fairness_score(game.prices, supplier, retailer)),
        surplus_efficiency=float(deals.sum()) if surplus > 0.0 else float("nan"),
        discounted_efficiency=float((deals * left).sum()) if surplus > 0.0 else float("nan"),
        efficiency_ceiling=_ceiling(game),
        nash_conv=conv,
        subgame_gain=gain,
        verdict=verdict_of(surplus, nash, perfect, conv, gain, tolerance),
    )


def _ceiling(game: GridGame) -> float:
    """By the general formula, of two supports that are points."""
    if game.retailer_value <= game.supplier_value:
        return float("nan")
    known = {"supplier": (game.supplier_value,) * 2, "retailer": (game.retailer_value,) * 2}
    return efficiency_ceiling(msgspec.structs.replace(game.rules, **known))


def verdict_of(surplus: float, nash: float, perfect: float, conv: float, gain: float, tolerance: float) -> Verdict:
    """Return what figures mean together.

    >>> verdict_of(surplus=1.0, nash=0.0, perfect=0.3, conv=0.4, gain=0.4, tolerance=0.05).name
    'FAIR_ONLY'
    """
    if surplus <= 0.0:
        return Verdict.NO_SURPLUS
    if gain <= tolerance:
        return Verdict.SOLVED if perfect <= tolerance else Verdict.OTHER_PRICE
    if conv <= tolerance:
        return Verdict.NASH_ONLY
    return Verdict.FAIR_ONLY if nash <= tolerance else Verdict.OPEN
