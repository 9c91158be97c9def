"""How an agent behaves in a market and a window, as numbers: what each means, and all of them together.

Only what is public, and nothing of it absolute where a ratio says the same: sizes count in the market's usual order, distances and gains in
its usual spread, moves in its usual move.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spark_jobs.clustering import ordering, timing, trading
from spark_jobs.clustering.by_agent import Numbers
from spark_jobs.clustering.window import Window


class Feature(NamedTuple):
    """unit and meaning of a number, and what is said of a group in which it is low, or high."""

    unit: str
    meaning: str
    low: str
    high: str


FEATURES: dict[str, Feature] = {
    "order_rate": Feature("log(1 + orders a minute)", "orders that it enters", "enters few orders", "enters many orders"),
    "market_share": Feature(
        "share of its orders", "those that could not rest (IOC, FOK, market)", "hardly uses market orders", "uses market orders"
    ),
    "order_size": Feature("log of the market's median order", "mean lots of its orders", "places small orders", "places large orders"),
    "size_dispersion": Feature(
        "standard deviation by mean", "of the lots of its orders", "always places the same size", "varies the size of its orders"
    ),
    "cancel_share": Feature("share of its resting orders", "those that it withdraws", "withdraws hardly any order", "withdraws its orders"),
    "modify_share": Feature("share of orders and changes", "changes of orders in the book", "never moves an order", "moves its orders"),
    "lifetime": Feature(
        "log(1 + steps)", "median time that its orders rest, up to the window's end", "rests orders briefly", "rests orders for long"
    ),
    "distance": Feature(
        "usual spreads",
        "mean distance of its resting orders from the mid as they come in",
        "rests close to the mid",
        "rests far from the mid",
    ),
    "distance_dispersion": Feature(
        "usual spreads", "standard deviation of that distance", "rests at one distance", "rests at many distances"
    ),
    "two_sided": Feature(
        "share of the time with an open order", "with orders on both sides", "has orders on one side at a time", "has orders on both sides"
    ),
    "open_orders": Feature("log(1 + orders)", "mean open orders while there are any", "has one order open", "has many orders open"),
    "maker_share": Feature("share of its lots", "traded by orders that rested", "trades by taking", "trades by being taken"),
    "fill_ratio": Feature("share of its resting lots", "those that traded", "is rarely filled", "is mostly filled"),
    "partners": Feature(
        "log of their effective number", "those whom it trades with (inverse Herfindahl index)", "trades with few", "trades with many"
    ),
    "gain": Feature("usual spreads a lot", "mid 5 s after its trades against their price", "loses by its trades", "gains by its trades"),
    "instant_momentum": Feature(
        "usual moves",
        "move of 0.2 s before its taking orders, in their direction",
        "takes against the last move",
        "takes with the last move",
    ),
    "short_momentum": Feature(
        "usual moves", "the same of 1 s", "takes against the last second's move", "takes with the last second's move"
    ),
    "long_momentum": Feature("usual moves", "the same of 5 s", "takes against the trend", "takes with the trend"),
    "sign_persistence": Feature(
        "-1 to 1", "whether a taking order has the side of the one before", "changes sides", "takes the same side again and again"
    ),
    "one_sidedness": Feature("share of its lots", "net of all it traded", "trades out as much as in", "trades one way"),
    "position": Feature("log(1 + own mean orders)", "mean size of its position", "holds little", "holds a large position"),
    "holding_time": Feature("log(1 + steps)", "how long it holds what it trades (inventory turnover)", "holds briefly", "holds for long"),
    "burstiness": Feature("-1 to 1", "of the time between its acts: -1 a clock, 0 chance, 1 bursts", "acts like a clock", "acts in bursts"),
    "unevenness": Feature(
        "log of deviation by mean", "its acts by tens of seconds", "is active all the time", "is active at some times only"
    ),
    "periodicity": Feature(
        "log of largest by mean power", "of its acts by tens of seconds", "is active without a rhythm", "is active in waves"
    ),
    "reaction": Feature(
        "log of the usual move", "move of the step before its acts", "acts whatever the price just did", "acts right after a move"
    ),
    "volatility": Feature("log of the usual move", "move of 5 s before its acts", "acts when it is quiet", "acts when the price has run"),
    "talk": Feature("log(1 + 10 x broadcasts an order)", "what it tells everybody", "is silent", "talks to everybody"),
    "heeding": Feature("-1 to 1", "taking orders in the direction of what others just told", "trades against the talk", "follows the talk"),
}


def measure(window: Window) -> Numbers:
    """Features of `window.agents`, (agents, features), NaN where an agent did nothing of the kind."""
    found = ordering.measure(window) | trading.measure(window) | timing.measure(window)
    with np.errstate(divide="ignore"):
        table = np.column_stack([found[name] for name in FEATURES]) if window.count else np.zeros((0, len(FEATURES)))
    return np.where(np.isfinite(table), table, np.nan)
