"""What an agent trades, in which direction, and what it holds.

Sources: inventories that revert, Hasbrouck and Sofianos, "The trades of market makers", Journal of Finance 48 (1993); momentum and
contrarian trading by the return before a trade, Grinblatt and Keloharju, "The investment behavior and performance of various investor
types", Journal of Financial Economics 55 (2000); gain after a trade as realised spread, Huang and Stoll, "Dealer versus auction markets",
Journal of Financial Economics 41 (1996).
"""

from __future__ import annotations

import numpy as np

from spark_jobs.clustering.by_agent import Array, Numbers, mean, ratio, total
from spark_jobs.clustering.window import Sides, Steps, Window

HORIZONS = {"instant": 2, "short": 10, "long": 50}  # steps before an order that came in and traded: 0.2, 1 and 5 s
GAIN = 50  # steps after a trade
PRIOR = 2.0  # orders of no direction that every agent is taken to have sent besides: a few orders say little


def measure(window: Window) -> dict[str, Numbers]:
    """Features by name, each (agents,), NaN where an agent did nothing of the kind."""
    return _filled(window) | _direction(window) | _held(window)


def _filled(window: Window) -> dict[str, Numbers]:
    sides, count, resting = window.sides, window.count, window.resting
    lots, passive = total(sides.agent, count, sides.size), total(sides.agent, count, sides.size * ~sides.came_in)
    pairs = np.unique(sides.agent * max(count, 1) + sides.partner, return_inverse=True)
    with_each = np.bincount(pairs[1], sides.size, len(pairs[0]))
    squares = total(pairs[0] // max(count, 1), count, with_each**2)
    later = window.mids[np.minimum(sides.step + GAIN, window.steps - 1)]
    return {
        "maker_share": ratio(passive, lots),
        "fill_ratio": np.minimum(ratio(passive, total(resting.agent, count, resting.size)), 1.0),
        "partners": np.log(ratio(lots**2, squares)),
        "gain": mean(sides.agent, count, sides.sign * (later - sides.price) / window.spread, sides.size),
    }


def taken(sides: Sides) -> tuple[Steps, Steps, Steps]:
    """Agent, step and sign of each order that traded as it came in, by agent and time."""
    order = np.lexsort((sides.seq, sides.agent))
    order = order[sides.came_in[order]]
    once = order[np.sort(np.unique(sides.order_id[order], return_index=True)[1])]
    return sides.agent[once], sides.step[once], sides.sign[once]


def _direction(window: Window) -> dict[str, Numbers]:
    agent, step, sign = taken(window.sides)
    found = {}
    for name, steps in HORIZONS.items():
        move = window.moves(steps)
        scale = float(move.std()) or 1.0
        found[f"{name}_momentum"] = total(agent, window.count, sign * move[step] / scale) / (total(agent, window.count) + PRIOR)
    again = agent[1:] == agent[:-1]
    repeats = total(agent[1:][again], window.count, (sign[1:] * sign[:-1])[again])
    return found | {"sign_persistence": repeats / (total(agent[1:][again], window.count) + PRIOR)}


def _held(window: Window) -> dict[str, Numbers]:
    """Positions count from the window's begin; each lasts until the next trade of the agent."""
    sides, count = window.sides, window.count
    order = np.lexsort((sides.seq, sides.agent))
    agent, step, lots = sides.agent[order], sides.step[order], (sides.sign * sides.size)[order]
    first = np.diff(agent, prepend=-1) > 0
    position = np.cumsum(lots)
    position -= _since(first, position - lots)
    until = np.append(step[1:], window.steps)
    until[np.append(first[1:], True)[: len(until)]] = window.steps
    held = total(agent, count, np.abs(position) * (until[: len(step)] - step)) / window.steps
    traded = total(agent, count, np.abs(lots))
    usual = mean(window.entered.agent, count, window.entered.size)
    return {
        "one_sidedness": ratio(np.abs(total(agent, count, lots)), traded),
        "position": np.log1p(ratio(held, usual)),
        "holding_time": np.log1p(ratio(2 * held * window.steps, traded)),
    }


def _since(first: Array, values: Array) -> Array:
    """For each row the value of the last row that was a first one."""
    rows = np.flatnonzero(first)
    return np.repeat(values[rows], np.diff(rows, append=len(values)))
