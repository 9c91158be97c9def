"""Quotes of every two agents: who comes to the same price at the same time, and whose prices move as one away from the crowd.

Common prices, and floors under prices that differ: Marshall and Marx, "The economics of collusion" (2012); Abrantes-Metz et al., "A
variance screen for collusion", International Journal of Industrial Organization 24 (2006).
"""

from __future__ import annotations

import numpy as np

from spark_jobs.detection.auctions import both
from spark_jobs.detection.columns import Array, Column, Orders
from spark_jobs.detection.compiled import kernel
from spark_jobs.detection.dealings import last_prices
from spark_jobs.detection.movers import Movers
from spark_jobs.detection.pairs.statistics import beside_own, excess, likeness
from spark_jobs.detection.stances import Stances, joint

_MOVES = (
    "moves",  # times that both came to a price and stayed, see stances
    "moves_tie",  # nats by which that is more than with any other
    "moves_overlap",  # those together, of all of either
    "moves_side",  # 0 for as many to buy as to sell
    "moves_crowd",  # agents at those prices, on average
    "moves_lag",  # steps from one to the other, on average
    "moves_lag_deviation",  # of them, beside their mean
)
_SIDES = (
    "both",  # share of the time in which both quote
    "there_alike",  # correlation of being there
    "alike",  # correlation of how far their prices are from the last one
    "alike_out",  # how far that stands out among those of either, in deviations
    "close",  # share of the time of both in which their prices are nearly the same
    "far",  # share of the time in which both are away from the touch
    "far_close",  # share of that in which their prices are nearly the same
    "far_excess",  # nats by which that is more than for any two
    "far_excess_out",  # how far that stands out
)
FEATURES = (*_MOVES, *(f"{side}_{name}" for side in ("bid", "ask") for name in _SIDES))
TIME = 20  # steps from one look at the quotes to the next
NEAR, AWAY = 0.002, 0.005  # shares of the price: nearly the same, and away from the touch
_FARTHEST = 0.3


def of_moves(known: Stances, agents: Array) -> dict[str, Array]:
    """The features of joint moves."""
    together, movers = joint(known), Movers()
    for place in np.argsort(together.begin, kind="stable").tolist():
        one, two = int(together.one[place]), int(together.two[place])
        lag, side = abs(int(known.begin[two] - known.begin[one])), int(known.side[one])
        begin, end, there = (int(column[place]) for column in (together.begin, together.end, together.there))
        movers.take_in(both(int(known.agent[one]), int(known.agent[two])), side, begin, end, lag, there)
    found = {name: np.zeros((len(agents), len(agents))) for name in _MOVES}
    for pair, record in movers.records.items():
        one, two = np.searchsorted(agents, pair).tolist()
        moves = record.moves
        numbers = (
            moves, movers.tie(pair), moves / (movers.moves[pair[0]] + movers.moves[pair[1]] - moves),
            abs(2.0 * record.bids / moves - 1.0), record.there / moves, record.lag / moves, record.lag_deviation(),
        )  # fmt: skip
        for name, number in zip(_MOVES, numbers, strict=True):
            found[name][one, two] = found[name][two, one] = number
    return found


def of_quotes(known: Stances, orders: Orders, agents: Array, last: int) -> dict[str, Array]:
    """The features of prices over time; `last` is the last step."""
    times = last // TIME + 1
    prices = np.array(list(last_prices(orders, np.arange(times) * TIME).values()))
    found: dict[str, Array] = {}
    for side, name in enumerate(("bid", "ask")):
        ours = known.side == side
        best = best_quotes(known.price[ours], known.begin[ours], known.end[ours], np.searchsorted(agents, known.agent[ours]), side,
                           np.zeros((len(agents), times), np.int64), last)  # fmt: skip
        there = (best > 0) & (prices > 0)
        away = np.where(there, np.clip(best / np.maximum(prices, 1) - 1.0, -_FARTHEST, _FARTHEST), 0.0)
        found |= {f"{name}_{each}": numbers for each, numbers in _of_side(away, there, side).items()}
    return found


def _of_side(away: Array, there: Array, side: int) -> dict[str, Array]:
    touch = np.where(there, away, np.inf).min(axis=0) if side else np.where(there, away, -np.inf).max(axis=0)
    out = there & (np.abs(away - np.where(np.isfinite(touch), touch, 0.0)) > AWAY)
    near, near_out = (np.zeros((len(away), len(away))) for _ in range(2))
    count_near(np.ascontiguousarray(away.T), np.ascontiguousarray(there.T), np.ascontiguousarray(out.T), near, near_out)
    both_there, both_out = (each.astype(np.float64) @ each.T.astype(np.float64) for each in (there, out))
    np.fill_diagonal(both_out, 0.0)
    alike, more = likeness(away, there), excess(near_out, both_out * near_out.sum() / max(both_out.sum(), 1.0))
    return {
        "both": both_there / there.shape[1], "there_alike": likeness(there.astype(np.float64), np.ones(there.shape, np.bool_)),
        "alike": alike, "alike_out": beside_own(alike), "close": near / np.maximum(both_there, 1.0), "far": both_out / there.shape[1],
        "far_close": near_out / np.maximum(both_out, 1.0), "far_excess": more, "far_excess_out": beside_own(more),
    }  # fmt: skip


@kernel
def best_quotes(price: Column, begin: Column, end: Column, agent: Column, side: int, found: Array, last: int) -> Array:
    """Write each agent's best price at every look, (n, times), 0 without one."""
    for row in range(len(price)):
        for time in range((begin[row] + TIME - 1) // TIME, min(end[row], last) // TIME + 1):
            known = found[agent[row], time]
            if known == 0 or (price[row] < known if side == 1 else price[row] > known):
                found[agent[row], time] = price[row]
    return found


@kernel
def count_near(away: Array, there: Array, out: Array, near: Array, near_out: Array) -> None:
    """Count the looks (times, n) at which two quote nearly the same price, and those at which both are away from the touch besides."""
    for time in range(len(away)):
        for one in range(away.shape[1]):
            for two in range(one if there[time, one] else 0):
                if there[time, two] and abs(away[time, one] - away[time, two]) < NEAR:
                    near[one, two] += 1.0
                    near[two, one] += 1.0
                    if out[time, one] and out[time, two]:
                        near_out[one, two] += 1.0
                        near_out[two, one] += 1.0
