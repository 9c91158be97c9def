"""The stylised facts of one market, from its own log."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.metrics import autocorrelation, decay_exponent, impact_exponent, tail_index
from simulator.run import run
from simulator.types import RecordKind
from simulator.world.scenario import Scenario

INTERVAL = 10  # steps of a return
WARM_UP = 500  # steps until the book has filled
LAGS = 100

Numbers = NDArray[np.float64]


class Facts(NamedTuple):
    """One market. A figure that does not show is nan."""

    mid: Numbers  # (intervals + 1,) ticks
    returns: Numbers  # (intervals,) logarithmic
    size_correlations: Numbers  # (LAGS,) of absolute returns
    sign_correlations: Numbers  # (LAGS,) of the sides that came in, trade by trade
    autocorrelation_1: float  # of returns
    tail_index: float
    storm_decay: float  # exponent with which the correlation of absolute returns decays
    volume_volatility: float  # correlation of volume and absolute return
    sign_decay: float
    impact: float  # exponent of the mean move in the volume bought less sold, per interval


def measure(scenario: Scenario, seed: int, steps: int) -> Facts:
    """Play the first world of a seed and measure it."""
    bid, ask, bought, sold = (np.zeros(steps) for _ in range(4))
    signs = []
    for block in run(scenario, seed, steps=steps):
        records = block.records
        ticks = records[records["kind"] == RecordKind.TICK]
        bid[ticks["step"]], ask[ticks["step"]] = ticks["order_id"], ticks["other_id"]
        trades = records[records["kind"] == RecordKind.TRADE]
        buys = trades["side"] == 0
        np.add.at(bought, trades["step"][buys], trades["size"][buys])
        np.add.at(sold, trades["step"][~buys], trades["size"][~buys])
        came_in = np.where(buys, trades["order_id"], trades["other_id"])
        signs.append(np.where(buys, 1.0, -1.0)[np.append(True, came_in[1:] != came_in[:-1])[: len(trades)]])
    return facts_of(_last_known((bid + ask) / 2, (bid > 0) & (ask > 0)), bought, sold, np.concatenate(signs))


def facts_of(mid: Numbers, bought: Numbers, sold: Numbers, signs: Numbers) -> Facts:
    """The facts of series per step and of signs per order that came in."""
    intervals = (len(mid) - WARM_UP - 1) // INTERVAL
    prices = mid[WARM_UP::INTERVAL][: intervals + 1]
    returns = np.diff(np.log(prices))
    buys, sells = (each[WARM_UP + 1 :][: intervals * INTERVAL].reshape(intervals, INTERVAL).sum(axis=1) for each in (bought, sold))
    sizes, sides = autocorrelation(np.abs(returns), LAGS), autocorrelation(signs, LAGS)
    return Facts(
        mid=prices,
        returns=returns,
        size_correlations=sizes,
        sign_correlations=sides,
        autocorrelation_1=float(autocorrelation(returns, 1)[0]),
        tail_index=tail_index(returns),
        storm_decay=decay_exponent(sizes),
        volume_volatility=float(np.corrcoef(buys + sells, np.abs(returns))[0, 1]),
        sign_decay=decay_exponent(sides),
        impact=impact_exponent(buys - sells, np.diff(prices)),
    )


def _last_known(values: Numbers, known: NDArray[np.bool_]) -> Numbers:
    """Each value, or the last known one before it; before the first known one, that."""
    places = np.maximum.accumulate(np.where(known, np.arange(len(values)), 0))
    filled = values[places]
    filled[: np.argmax(known)] = values[np.argmax(known)]
    return filled
