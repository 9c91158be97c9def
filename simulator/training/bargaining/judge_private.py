"""How negotiations between two with private valuations went, with intervals, beside what information allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.bargaining.private_values import efficiency_ceiling
from simulator.bargaining.protocol import Rows
from simulator.bargaining.rules import Outcome, Rules
from simulator.bargaining.solutions import nash_price
from simulator.bargaining.tournament import Mean, mean_of
from simulator.metrics.negotiation import fairness_score, midpoint_distance, price_distance

MIDPOINT_GOAL, DEALS_GOAL, ROUNDS_GOAL, FAIRNESS_GOAL = 0.05, 0.9, 5.0, 0.85


@dataclass(frozen=True)
class PrivateJudgement:
    """What came of negotiations. Means are over the negotiations with a surplus, and of prices over their deals."""

    negotiations: int
    deals: Mean  # share
    rounds: Mean  # offers until the deal
    midpoint_distance: Mean  # of the price from the middle of both valuations, as a share of that middle
    nash_distance: Mean  # the same distance as a share of the surplus
    fairness: Mean  # 1 equal shares, 0 all to one
    surplus_efficiency: Mean  # of the mean surplus, what deals realise
    discounted_efficiency: Mean  # of the mean surplus, what deals leave after the discount
    efficiency_ceiling: float  # of the surplus, what private valuations allow; nan without a closed form
    losses: int  # deals at a loss to one
    supplier_payoff: Mean
    retailer_payoff: Mean
    goals: dict[str, bool]  # near the middle, deals, rounds, fairness, efficiency: whether each is reached


def judge_private(rules: Rules, rows: Rows, rewards: NDArray[np.float64]) -> PrivateJudgement:
    """Judge (n,) NEGOTIATION that are over, with (n, 2) what they were worth. Raises ValueError for none with a surplus."""
    value, price, deal = rows["value"], rows["price"], rows["outcome"] == Outcome.DEAL
    least, most = value[:, 0], value[:, 1]
    surplus, wanted = most - least, most > least
    if not wanted.any():
        raise ValueError("no negotiation has a surplus; raise the retailer's valuations")
    left = np.array([rules.left(offer) for offer in range(rules.offers + 1)])[np.maximum(rows["standing"], 0)]
    made, share = deal & wanted, np.maximum(surplus, 0.0) / surplus[wanted].mean()
    middle, fairness = mean_of(midpoint_distance(price, least, most)[made]), mean_of(fairness_score(price, least, most)[made])
    deals, rounds = mean_of(deal[wanted]), mean_of(rows["offers"][made])
    efficiency = mean_of((deal * share)[wanted])
    return PrivateJudgement(
        negotiations=len(rows),
        deals=deals,
        rounds=rounds,
        midpoint_distance=middle,
        nash_distance=mean_of(price_distance(price, nash_price(least, most), least, most)[made]),
        fairness=fairness,
        surplus_efficiency=efficiency,
        discounted_efficiency=mean_of((deal * share * left)[wanted]),
        efficiency_ceiling=_ceiling(rules),
        losses=int((deal & ((price < least) | (price > most))).sum()),
        supplier_payoff=mean_of(rewards[:, 0]),
        retailer_payoff=mean_of(rewards[:, 1]),
        goals={
            f"midpoint_distance < {MIDPOINT_GOAL}": middle.value < MIDPOINT_GOAL,
            f"deals > {DEALS_GOAL}": deals.value > DEALS_GOAL,
            f"rounds < {ROUNDS_GOAL}": rounds.value < ROUNDS_GOAL,
            f"fairness > {FAIRNESS_GOAL}": fairness.value > FAIRNESS_GOAL,
            f"surplus_efficiency > {FAIRNESS_GOAL}": efficiency.value > FAIRNESS_GOAL,
        },
    )


def _ceiling(rules: Rules) -> float:
    try:
        return efficiency_ceiling(rules)
    except ValueError:
        return float("nan")
