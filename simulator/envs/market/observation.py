"""What a learning agent sees: public features of its symbol and its own position, each of order one.

One function for the environment and for saved policies, in Python and compiled, so that a policy meets in the market what it
met in training. Only + - x / and comparisons are used: the features are the same bits on every machine.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.envs.market.raw_memory import store
from simulator.world.jit import both_ways, compiled_form
from simulator.world.view import mean_mid, mid, mid_ago

FEATURES = (
    "return_1",  # of the mid over so many steps
    "return_5",
    "return_20",
    "return_100",
    "deviation_50",  # of the mid from its mean over 50 steps
    "last_trade",  # last traded price against the mid
    "spread",  # over the mid; -1 while a side is empty
    "imbalance",  # lots at best bid less at best ask, over their sum
    "volume",  # of the step before, 0..1
    "signal",  # fundamental value against the mid; 0 for agents that may not see it
    "inventory",  # over the position limit
    "cash",  # against the start
    "resting_bids",  # lots over the position limit
    "resting_asks",
    "time_left",  # share of the episode
)
START_CASH = 10_000_000
"""100,000.00 in ticks of 0.01 x lots: the unit of the feature `cash`."""

_RETURNS = 200.0  # a move of half a per cent is 1
_SPREAD = 1000.0  # a spread of a tenth of a per cent is 1
_VOLUME = 20.0  # lots at which the feature is one half
_BOUND = 5.0


def put_feature(target: Any, index: int, value: float) -> None:
    """Write a feature, cut to [-5, 5] and rounded to float32."""
    target[index] = float(np.float32(min(max(value, -_BOUND), _BOUND)))


@compiled_form(put_feature)
def _put_feature(target: Any, index: int, value: float) -> None:
    store(target, index, float(np.float32(min(max(value, -_BOUND), _BOUND))))


@both_ways
def observe(view: Any, target: Any, horizon: int) -> None:
    """Write the FEATURES of a view to `target`: compiled an address of float64 numbers, in Python anything that takes items.

    horizon : steps of an episode; the time left begins anew after each.
    """
    observe_prices(view, target)
    observe_book(view, target)
    observe_position(view, target)
    put_feature(target, 14, 1.0 - (view.step % horizon) / horizon)


@both_ways
def observe_prices(view: Any, target: Any) -> None:
    """Write what the price did."""
    now = mid(view)
    put_feature(target, 0, (now / mid_ago(view, 1) - 1.0) * _RETURNS)
    put_feature(target, 1, (now / mid_ago(view, 5) - 1.0) * _RETURNS)
    put_feature(target, 2, (now / mid_ago(view, 20) - 1.0) * _RETURNS)
    put_feature(target, 3, (now / mid_ago(view, 100) - 1.0) * _RETURNS)
    put_feature(target, 4, (now / mean_mid(view, 50) - 1.0) * _RETURNS)
    put_feature(target, 5, (view.last / now - 1.0) * _RETURNS)


@both_ways
def observe_book(view: Any, target: Any) -> None:
    """Write the state of the best bid and ask."""
    spread, imbalance = -1.0, 0.0
    if view.best_bid > 0 and view.best_ask > 0:
        spread = (view.best_ask - view.best_bid) / mid(view) * _SPREAD
    if view.bid_size + view.ask_size > 0:
        imbalance = (view.bid_size - view.ask_size) / (view.bid_size + view.ask_size)
    put_feature(target, 6, spread)
    put_feature(target, 7, imbalance)
    put_feature(target, 8, view.volume / (view.volume + _VOLUME))


@both_ways
def observe_position(view: Any, target: Any) -> None:
    """Write what the agent knows and owns."""
    signal = 0.0
    if view.signal > 0.0:
        signal = (view.signal / mid(view) - 1.0) * _RETURNS
    limit = max(view.position_limit, 1)
    put_feature(target, 9, signal)
    put_feature(target, 10, view.inventory / limit)
    put_feature(target, 11, view.cash / START_CASH - 1.0)
    put_feature(target, 12, view.bid_lots / limit)
    put_feature(target, 13, view.ask_lots / limit)
