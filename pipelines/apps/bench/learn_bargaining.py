"""Whether two who learn from play alone solve a negotiation of ten offers, and how fast.

Both valuations are known, every offer is answered, each round leaves 95 % of the surplus, and no agreement is worth nothing. Solved means
that from no state, reached or not, a party gains more than 5 % of the surplus by another strategy, and that the price lies within 5 % of
the surplus of the subgame-perfect one.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median
from typing import Any

from simulator.bargaining.best_response import GridGame
from simulator.training.bargaining.judge import Judgement, Verdict, judge
from simulator.training.bargaining.q_config import TableConfig
from simulator.training.bargaining.q_learning import QLearner

SEEDS = range(5)


def solve_bargaining(seeds: Sequence[int] = SEEDS) -> dict[str, Any]:
    """Learn with each seed and judge exactly; returns {"figures": {name: number}}. Gains and distances are shares of the surplus."""
    found: list[Judgement] = []
    seconds: list[float] = []
    for seed in seeds:
        start = time.process_time()
        found.append(learned(TableConfig(seed=seed)))
        seconds.append(time.process_time() - start)
    return {
        "figures": {
            "bargaining_seeds": len(found),
            "bargaining_seeds_solved": sum(told.verdict is Verdict.SOLVED for told in found),
            "bargaining_worst_subgame_gain": round(max(told.subgame_gain for told in found), 4),
            "bargaining_worst_price_distance": round(max(told.perfect_distance for told in found), 4),
            "bargaining_worst_nash_conv": round(max(told.nash_conv for told in found), 4),
            "bargaining_seconds_per_seed": round(median(seconds), 2),
        }
    }


def learned(config: TableConfig) -> Judgement:
    """Let both parties learn and judge what they do."""
    strategy = QLearner(config).learn().strategy()
    least, most = config.rules.supplier[0], config.rules.retailer[0]
    return judge(GridGame(config.rules, least, most, config.step), (strategy, strategy))
